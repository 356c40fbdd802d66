"""The page of one request: what is stored, its context, and its record in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.pages.request import ELSEWHERE, RequestAsk, RequestPage
from tokwatch.store.connect import Database
from tokwatch.store.view import IMPORTED

MARCH_MS = 1_772_323_200_000
RECORD = {"type": "assistant", "message": {"id": "msg_1", "text": "x" * 5_000}}


def log(folder: Path) -> Path:
    """Write a log whose record stands where the made event says."""
    path = folder / "log.jsonl"
    filler = json.dumps({"pad": ""})
    padded = json.dumps({"pad": " " * (99 - len(filler))})
    path.write_text(f"{padded}\n{json.dumps(RECORD)}\n")
    return path


def test_a_request_is_told_with_its_context(database: Database) -> None:
    view = build(database, [Made(MARCH_MS, window=2_000)])
    page = RequestAsk(1).answer(sight_of(view, MARCH_MS))
    assert page.stored is not None
    assert page.stored.evidence.key == 1
    assert page.context is not None
    assert (page.context.share, page.context.level) == (0.5, "ok")
    assert page.raw is None


def test_a_request_that_is_gone_is_told(database: Database) -> None:
    page = RequestAsk(7).answer(sight_of(build(database, []), MARCH_MS))
    assert page == RequestPage(None)


def test_its_record_is_read_once_it_is_asked_for(database: Database, tmp_path: Path) -> None:
    path = log(tmp_path)
    view = build(database, [Made(MARCH_MS, path=str(path))])
    ask = RequestAsk(1, shows_raw=True)
    raw = ask.answer(sight_of(view, MARCH_MS)).raw
    assert raw is not None
    assert raw.problem == ""
    assert '"id": "msg_1"' in raw.text
    assert "+3000 characters" in raw.text

    path.unlink()
    kept = ask.answer(sight_of(view, MARCH_MS)).raw
    assert kept == raw
    anew = replace(ask, memory=type(ask.memory)()).answer(sight_of(view, MARCH_MS)).raw
    assert anew is not None
    assert "gone" in anew.problem


def test_a_log_of_another_machine_cannot_be_opened(database: Database, tmp_path: Path) -> None:
    view = build(database, [Made(MARCH_MS, path=str(log(tmp_path)))])
    database.execute("UPDATE log SET inode = ?", (str(IMPORTED),))
    assert RequestAsk(1, shows_raw=True).answer(sight_of(view, MARCH_MS)).raw == ELSEWHERE
