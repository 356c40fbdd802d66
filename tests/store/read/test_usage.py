"""Sums by any dimension, from whichever roll-up is cheapest."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tokwatch.analysis.calendar import calendar_of, date_of, instant
from tokwatch.analysis.sums import total
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice, Usage
from tokwatch.store.connect import Database
from tokwatch.store.read.every import daily_costs, stored_zone, usage

MARCH_MS = 1_774_224_000_000
"""2026-03-23 00:00 UTC: the Sunday after it, Europe's clocks go forward."""
BERLIN = "Europe/Berlin"
D = Dimension
Group = tuple[str | int, ...]


def random_requests(count: int = 300) -> list[Made]:
    """Return requests over two weeks, of every sort."""
    dice = random.Random(5)
    return [
        Made(
            at_ms=MARCH_MS + dice.randrange(14 * DAY_MS),
            session=dice.choice(("s1", "s2", "s3")),
            agent=dice.choice(("", "", "a1")),
            model=dice.choice(("opus", "haiku", "new")),
            provider=dice.choice(("anthropic", "vertex")),
            source=dice.choice(("claude-code", "codex")),
            project=dice.choice(("/code/shop", "/code/docs")),
            branch=dice.choice(("main", "dev")),
            cache_read=dice.choice((None, 700)),
            logged_nano=dice.choice((None, 5_000_000)),
            computed_nano=dice.choice((None, 7_000_000)),
            final=dice.choice((0, 1)),
            grade=dice.choice((0, 1, 1, 2)),
        )
        for _ in range(count)
    ]


def summed(made: list[Made], group: Callable[[Made], Group]) -> list[Cell]:
    """Return what usage() must, by plain code."""
    groups: dict[Group, list[Usage]] = {}
    for one in made:
        if one.grade != 2:
            groups.setdefault(group(one), []).append(one.usage)
    return [Cell(name, total(usages)) for name, usages in sorted(groups.items())]


def berlin() -> Calendar:
    """Return the calendar of Berlin for the time of the requests."""
    return calendar_of(ZoneInfo(BERLIN), BERLIN, MARCH_MS - DAY_MS, MARCH_MS + 20 * DAY_MS)


@pytest.mark.parametrize(
    ("by", "group"),
    [
        ((), lambda one: ()),
        ((D.MODEL,), lambda one: (one.model,)),
        ((D.PROVIDER, D.MODEL, D.TIER), lambda one: (one.provider, one.model, one.tier)),
        ((D.PROJECT, D.BRANCH), lambda one: (one.project, one.branch)),
        ((D.SOURCE, D.SESSION, D.AGENT), lambda one: (one.source, one.session, one.agent)),
        ((D.USER, D.TAG, D.MACHINE), lambda one: (one.user, one.tag, one.machine)),
        ((D.QUARTER,), lambda one: (one.at_ms // QUARTER_MS * QUARTER_MS,)),
        ((D.KIND,), lambda one: ("sub-agent" if one.agent else "main",)),
        ((D.MODEL, D.SESSION), lambda one: (one.model, one.session)),
    ],
)
def test_usage_is_the_sum_of_the_requests(
    database: Database, by: tuple[Dimension, ...], group: Callable[[Made], Group]
) -> None:
    made = random_requests()
    assert usage(build(database, made), Slice(), by) == summed(made, group)


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "Asia/Kathmandu"])
def test_days_are_those_of_the_zone_whatever_days_the_store_keeps(
    database: Database, zone: str
) -> None:
    made = random_requests()
    view = build(database, made, zone=BERLIN)
    where = ZoneInfo(zone)
    calendar = calendar_of(where, zone, MARCH_MS - DAY_MS, MARCH_MS + 20 * DAY_MS)
    days = usage(view, Slice(), (D.DAY, D.MODEL), calendar)
    named = [Cell((str(date_of(int(day))), model), used) for (day, model), used in pairs(days)]
    assert named == summed(
        made, lambda one: (instant(one.at_ms).astimezone(where).date().isoformat(), one.model)
    )


def pairs(cells: list[Cell]) -> list[tuple[Group, Usage]]:
    """Return cells as pairs."""
    return [(cell.group, cell.usage) for cell in cells]


def test_whole_stored_days_equal_the_same_range_from_quarters(database: Database) -> None:
    view = build(database, random_requests(), zone=BERLIN)
    calendar = berlin()
    other = replace(calendar, zone="not the stored one")
    part = Slice(calendar.begin_ms(20_538), calendar.begin_ms(20_543))
    for by in ((), (D.DAY,), (D.PROJECT, D.MODEL)):
        stored = usage(view, part, by, calendar)
        assert stored
        assert stored == usage(view, part, by, other)
    assert stored_zone(view) == BERLIN


def test_a_range_holds_the_quarters_that_begin_in_it(database: Database) -> None:
    noon = MARCH_MS + DAY_MS // 2
    view = build(database, [Made(noon - 1), Made(noon), Made(noon + QUARTER_MS, output=7)])
    assert [one.usage.requests for one in usage(view, Slice(noon, noon + QUARTER_MS))] == [1]
    assert usage(view, Slice(noon + 1, noon + 2)) == [], "its quarter does not begin in it"
    assert usage(view, Slice(noon + 1))[0].usage.output == 7
    assert usage(view, Slice(noon + QUARTER_MS + 1)) == []


def test_a_range_of_parts_of_days_is_exact_to_the_quarter(database: Database) -> None:
    made = random_requests()
    view = build(database, made)
    part = Slice(MARCH_MS + 90 * 60_000, MARCH_MS + 3 * DAY_MS + QUARTER_MS)
    inside = [one for one in made if part.since_ms <= one.at_ms < part.until_ms]
    assert usage(view, part, (D.MODEL,)) == summed(inside, lambda one: (one.model,))


NAMES: dict[Dimension, Callable[[Made], str | int]] = {
    D.MODEL: lambda one: one.model,
    D.SESSION: lambda one: one.session,
    D.BRANCH: lambda one: one.branch,
    D.QUARTER: lambda one: one.at_ms // QUARTER_MS * QUARTER_MS,
}


@pytest.mark.parametrize("by", [(), (D.MODEL,), (D.SESSION, D.BRANCH), (D.QUARTER, D.MODEL)])
@pytest.mark.parametrize("sources", [(), ("codex",)])
def test_a_range_that_ends_within_a_quarter_ends_there(
    database: Database, by: tuple[Dimension, ...], sources: tuple[str, ...]
) -> None:
    made = random_requests()
    view = build(database, made)
    for place in range(0, 200, 9):
        end = sorted(made, key=lambda one: one.at_ms)[place].at_ms
        for until_ms in (end, end + 1):
            part = Slice(MARCH_MS, until_ms, sources=sources)
            inside = [
                one
                for one in made
                if one.at_ms < until_ms and (not sources or one.source in sources)
            ]
            expected = summed(inside, lambda one: tuple(NAMES[each](one) for each in by))
            assert usage(view, part, by) == expected


@pytest.mark.parametrize(
    "part",
    [
        Slice(sources=("codex",)),
        Slice(models=("opus", "new")),
        Slice(projects=("/code/docs",)),
        Slice(sources=("codex",), models=("opus",), projects=("/code/shop", "/code/docs")),
    ],
)
def test_filters_hold_in_every_roll_up(database: Database, part: Slice) -> None:
    made = random_requests()
    view = build(database, made)
    kept = [
        one
        for one in made
        if (not part.sources or one.source in part.sources)
        and (not part.models or one.model in part.models)
        and (not part.projects or one.project in part.projects)
    ]
    for by, group in (
        ((D.MODEL,), lambda one: (one.model,)),
        ((D.SESSION,), lambda one: (one.session,)),
        ((D.QUARTER,), lambda one: (one.at_ms // QUARTER_MS * QUARTER_MS,)),
    ):
        assert usage(view, part, by) == summed(kept, group)


def test_a_filter_that_matches_nothing_gives_nothing(database: Database) -> None:
    assert usage(build(database, [Made(MARCH_MS)]), Slice(models=("none",))) == []


def test_an_empty_store_has_no_usage(database: Database) -> None:
    view = build(database, [])
    assert usage(view) == []
    assert usage(view, Slice(), (D.DAY, D.MODEL)) == []


def test_kinds_of_agents_have_the_names_that_the_tool_gives_them(database: Database) -> None:
    made = [
        Made(MARCH_MS, agent="a1"),
        Made(MARCH_MS, agent="a2", output=5),
        Made(MARCH_MS, session="spawned", source="codex", output=9),
        Made(MARCH_MS, session="forked", source="codex"),
    ]
    agents = [
        ("claude-code", "s1", "a1", "Explore", ""),
        ("codex", "spawned", "", "reviewer", "t1"),
        ("codex", "forked", "", "", "t1"),
    ]
    view = build(database, made, agents=agents)
    kinds = {cell.group[0]: cell.usage.output for cell in usage(view, Slice(), (D.KIND,))}
    assert kinds == {"Explore": 50, "sub-agent": 5, "reviewer": 9, "main": 50}


def test_a_day_of_23_hours_ends_where_the_next_begins(database: Database) -> None:
    hour = 3_600_000
    begin = int(datetime(2026, 3, 28, 23, tzinfo=UTC).timestamp() * 1000)
    made = [Made(begin - 1), Made(begin), Made(begin + 23 * hour - 1), Made(begin + 23 * hour)]
    view = build(database, made, zone=BERLIN)
    days = usage(view, Slice(), (D.DAY,), berlin())
    assert [(str(date_of(int(one.group[0]))), one.usage.requests) for one in days] == [
        ("2026-03-28", 1),
        ("2026-03-29", 2),
        ("2026-03-30", 1),
    ]


@pytest.mark.parametrize("mode", list(CostMode))
def test_daily_costs_are_the_costs_of_the_usage(database: Database, mode: CostMode) -> None:
    view = build(database, random_requests())
    for part in (Slice(), Slice(MARCH_MS + 5 * QUARTER_MS)):
        cells = usage(view, part, (D.DAY, D.MODEL))
        assert daily_costs(view, part, Calendar(), mode) == [
            (*cell.group, cell.usage.cost_nano(mode)) for cell in cells
        ]
