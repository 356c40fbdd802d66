"""Spending by any two facets, over time and by request, against plain sums."""

from __future__ import annotations

import random
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import BERLIN, MARCH_MS, berlin
from tokwatch.analysis.calendar import instant
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import (
    NO_TOOL,
    TIMES,
    UNTOLD_TOOL,
    Amount,
    Facet,
    Pick,
    Picks,
    Portion,
    Spell,
    Spending,
    Value,
    total,
)
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.costs import count_requests
from tokwatch.store.read.every import View, slice_events, spending, spending_over_time

F = Facet
HOUR_MS = 4 * QUARTER_MS
ZONE = ZoneInfo(BERLIN)
AGENTS = [("claude-code", "s1", "a1", "Explore", "")]
PART = Slice(MARCH_MS + 3 * HOUR_MS, MARCH_MS + 9 * DAY_MS + 5 * HOUR_MS)
"""Not of whole days; Berlin's clocks change in it."""


def random_requests(count: int = 200) -> list[Made]:
    """Return requests over two weeks, of every sort."""
    dice = random.Random(11)
    return [
        Made(
            at_ms=MARCH_MS + dice.randrange(14 * DAY_MS),
            session=dice.choice(("s1", "s2", "s3")),
            agent=dice.choice(("", "", "a1")),
            model=dice.choice(("opus", "haiku", "new")),
            provider=dice.choice(("anthropic", "vertex")),
            tier=dice.choice(("standard", "fast")),
            source=dice.choice(("claude-code", "codex")),
            project=dice.choice(("/code/shop", "/code/docs", "")),
            branch=dice.choice(("main", "dev")),
            user=dice.choice(("ana", "ben")),
            tag=dice.choice(("", "ci")),
            machine=dice.choice(("", "box")),
            input=dice.choice((None, 3, 500)),
            cache_read=dice.choice((None, 700)),
            cache_write_1h=dice.choice((None, 40)),
            output=dice.randrange(900),
            logged_nano=dice.choice((None, 5_000_000)),
            computed_nano=dice.choice((None, 7_000_000)),
            final=dice.choice((0, 1)),
            grade=dice.choice((-1, 0, 1, 1, 2)),
        )
        for _ in range(count)
    ]


def value_of(one: Made, facet: Facet) -> Value:
    """Return the value of a request, by plain code."""
    local = instant(one.at_ms).astimezone(ZONE)
    named: dict[Facet, Value] = {
        F.DAY: local.toordinal() - 719_163,
        F.WEEKDAY: local.weekday(),
        F.HOUR: local.hour,
        F.AGENT: one.agent,
        F.USER: one.user,
        F.TOOL: UNTOLD_TOOL,
        F.KIND: "main" if not one.agent else "sub-agent",
    }
    if (one.source, one.session, one.agent) == AGENTS[0][:3]:
        named[F.KIND] = "Explore"
    return named[facet] if facet in named else str(getattr(one, facet.value))


def amount_of(one: Made, mode: CostMode) -> Amount:
    """Return what a request adds to a sum."""
    used = one.usage
    return Amount(
        used.requests, used.input, used.cache_read, used.cache_write, used.output,
        used.cost_nano(mode), used.missing(mode), used.lower_bound, used.derived,
    )  # fmt: skip


def summed(
    made: list[Made], by: tuple[Facet, ...], picks: Picks, part: Slice, mode: CostMode
) -> list[Spending]:
    """Return what spending() must, by plain code."""
    groups: dict[tuple[Value, ...], list[Amount]] = {}
    for one in made:
        is_inside = part.since_ms <= one.at_ms < part.until_ms and one.grade != 2
        if is_inside and all(value_of(one, facet) == value for facet, value in picks):
            group = tuple(value_of(one, facet) for facet in by)
            groups.setdefault(group, []).append(amount_of(one, mode))
    return [Spending(group, total(groups[group])) for group in sorted(groups)]


def pairs() -> list[tuple[Facet, ...]]:
    """Return every pair of facets."""
    return list(combinations(F, 2))


@pytest.mark.parametrize("is_exact", [False, True])
def test_any_two_facets_are_sums_of_the_requests(database: Database, is_exact: bool) -> None:
    made = random_requests()
    portion = Portion(PART, calendar=berlin())
    view = build(database, made, agents=AGENTS, zone=BERLIN)
    for by in ((), *((facet,) for facet in F), *pairs()):
        found = spending(view, portion, by, is_exact=is_exact)
        assert found == summed(made, by, (), PART, CostMode.AUTO), by


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(Slice(), id="all-time"),
        pytest.param(Slice(berlin().begin_ms(20_538), berlin().begin_ms(20_543)), id="whole-days"),
        pytest.param(PART, id="parts-of-days"),
    ],
)
@pytest.mark.parametrize("mode", list(CostMode))
def test_picks_hold_whatever_is_summed_up(database: Database, part: Slice, mode: CostMode) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS, zone=BERLIN)
    some = made[17]
    for facet in F:
        picks = (Pick(facet, value_of(some, facet)),)
        portion = Portion(part, picks, berlin(), mode)
        for by in ((F.MODEL,), (F.SESSION, F.DAY), (facet,)):
            assert spending(view, portion, by) == summed(made, by, picks, part, mode), (facet, by)


def test_a_range_ends_to_the_millisecond(database: Database) -> None:
    made = [
        replace(one, at_ms=MARCH_MS + place * 50_000) for place, one in enumerate(random_requests())
    ]
    view = build(database, made, agents=AGENTS)
    for place in (3, 17, 18, 40, 111, 199):
        part = Slice(MARCH_MS, made[place].at_ms + 1)
        for by in ((), (F.MODEL,), (F.SESSION, F.HOUR), (F.BRANCH, F.KIND), (F.TOOL,)):
            expected = summed(made, by, (), part, CostMode.AUTO)
            assert spending(view, Portion(part, calendar=berlin()), by) == expected, by
        fine = spending_over_time(view, Portion(part), 60_000)
        coarse = spending_over_time(view, Portion(part), QUARTER_MS)
        assert sum(one.nano for one in fine) == sum(one.nano for one in coarse)


def test_picks_add_up(database: Database) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS, zone=BERLIN)
    picks = (
        Pick(F.PROJECT, "/code/docs"),
        Pick(F.MODEL, "opus"),
        Pick(F.KIND, "main"),
        Pick(F.WEEKDAY, 2),
    )
    for number in range(len(picks) + 1):
        chosen = picks[:number]
        portion = Portion(PART, chosen, berlin())
        by = (F.SOURCE, F.HOUR)
        assert spending(view, portion, by) == summed(made, by, chosen, PART, CostMode.AUTO)


def test_days_of_another_zone_than_the_stores_are_told_as_well(database: Database) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS, zone="UTC")
    part = Slice(berlin().begin_ms(20_538), berlin().begin_ms(20_543))
    portion = Portion(part, calendar=berlin())
    by = (F.DAY, F.MODEL)
    assert spending(view, portion, by) == summed(made, by, (), part, CostMode.AUTO)


@pytest.mark.parametrize("part", [PART, Slice(), Slice(MARCH_MS, MARCH_MS + 5 * DAY_MS + 7)])
def test_requests_are_counted_as_they_are_summed_up(database: Database, part: Slice) -> None:
    view = build(database, random_requests(), zone=BERLIN)
    portion = Portion(part, calendar=berlin())
    [every] = spending(view, portion)
    assert count_requests(view, portion) == every.amount.requests > 0
    assert count_requests(view, replace(portion, calendar=Calendar())) == every.amount.requests


def test_an_empty_store_has_no_spending(database: Database) -> None:
    view = build(database, [])
    assert spending(view) == []
    assert spending_over_time(view) == []
    assert slice_events(view) == []


@pytest.mark.parametrize("bucket_ms", [60_000, QUARTER_MS, HOUR_MS])
@pytest.mark.parametrize("picks", [(), (Pick(F.SESSION, "s2"),), (Pick(F.TOOL, UNTOLD_TOOL),)])
def test_spending_over_time_is_the_sum_of_each_bucket(
    database: Database, bucket_ms: int, picks: Picks
) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS)
    buckets: dict[int, list[Amount]] = {}
    for one in made:
        inside = PART.since_ms <= one.at_ms < PART.until_ms and one.grade != 2
        if inside and (not picks or picks[0].facet is F.TOOL or one.session == "s2"):
            at_ms = one.at_ms // bucket_ms * bucket_ms
            buckets.setdefault(at_ms, []).append(amount_of(one, CostMode.AUTO))
    expected = [
        Spell(at_ms, amount.nano, amount.tokens, amount.requests)
        for at_ms, amount in sorted((at_ms, total(found)) for at_ms, found in buckets.items())
    ]
    assert spending_over_time(view, Portion(PART, picks), bucket_ms) == expected


def test_requests_of_a_slice_come_newest_first(database: Database) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS)
    picks = (Pick(F.SESSION, "s1"), Pick(F.MODEL, "haiku"))
    kept = sorted(
        (one.at_ms for one in made
         if one.session == "s1" and one.model == "haiku" and one.grade != 2),
        reverse=True,
    )  # fmt: skip
    found = slice_events(view, Portion(picks=picks), 1_000)
    assert [event.instant_ms for event in found] == kept
    assert [event.instant_ms for event in slice_events(view, Portion(picks=picks), 5)] == kept[:5]
    assert {event.model.name for event in found} == {"haiku"}


def told_of(database: Database, blocks: list[tuple[int, str, str]]) -> None:
    """Tell of blocks: the event's key, its part and its tool."""
    database.execute(
        "INSERT INTO strand (id, workspace, log, session, agent) VALUES (1, 1, 1, '', '')"
    )
    for number, (key, part, tool) in enumerate(blocks):
        database.execute(
            "INSERT INTO block (strand, number, workspace, instant_ms, part, tool, chars, tokens,"
            " digest, subject, call, is_error, request, offset_bytes)"
            " VALUES (1, ?, 1, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?, 0)",
            (number, MARCH_MS + key, part, tool, key),
        )


def with_tools(database: Database) -> View:
    """Return five requests: of two tools, of three calls, of none, of one, and not told of."""
    view = build(database, [Made(MARCH_MS + key, output=key) for key in range(1, 6)])
    told_of(
        database,
        [
            *((1, "tool call", "Read"), (1, "tool call", "Bash"), (1, "assistant", "")),
            *((2, "tool call", "Bash"), (2, "tool call", "Read"), (2, "tool call", "Read")),
            (3, "thinking", ""),
            (4, "tool call", "mcp__db__query"),
            (0, "tool result", "Read"),
        ],
    )
    return view


def test_a_request_counts_for_the_tool_that_its_answer_called_most(database: Database) -> None:
    view = with_tools(database)
    by_tool = {cell.group[0]: cell.amount.output for cell in spending(view, by=(F.TOOL,))}
    assert by_tool == {"Bash": 1, "Read": 2, NO_TOOL: 3, "mcp__db__query": 4, UNTOLD_TOOL: 5}


@pytest.mark.parametrize(
    ("tool", "outputs"), [("Bash", [1]), ("Read", [2]), (NO_TOOL, [3]), (UNTOLD_TOOL, [5])]
)
def test_a_tool_can_be_picked(database: Database, tool: str, outputs: list[int]) -> None:
    view = with_tools(database)
    portion = Portion(Slice(MARCH_MS, MARCH_MS + 100), (Pick(F.TOOL, tool),))
    assert [cell.amount.output for cell in spending(view, portion, (F.MODEL,))] == outputs
    assert [event.usage.output for event in slice_events(view, portion)] == outputs
    assert [one.requests for one in spending_over_time(view, portion)] == [1] * len(outputs)


def test_nobody_called_a_tool_that_is_not_told(database: Database) -> None:
    portion = Portion(picks=(Pick(F.TOOL, "Write"),))
    assert slice_events(with_tools(database), portion) == []


def test_filters_of_a_slice_hold_as_well(database: Database) -> None:
    made = random_requests()
    view = build(database, made, agents=AGENTS)
    part = replace(PART, sources=("codex",), models=("opus",), projects=("/code/shop",))
    kept = [
        one for one in made
        if (one.source, one.model, one.project) == ("codex", "opus", "/code/shop")
    ]  # fmt: skip
    assert spending(view, Portion(part), (F.BRANCH,)) == summed(
        kept, (F.BRANCH,), (), PART, CostMode.AUTO
    )


def test_facets_of_time_are_numbers() -> None:
    """What the screen sorts by their value."""
    assert {facet for facet in F if isinstance(value_of(Made(MARCH_MS), facet), int)} == TIMES


def test_a_users_view_sees_only_their_own(database: Database) -> None:
    made = random_requests()
    view = replace(build(database, made, agents=AGENTS), user="ana")
    anas = [one for one in made if one.user == "ana"]
    for by in ((F.USER,), (F.SESSION, F.MODEL), (F.DAY,)):
        expected = summed(anas, by, (), Slice(), CostMode.AUTO)
        assert spending(view, Portion(calendar=berlin()), by) == expected
    assert len(slice_events(view, limit=1_000)) == sum(one.grade != 2 for one in anas)
