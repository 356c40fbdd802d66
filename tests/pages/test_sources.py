"""The health of sources and store, as the store and the data folder tell it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tests.store.made_detail import write
from tokwatch.config import load
from tokwatch.doctor.checked import Checked, keep
from tokwatch.ingest.presence import Presence
from tokwatch.model.detail import Detail, Flight
from tokwatch.pages.sight import Sight
from tokwatch.pages.sources import SourcesAsk
from tokwatch.prices.header import FORMAT, package
from tokwatch.store.connect import Database
from tokwatch.store.store import REVISION

NOON_MS = 1_774_267_200_000
MADE = (
    Made(NOON_MS - 5_000, path="/logs/a.jsonl"),
    Made(NOON_MS - 1_000, path="/logs/b.jsonl"),
    Made(NOON_MS - 9_000_000, source="codex", path="/logs/c.jsonl"),
)
LOGS: tuple[dict[str, object], ...] = (
    {"path": "/logs/a.jsonl", "bad_lines": 2, "unknown": 1, "sample": "kind,seq"},
    {"path": "/logs/b.jsonl", "oversized_lines": 1, "undated": 3},
    {"path": "/logs/c.jsonl", "source": "codex"},
)


@pytest.fixture
def sight(database: Database, tmp_path: Path) -> Sight:
    view = build(database, MADE, logs=LOGS)
    data = tmp_path / "data"
    data.mkdir()
    return replace(sight_of(view, NOON_MS), config=load(None, data, environ={}))


def test_each_source_has_its_counts_and_its_newest_request(sight: Sight) -> None:
    write(sight.view.database, "/logs/a.jsonl", Detail(flights=(Flight(1, 5, "", "m"),)))

    page = SourcesAsk().answer(sight)

    claude, codex = page.counts["claude-code"], page.counts["codex"]
    assert (claude.files, codex.files) == (2, 1)
    assert (claude.bad_lines, claude.oversized_lines, claude.undated, claude.unknown) == (
        2,
        1,
        3,
        1,
    )
    assert (claude.troubles, codex.troubles) == (7, 0)
    assert claude.sample == "kind,seq"
    assert (claude.conversations, codex.conversations) == (1, 0)
    assert claude.newest is not None
    assert (claude.newest.instant_ms, claude.newest.path) == (NOON_MS - 1_000, "/logs/b.jsonl")
    assert codex.newest is not None
    assert codex.newest.instant_ms == NOON_MS - 9_000_000


def test_the_store_tells_its_size_and_schema(sight: Sight) -> None:
    health = SourcesAsk().answer(sight).health

    assert health is not None
    assert health.store.size_bytes > 10_000
    assert (health.store.revision, health.store.is_newest) == (REVISION, True)
    assert health.store.is_postgres is sight.view.database.postgres
    assert health.checked is None
    assert health.prices_days is None
    assert health.prices


def test_the_last_check_and_the_processes_are_those_of_the_data_folder(sight: Sight) -> None:
    data = sight.config.data
    checked = Checked(NOON_MS, ("store: torn",), ("every sum equals its events",))
    keep(data, checked)
    head = f'{{"format": {FORMAT}, "package": "{package()}", "update": "%s"}}\n'
    (data / "prices.json").write_text(head % "")
    installed = SourcesAsk().answer(sight).health
    (data / "prices.json").write_text(head % "abc")
    os.utime(data / "prices.json", (NOON_MS / 1000 - 200_000, NOON_MS / 1000 - 200_000))
    other = Presence(data, 4711)
    other.enter()

    health = SourcesAsk().answer(sight).health
    other.leave()

    assert health is not None
    assert health.checked == checked
    assert installed is not None
    assert installed.prices_days is None  # a copy of the installed list was fetched by nobody
    assert health.prices_days == 2
    assert [one.process for one in health.processes] == [4711]


def test_counts_are_kept_for_a_moment(sight: Sight) -> None:
    ask = SourcesAsk()
    before = ask.answer(sight).counts["claude-code"]
    sight.view.database.execute("UPDATE log SET bad_lines = 9")

    soon = ask.answer(replace(sight, now_ms=NOON_MS + 9_999)).counts["claude-code"]
    later = ask.answer(replace(sight, now_ms=NOON_MS + 10_000)).counts["claude-code"]

    assert soon == before
    assert later.bad_lines == 18
