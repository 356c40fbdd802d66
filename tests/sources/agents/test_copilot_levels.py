"""Which of Copilot CLI's logs counts, where several tell of a request, by FORMATS 2.6."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.sources.agents.copilot_logs import (
    AT_MS,
    PROJECT,
    Used,
    asked,
    compacted,
    ended,
    event,
    events,
    metric,
    said,
    several,
    span,
    started,
    store,
    stored,
    times,
    totals,
    traces,
)
from tests.sources.road import Road, Spent

Step = Callable[[Path], object]
WORLD: dict[str, Step] = {
    "store": lambda home: stored(home, 1, 2, 3),
    "events": lambda home: events(
        home, started(), asked(), said(1), said(2), said(3), totals(9, 3)
    ),
    "traces": lambda home: traces(home, *(span(f"a{second}", second) for second in (1, 2, 3))),
}


ORDERS = [
    *itertools.permutations(("store", "events")),
    *itertools.permutations(("store", "traces")),
    *itertools.permutations(("events", "traces")),
    *itertools.permutations(WORLD),
]
POSSIBLE = [
    order
    for order in ORDERS
    if not {"store", "events"} <= {*order} or order.index("store") < order.index("events")
]
"""A request's row is written before the totals at the end of its session."""


@pytest.mark.parametrize("names", POSSIBLE)
def test_one_level_counts_for_each_request(home: Path, road: Road, names: Sequence[str]) -> None:
    """2.6: the store, traces and a session's events tell the same requests."""
    for name in names:
        WORLD[name](home)
        road.read()

    assert road.total() == times(3)


@pytest.mark.parametrize("names", itertools.permutations(WORLD))
def test_all_levels_read_at_once_count_once(home: Path, road: Road, names: Sequence[str]) -> None:
    """2.6: a rebuild amounts to the same as what was read day by day."""
    for name in names:
        WORLD[name](home)
    road.read()

    assert road.total() == times(3)


@pytest.mark.parametrize("name", WORLD)
def test_each_level_tells_all_classes(home: Path, road: Road, name: str) -> None:
    """2.6: alone, each of them amounts to the same."""
    WORLD[name](home)
    road.read()

    assert road.total() == times(3)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_live_session_counts_once(home: Path, road: Road, *, is_late: bool) -> None:
    """2.6: a message is written about when its row is; both may come first."""
    lines = [started(), asked()]
    for second in (1, 2, 3):
        if not is_late:
            stored(home, second)
            road.read()
        lines.append(said(second))
        events(home, *lines)
        road.read()
        if is_late:
            stored(home, second)
            road.read()
    events(home, *lines, totals(9, 3))
    road.read()

    assert road.total() == times(3)


@pytest.mark.parametrize("at_once", [False, True])
def test_what_the_store_lacks_of_a_session_counts_as_derived(
    home: Path, road: Road, *, at_once: bool
) -> None:
    """4.1: totals less the rows of their time, for each session and model."""
    first = [started(), said(1), said(2), totals(9, 2)]
    if not at_once:
        events(home, *first)
        road.read()
    stored(home, 20, 21)
    events(home, *first, event("session.resume", 19), totals(30, 4))
    road.read()
    sums = {(one.instant_ms - AT_MS) // 1000: one.usage.requests for one in road.events()}

    assert road.total() == times(4)
    assert sums == {9: 2, 20: 1, 21: 1}


def test_rows_from_before_totals_began_anew_are_none_of_theirs(home: Path, road: Road) -> None:
    """4.1: the interval begins where the totals do."""
    stored(home, 1, 2)
    events(home, started(), totals(9, 2), totals(20, 1))
    road.read()

    assert road.total() == times(3)


def test_rows_that_tell_little_are_taken_as_they_are(home: Path, road: Road) -> None:
    """2.6: cells may be NULL, and several rows of one second."""
    stored(home, 1, 1)
    stored(home, 1, 1, used=Used(None, 20, None, None, None))
    events(home, started(), totals(9, 4))
    road.read()

    assert road.total() == Spent(4, 120, 40, 0, 240, 80, 10)


def test_the_store_tells_more_of_a_request_than_traces(home: Path, road: Road) -> None:
    """2.6: the best source, whichever was read first."""
    traces(home, span("a1"), span("a2", 2, Used(7, 7, 0, 0, 0)))
    road.read()
    stored(home, 1, agent_id="task", total_nano_aiu=700)
    road.read()
    (one,) = (one for one in road.events() if one.scope.agent)

    assert road.total().requests == 2
    assert (one.usage.logged_nano, one.scope.project) == (7, PROJECT)


def test_a_row_of_the_second_in_which_totals_were_told_is_the_next_legs(
    home: Path, road: Road
) -> None:
    """2.6: the store's times are cut to whole seconds, events' are not."""
    stored(home, 1, 9)
    events(home, started(), totals(9.4, 1), said(9.9))
    road.read()

    assert road.total() == times(2)


def test_requests_without_tokens_are_not_added_to_the_stores(home: Path, road: Road) -> None:
    """2.6: totals count attempts that failed, the store does not."""
    stored(home, 1, 2)
    events(home, started(), ended(9, claude__sonnet__4_6=metric(several(2), 3)))
    road.read()

    assert road.total() == times(2)
    assert len(road.events()) == 2


def test_rows_under_another_name_of_the_model_count_too(home: Path, road: Road) -> None:
    """2.6: totals may be under the name that was asked for."""
    stored(home, 1, 2, copilot_usage_model="claude-sonnet-4.6-20260101")
    events(home, started(), totals(9, 3))
    road.read()

    assert road.total() == times(3)


@pytest.mark.parametrize("output", [None, 20])
def test_a_compactions_own_request_counts_once(home: Path, road: Road, output: int | None) -> None:
    """2.6: its row comes before its end, its tokens are in the totals that begin there."""
    stored(home, 1, 2, 5, 7, 8)
    lines = [started(), said(1, output), said(2, output), compacted(6), said(7, output)]
    events(home, *lines, said(8, output), totals(9, 3))
    road.read()

    assert road.total() == times(5)


def test_a_store_that_is_broken_is_as_good_as_none(home: Path, road: Road) -> None:
    """4.2: it never comes back, and the events are there."""
    store(home).parent.mkdir(parents=True)
    store(home).write_bytes(b"junk" * 500)
    events(home, started(), totals(9, 3))
    road.read()

    assert road.total() == times(3)
    assert list(road.ingest.read_errors) == [str(store(home))]


def test_events_wait_for_a_store_that_is_being_written(home: Path, road: Road) -> None:
    """4.2: busy is not absent."""
    stored(home, 1, 2, 3)
    journal = Path(f"{store(home)}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    events(home, started(), totals(9, 3))
    road.read()
    assert len(road.ingest.read_errors) == 2
    journal.unlink()
    road.read()

    assert road.total() == times(3)
    assert road.ingest.read_errors == {}
