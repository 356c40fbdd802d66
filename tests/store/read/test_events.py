"""Single events, and sums finer than a roll-up."""

from __future__ import annotations

import pytest
from msgspec.structs import astuple, replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.stored import Moment, Spent
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import events, moments, newest_ms, spent, timeline

MINUTE_MS = 60_000


def test_events_come_newest_first_and_no_more_than_asked_for(database: Database) -> None:
    view = build(database, [Made(MARCH_MS + number, output=number) for number in range(9)])
    assert [event.usage.output for event in events(view, Slice(), 3)] == [8, 7, 6]
    assert [event.usage.output for event in events(view, Slice(MARCH_MS + 1, MARCH_MS + 3))] == [
        2,
        1,
    ]


def test_an_event_tells_all_that_is_stored_of_it(database: Database) -> None:
    made = Made(
        MARCH_MS,
        agent="a1",
        tier="fast",
        user="ana",
        tag="t",
        machine="m",
        window=200_000,
        logged_nano=7,
        final=0,
        web_searches=2,
        path="/logs/x.jsonl",
    )
    event = events(build(database, [made]))[0]
    scope = Scope("claude-code", "s1", "a1", "/code/shop", "main", "ana", "t", "m")
    assert event.scope == scope
    assert event.model == ModelName("anthropic", "claude-opus-4-5", "fast")
    assert event.usage == made.usage
    assert (event.instant_ms, event.window, event.path, event.offset) == (
        MARCH_MS,
        200_000,
        "/logs/x.jsonl",
        100,
    )


@pytest.mark.parametrize("logged", [None, 5])
@pytest.mark.parametrize("computed", [None, 7])
@pytest.mark.parametrize("cache_read", [None, 0, 800])
def test_an_event_counts_as_the_roll_ups_count_it(
    database: Database, logged: int | None, computed: int | None, cache_read: int | None
) -> None:
    made = Made(
        MARCH_MS,
        logged_nano=logged,
        computed_nano=computed,
        cache_read=cache_read,
        reasoning=None,
        cache_write_1h=None,
    )
    assert events(build(database, [made]))[0].usage == made.usage


def test_ghosts_are_in_no_list(database: Database) -> None:
    view = build(database, [Made(MARCH_MS), Made(MARCH_MS + 5, grade=2)])
    assert [event.instant_ms for event in events(view)] == [MARCH_MS]
    assert len(moments(view)) == len(spent(view)) == len(timeline(view, Slice(), 1000)) == 1
    assert newest_ms(view) == MARCH_MS


def test_moments_come_in_order_of_time(database: Database) -> None:
    view = build(
        database,
        [
            Made(MARCH_MS + 9, output=2, logged_nano=4),
            Made(MARCH_MS, output=1, model="haiku", computed_nano=None),
        ],
    )
    assert moments(view) == [
        Moment(MARCH_MS, "haiku", 100, 1, 100, 800, 0, uncosted=1_001),
        Moment(MARCH_MS + 9, "claude-opus-4-5", 100, 2, 100, 800, 4),
    ]


@pytest.mark.parametrize(
    ("mode", "nano"),
    [(CostMode.AUTO, 4), (CostMode.CALCULATE, 10_000_000), (CostMode.DISPLAY, 4)],
)
def test_the_cost_mode_decides_which_cost_counts(
    database: Database, mode: CostMode, nano: int
) -> None:
    view = build(database, [Made(MARCH_MS, logged_nano=4)])
    assert moments(view, Slice(), mode)[0].nano == nano
    assert spent(view, Slice(), mode)[0].nano == nano
    for bucket_ms in (MINUTE_MS, QUARTER_MS):
        assert timeline(view, Slice(), bucket_ms, mode) == [(MARCH_MS, "claude-opus-4-5", nano)]


def test_spent_tells_who_spent(database: Database) -> None:
    view = build(database, [Made(MARCH_MS, agent="a1"), Made(MARCH_MS + DAY_MS)])
    assert spent(view, Slice(0, MARCH_MS + DAY_MS)) == [
        Spent(MARCH_MS, "claude-code", "s1", "a1", "claude-opus-4-5", 1_050, 10_000_000)
    ]


def test_spent_keeps_each_name_once(database: Database) -> None:
    first, second = spent(
        build(database, [Made(MARCH_MS, agent="a1"), Made(MARCH_MS + 1, agent="a1")])
    )
    names, again = astuple(first)[1:5], astuple(second)[1:5]
    assert names == again
    for name, same in zip(names, again, strict=True):
        assert name is same


def test_a_timeline_of_minutes_adds_up_to_that_of_quarters(database: Database) -> None:
    view = build(database, random_requests())
    part = Slice(MARCH_MS + QUARTER_MS, MARCH_MS + 3 * DAY_MS)
    fine = timeline(view, part, MINUTE_MS)
    coarse: dict[tuple[int, str], int] = {}
    for at_ms, model, nano in fine:
        assert at_ms % MINUTE_MS == 0
        key = (at_ms // QUARTER_MS * QUARTER_MS, model)
        coarse[key] = coarse.get(key, 0) + nano
    assert timeline(view, part, QUARTER_MS) == [
        (*key, nano) for key, nano in sorted(coarse.items())
    ]


def test_a_timeline_of_hours_is_made_of_quarters(database: Database) -> None:
    hour = 4 * QUARTER_MS
    made = [Made(MARCH_MS + minutes * MINUTE_MS) for minutes in (0, 20, 59, 60)]
    view = build(database, made)
    assert [(at - MARCH_MS, nano) for at, _, nano in timeline(view, Slice(), hour)] == [
        (0, 30_000_000),
        (hour, 10_000_000),
    ]


def test_filters_hold_for_events(database: Database) -> None:
    made = random_requests(60)
    view = build(database, made)
    part = Slice(sources=("codex",), models=("opus",), projects=("/code/shop",))
    kept = [
        one
        for one in made
        if (one.source, one.model, one.project, one.grade < 2)
        == ("codex", "opus", "/code/shop", True)
    ]
    assert sorted(one.at_ms for one in kept) == [one.at_ms for one in spent(view, part)]
    assert len(events(view, part)) == len(moments(view, part)) == len(kept)
    assert sum(nano for *_, nano in timeline(view, part, MINUTE_MS)) == sum(
        nano for *_, nano in timeline(view, replace(part), QUARTER_MS)
    )
