"""The hand-written logs of tests/fixtures: what they amount to, and what must not leave them."""

from __future__ import annotations

import io
import logging
import shutil
import traceback
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from tests.sources.reference import expected
from tests.sources.road import CANARY, FIXTURES, Road, Spent
from tests.sources.test_worlds import spent
from tokwatch.model.usage import Dimension
from tokwatch.sources import source_named
from tokwatch.sources.agents import claude_transcript
from tokwatch.store.read.every import ledgers, log_counts

SHOP = "5f0c2b6e-7d1a-4c6e-9a01-2f4b6d8e0a11"
FORK = "8a4d1c3e-2b5f-4e7a-8c02-1d3f5b7a9c22"
GATEWAY = "c1e5a9d3-6f2b-4a8c-9e03-7b9d1f3a5c33"
OLD = "d7f3b1a5-9c4e-4d2b-8f04-3c5e7a9b1d44"
WORN = "e9b7d5c3-1a3f-4b6d-9c05-5a7c9e1b3f55"
THREADS = {letter: f"019b0000-0000-7000-8000-00000000000{letter}" for letter in "abcde"}
OPUS, HAIKU = "claude-opus-4-8", "claude-haiku-4-5-20251001"

TRUE_SUMS = {
    (SHOP, OPUS): Spent(6, 31, 4_100, 19_890, 62_080, 1_229, 40),
    (SHOP, HAIKU): Spent(3, 730, 6_200, 0, 0, 284, 0),
    (FORK, OPUS): Spent(1, 8, 0, 300, 18_840, 150, 60),
    (GATEWAY, "glm-5.1"): Spent(3, 23_150, 0, 0, 512, 118, 0),
    (OLD, "claude-opus-4-20250514"): Spent(2, 30, 1_000, 0, 1_000, 42, 0),
    (OLD, HAIKU): Spent(1, 7, 90, 0, 0, 70, 0),
    (WORN, OPUS): Spent(6, 5, 0, 0, 0, 290, 0),
    (WORN, "claude-[31mopus-4-8"): Spent(1, 0, 0, 0, 0, 70, 0),
    (THREADS["a"], "gpt-5.5"): Spent(2, 13_096, 0, 0, 11_904, 430, 150),
    (THREADS["a"], "gpt-5.3-codex"): Spent(2, 7_904, 0, 0, 26_096, 560, 170),
    (THREADS["b"], "gpt-5.5"): Spent(1, 1_904, 0, 0, 12_096, 270, 100),
    (THREADS["c"], "gpt-5.6-sol"): Spent(3, 14_565, 2_729, 0, 4_096, 677, 68),
    (THREADS["d"], "gpt-5.6-sol"): Spent(1, 540, 0, 0, 8_960, 110, 10),
    (THREADS["e"], "gpt-5.5"): Spent(2, 4_056, 0, 0, 2_944, 130, 25),
}
"""Added up by hand from the lines of the fixtures."""


@pytest.fixture
def fixture_home(home: Path) -> Path:
    """Return this test's home, with the fixtures in it."""
    shutil.copytree(FIXTURES, home, dirs_exist_ok=True)
    return home


def test_the_fixtures_amount_to_what_was_added_up_by_hand(road: Road, fixture_home: Path) -> None:
    """Section 0: every rule at once, on logs that were written by hand."""
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.MODEL)) == TRUE_SUMS


def test_the_reference_reader_agrees(road: Road, fixture_home: Path) -> None:
    """Section 0: days included."""
    road.read()

    assert spent(road.sums()) == spent(expected(fixture_home))


@pytest.mark.parametrize("order", list(permutations((".claude", ".codex"))))
def test_reading_in_small_pieces_gives_the_same(
    road: Road, home: Path, order: tuple[str, str]
) -> None:
    """4.2: every log grows by a kilobyte at a time."""
    for folder in order:
        logs = [path for path in sorted((FIXTURES / folder).rglob("*")) if path.is_file()]
        for size in range(0, 16_384, 1_024):
            for log in logs:
                target = home / log.relative_to(FIXTURES)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(log.read_bytes()[: size + 1_024])
            road.read()

    assert road.sums((Dimension.SESSION, Dimension.MODEL)) == TRUE_SUMS


def test_what_else_the_fixtures_tell(road: Road, fixture_home: Path) -> None:
    """Kinds of agents, tiers, lower bounds, searches, costs and hidden calls."""
    road.read()
    kinds = {kind for (kind,) in road.sums((Dimension.KIND,))}
    tiers = {(model, tier) for model, tier in road.sums((Dimension.MODEL, Dimension.TIER))}
    events = road.events()

    assert kinds == {"main", "Explore", "reviewer", "explorer", "sub-agent"}
    assert {(OPUS, "fast+us"), ("gpt-5.3-codex", "priority")} <= tiers
    assert sum(event.usage.lower_bound for event in events) == 2
    assert sum(event.usage.web_searches for event in events) == 2
    assert sum(event.usage.logged_nano for event in events) == 24_100_000
    assert len(ledgers(road.view)) == 1


def test_what_was_wrong_in_the_fixtures_is_counted(road: Road, fixture_home: Path) -> None:
    """4.2: bad and undated lines are told, by source."""
    road.read()
    counted = {log.source: log for log in log_counts(road.view)}
    claude, codex = counted["claude-code"], counted["codex"]

    assert (claude.files, claude.bad_lines, claude.undated, claude.unknown) == (8, 1, 1, 0)
    assert (codex.files, codex.bad_lines, codex.undated, codex.unknown) == (6, 0, 0, 0)


def stored_bytes(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file that tokwatch wrote."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def test_no_prompt_is_stored(road: Road, fixture_home: Path, tmp_path: Path) -> None:
    """4.7: neither in the database nor beside it, nor in the log."""
    logging.getLogger("tokwatch").setLevel(logging.DEBUG)
    road.read()
    with (fixture_home / ".claude/projects/-home-ana-shop" / f"{SHOP}.jsonl").open("ab") as log:
        log.write(b'{"type":"user","message":{"content":"' + CANARY.encode())
    road.read()
    written = dict(stored_bytes(tmp_path / "data"))

    assert "store.db" in written
    assert [name for name, content in written.items() if b"CANARY" in content] == []


def test_every_prompt_of_the_fixtures_has_the_canary() -> None:
    """The test above would prove nothing otherwise."""
    transcripts = [path for path in FIXTURES.rglob("*.jsonl") if path.is_file()]
    prompts = [
        line
        for path in transcripts
        for line in path.read_bytes().split(b"\n")
        if b'"promptId"' in line or b'"user_message"' in line
    ]

    assert len(prompts) > 10
    assert all(b"CANARY" in line or b"tool_result" in line for line in prompts)


def test_no_prompt_is_in_a_crash(
    road: Road,
    fixture_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """4.7: a fault of ours tells where it happened, not what was being read."""

    def crash(*seen: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(claude_transcript, "_sighting", crash)
    told = io.StringIO()
    try:
        road.read()
    except RuntimeError:
        traceback.print_exc(file=told)

    assert "a fault of ours" in told.getvalue()
    assert "CANARY" not in told.getvalue() + caplog.text


def test_titles_may_be_the_words_of_a_prompt_but_are_not_kept(fixture_home: Path) -> None:
    """DESIGN: a title is read for visible rows only."""
    codex = source_named("codex")
    assert codex is not None
    (rollout,) = (fixture_home / ".codex" / "archived_sessions").iterdir()

    assert codex.title_of(rollout, "") == CANARY


def test_the_fixtures_are_not_touched(road: Road, fixture_home: Path) -> None:
    """STYLE 46: another program's folder is only ever read."""
    before = {path: path.stat().st_mtime_ns for path in fixture_home.rglob("*")}
    road.read()

    assert {path: path.stat().st_mtime_ns for path in fixture_home.rglob("*")} == before
