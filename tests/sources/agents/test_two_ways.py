"""A session that reaches a store two ways, looked at whenever, counts as the greatest total seen.

The tool's folder is looked at while it grows; copies of it are looked at below another home.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents import (
    cline_logs,
    crush_logs,
    droid_logs,
    goose_logs,
    hermes_logs,
    vibe_logs,
    zed_logs,
)
from tests.sources.agents.databases import Tool, made, turns, writing
from tests.sources.road import Road, Spent
from tests.store import facts
from tokwatch.config import load
from tokwatch.ingest.ingest import Ingest
from tokwatch.sources.source import Surroundings


class Growing(NamedTuple):
    """A tool whose sessions tell running totals."""

    source: str
    turn: Callable[[Path, int], Path]
    """Lets the session in a home grow to a turn; returns the log."""
    each: Spent


def of_database(tool: Tool) -> Growing:
    """Return a tool with a database."""

    def turn(home: Path, number: int) -> Path:
        return turns(tool.path(home), tool, number)

    return Growing(tool.source, turn, tool.each)


def droid_turn(home: Path, number: int) -> Path:
    """Let a Droid session grow."""
    totals = (30 * number, 60 * number, 10 * number, 15 * number, 5 * number)
    moment = droid_logs.BEGAN_MS + number * droid_logs.HOUR_MS
    return droid_logs.save(home, droid_logs.settings(totals), changed_ms=moment)


def vibe_turn(home: Path, number: int) -> Path:
    """Let a Vibe session grow."""
    told = vibe_logs.stats(90 * number, 20 * number, 60 * number, 0.25 * number)
    at = f"2026-08-01T10:{number:02}:00+00:00"
    return vibe_logs.save(home, vibe_logs.meta(told, end_time=at))


GROWING = (
    Growing("droid", droid_turn, Spent(1, 30, 10, 0, 60, 20, 5)),
    Growing("vibe", vibe_turn, Spent(1, 30, 0, 0, 60, 20, 0)),
    *map(of_database, (hermes_logs.TOOL, hermes_logs.TOTALS_TOOL, goose_logs.TOTALS_TOOL)),
    *map(of_database, (crush_logs.TOOL, zed_logs.TOOL)),
)
NAMES = [f"{one.source}-{place}" for place, one in enumerate(GROWING)]


class Elsewhere:
    """A copy of a home, read into the store of a road as another machine's."""

    def __init__(self, road: Road, home: Path, data: Path) -> None:
        self.home = home
        config = load(data=data, environ={"TOKWATCH_GENERAL__MACHINE": "laptop"})
        where = Surroundings(home, {}, "linux")
        self._ingest = Ingest(config, road.database, 1, where, zone=UTC)

    def take(self, home: Path, log: Path) -> None:
        """Copy a log from a home, and read the copy."""
        target = self.home / log.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        copied = Path(shutil.copy2(log, target.with_name("copied")))
        os.replace(copied, target)
        if target.name == "crush.db":
            crush_logs.registry(self.home, crush_logs.project(self.home))
        for _ in self._ingest.read(self._ingest.walk().pending):
            pass


LOOKS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4)


@pytest.mark.parametrize("tool", GROWING, ids=NAMES)
@settings(max_examples=10)
@given(looks=LOOKS, at_end=st.sampled_from(("here", "there", "both")))
def test_it_counts_once(
    tmp_path_factory: pytest.TempPathFactory,
    tool: Growing,
    looks: list[tuple[bool, bool]],
    at_end: str,
) -> None:
    folder = tmp_path_factory.mktemp("two")
    home = folder / "home"
    road = Road(home, folder / "data")
    other = Elsewhere(road, folder / "copy", folder / "data")
    is_last = len(looks)
    for turn, (is_here, is_there) in enumerate(looks, 1):
        log = tool.turn(home, turn)
        if is_there or (turn == is_last and at_end != "here"):
            other.take(home, log)
        if is_here or (turn == is_last and at_end != "there"):
            road.read()
    found, events = road.total(), facts.events(road.database).values()
    cost = sum(event.logged_nano or 0 for event in events)
    assert facts.cells(road.database) == facts.expected_cells(events)
    road.close()

    if tool.source == "crush":  # its tokens are those of the last request at each look
        assert cost == 10_000_000 * is_last
        assert tool.each.output <= found.output <= tool.each.output * is_last
    else:
        whole = Spent(*(part * is_last for part in tool.each))
        assert found._replace(requests=0) == whole._replace(requests=0)
    assert 1 <= found.requests <= 2 * is_last


def test_steps_keep_the_dates_of_the_finer_looks(home: Path, road: Road, tmp_path: Path) -> None:
    """0, 100, 300 here and 0, 300 there: the days of the finer steps stand."""
    other = Elsewhere(road, tmp_path / "copy", tmp_path / "data")
    for turn in (1, 3):
        log = droid_turn(home, turn)
        road.read()
    before = road.events()
    other.take(home, log)

    assert [one.usage.input for one in before] == [60, 30]
    assert road.events() == before


def test_goose_sessions_of_two_machines_are_two(home: Path, road: Road, tmp_path: Path) -> None:
    """Their names are the day and a number."""
    other = Elsewhere(road, tmp_path / "copy", tmp_path / "data")
    theirs = tmp_path / "theirs"
    for folder, at in ((home, "09:00:00"), (theirs, "11:00:00")):
        with writing(made(goose_logs.path(folder), goose_logs.TOTALS_SCHEMA)) as tables:
            goose_logs.session(tables, "20260801_1", created_at=f"2026-08-01 {at}")
            goose_logs.used(tables, "20260801_1", input=100, output=20)
    road.read()
    other.take(theirs, goose_logs.path(theirs))

    assert road.total().output == 40


def test_hermes_totals_that_were_told_apart_meanwhile_count_once(
    home: Path, road: Road, tmp_path: Path
) -> None:
    """One store saw the session before its models were told apart, the other only after."""
    other = Elsewhere(road, tmp_path / "copy", tmp_path / "data")
    file = made(hermes_logs.path(home), hermes_logs.TOTALS_SCHEMA)
    with writing(file) as tables:
        hermes_logs.session(tables)
        hermes_logs.used(tables, (30, 20, 60, 10, 5))
    road.read()
    with writing(file) as tables:
        tables.executescript(hermes_logs.BY_MODEL)
        hermes_logs.used(tables, (40, 25, 60, 10, 5))
        hermes_logs.by_model(tables, (40, 25, 60, 10, 5))
    other.take(home, file)
    road.read()

    assert road.total()._replace(requests=0) == Spent(0, 40, 10, 0, 60, 25, 5)


@pytest.mark.parametrize("is_copied_first", [True, False])
def test_messages_that_were_taken_back_meanwhile_count_once(
    home: Path, road: Road, tmp_path: Path, *, is_copied_first: bool
) -> None:
    """Here each was read before, and the copy tells only their sum; one more nobody read."""
    other = Elsewhere(road, tmp_path / "copy", tmp_path / "data")
    kept, at = cline_logs.request(), cline_logs.AT_MS
    cline_logs.task_log(home, [kept, cline_logs.request(at + 1), cline_logs.request(at + 2)])
    road.read()
    three = cline_logs.info(300, 120, 3_000, 60_000, cost=0.036)
    taken = cline_logs.say("deleted_api_reqs", at + 4, three)
    log = cline_logs.task_log(home, [kept, taken])
    for is_copy in (is_copied_first, not is_copied_first):
        if is_copy:
            other.take(home, log)
        else:
            road.read()

    assert road.total() == Spent(4, 400, 4_000, 0, 80_000, 160, 0)


@pytest.mark.parametrize("source", ["crush", "hermes", "goose"])
def test_totals_without_a_time_are_told_of_once(home: Path, road: Road, source: str) -> None:
    """However often they are looked at; once they have a time they count."""
    file = undated(home, source)
    for _ in range(3):
        os.utime(file)
        road.read()
        with writing(file) as tables:
            tables.execute(f"UPDATE sessions SET {GROWN[source]} = {GROWN[source]} + 1")
    tally = road.database.rows("SELECT undated FROM log")
    with writing(file) as tables:
        tables.execute(f"UPDATE sessions SET {DATED[source]}")
    road.read()

    assert tally == [(1,)]
    assert road.total().output == 23
    assert road.database.rows("SELECT undated FROM log") == [(1,)]


GROWN = {
    "crush": "completion_tokens",
    "hermes": "output_tokens",
    "goose": "accumulated_output_tokens",
}
DATED = {
    "crush": "updated_at = 1785578400",
    "hermes": "started_at = 1785578400",
    "goose": "updated_at = '2026-08-01 10:00:00'",
}


def undated(home: Path, source: str) -> Path:
    """Write a session whose totals have no time."""
    if source == "crush":
        file = made(crush_logs.path(home), crush_logs.SCHEMA)
        with writing(file) as tables:
            crush_logs.session(tables)
            crush_logs.used(tables, (1000, 20), 0.25, at_s=-1)
            tables.execute("UPDATE sessions SET created_at = -1")
    elif source == "hermes":
        file = made(hermes_logs.path(home), hermes_logs.TOTALS_SCHEMA)
        with writing(file) as tables:
            hermes_logs.session(tables, started_at=-1.0)
            hermes_logs.used(tables, (30, 20, 60, 10, 5))
    else:
        file = made(goose_logs.path(home), goose_logs.TOTALS_SCHEMA)
        with writing(file) as tables:
            goose_logs.session(tables, created_at="long ago")
            goose_logs.used(tables, input=100, output=20)
            tables.execute("UPDATE sessions SET updated_at = 'some day'")
    return file
