"""The costs page on the real logs: every number equals plain sums over the stored requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import combinations

import pytest

from tests.pages.sights import sight_of
from tests.samples.plain import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    QUARTER_MS,
    Plain,
    moment,
    plain_rows,
    sums,
    within,
)
from tokwatch.analysis.five_hours import RunningBlock
from tokwatch.analysis.moving import BurnRates
from tokwatch.model.facets import Amount, Facet, Pick, Picks, Unit
from tokwatch.model.snapshot import Span
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.pages.memory import Memory
from tokwatch.store.connect import Database
from tokwatch.store.view import View

SPIKE_MS = moment("2026-07-14T07:21:17")
CODEX_MS = moment("2026-06-18T07:35:09")
BUSY_MS = moment("2026-02-06T17:40:59")
PAIRS = ((Facet.SOURCE, None), (Facet.MODEL, Facet.HOUR), (Facet.PROJECT, Facet.DAY))
Value = Callable[[Plain], object]


@pytest.fixture(scope="module")
def rows(samples: Database) -> list[Plain]:
    """Return all stored requests."""
    return plain_rows(samples)


@pytest.fixture(scope="module")
def values(samples: Database) -> Mapping[Facet, Value]:
    """Return what tells the value of each facet of a request."""
    tools = tools_called(samples)
    return {
        Facet.PROJECT: lambda one: one.project,
        Facet.MODEL: lambda one: one.model,
        Facet.SESSION: lambda one: one.session,
        Facet.KIND: lambda one: one.kind,
        Facet.TOOL: lambda one: tools.get(one.key, "?"),
        Facet.SOURCE: lambda one: one.source,
        Facet.PROVIDER: lambda one: one.provider,
        Facet.AGENT: lambda one: one.agent,
        Facet.BRANCH: lambda one: one.branch,
        Facet.DAY: lambda one: one.at_ms // DAY_MS,
        Facet.WEEKDAY: lambda one: (one.at_ms // DAY_MS + 3) % 7,
        Facet.HOUR: lambda one: one.at_ms // HOUR_MS % 24,
        Facet.TIER: lambda one: one.tier,
        Facet.USER: lambda one: one.user,
        Facet.KEY: lambda one: one.key_name,
        Facet.TAG: lambda one: one.tag,
        Facet.MACHINE: lambda one: one.machine,
    }


def tools_called(samples: Database) -> dict[int, str]:
    """Return the tool that each request's answer called most, of equals the first by name."""
    calls: dict[int, Counter[str]] = {}
    for key, part, tool in samples.rows("SELECT request, part, tool FROM block WHERE request <> 0"):
        told = calls.setdefault(key, Counter())
        if part == "tool call" and tool:
            told[tool] += 1
    return {
        key: min(told, key=lambda name: (-told[name], name)) if told else ""
        for key, told in calls.items()
    }


def amount_of(rows: list[Plain]) -> Amount:
    """Return the plain sum of requests."""
    return Amount(
        sum(one.requests for one in rows),
        sum(one.fresh for one in rows),
        sum(one.cached for one in rows),
        sum(one.written for one in rows),
        sum(one.answered for one in rows),
        sum(one.nano for one in rows),
        sum(one.uncosted for one in rows),
        sum(one.unsure for one in rows),
        sum(one.derived for one in rows),
    )


def grouped(rows: list[Plain], of: Value) -> dict[object, Amount]:
    """Return the plain sums by a value."""
    found: dict[object, list[Plain]] = {}
    for one in rows:
        found.setdefault(of(one), []).append(one)
    return {value: amount_of(some) for value, some in found.items()}


def ends(span: Span, at_ms: int) -> tuple[int, int | None]:
    """Return where a shown range begins, and where the range before it does."""
    lengths = {Span.HOUR: (60, MINUTE_MS), Span.HOURS: (240, MINUTE_MS)}
    lengths |= {Span.DAY: (96, QUARTER_MS), Span.WEEK: (168, HOUR_MS)}
    if span is Span.ALL:
        return 0, None
    if span is Span.MONTH:
        since_ms = (at_ms // DAY_MS - 29) * DAY_MS
    else:
        count, bucket_ms = lengths[span]
        since_ms = (at_ms // bucket_ms - count + 1) * bucket_ms
    length_ms = at_ms + 1 - since_ms
    if span not in (Span.HOUR, Span.HOURS):
        length_ms = -(-length_ms // QUARTER_MS) * QUARTER_MS
    return since_ms, since_ms - length_ms


def check_table(
    page: CostsPage, now: list[Plain], before: list[Plain] | None, values: Mapping[Facet, Value]
) -> None:
    """Hold every line, cell and sum of a table against plain sums."""
    table = page.table
    of = values[table.rows]
    lines = {line.value: line for line in table.lines}
    assert len(lines) == len(table.lines)
    assert table.others == 0
    assert lines.keys() == {of(one) for one in [*now, *(before or [])]}
    assert table.amount == amount_of(now)
    assert table.before == (None if before is None else amount_of(before))
    by_row = grouped(now, of)
    earlier = None if before is None else grouped(before, of)
    for value, line in lines.items():
        assert line.amount == by_row.get(value, Amount())
        assert line.before == (None if earlier is None else earlier.get(value, Amount()))
    if table.columns is None:
        return
    column = values[table.columns]
    assert set(table.values) == {column(one) for one in now}
    cells = grouped(now, lambda one: (of(one), column(one)))
    told = {
        (line.value, value): cell
        for line in table.lines
        for value, cell in zip(table.values, line.cells, strict=True)
        if cell != Amount()
    }
    assert told == {group: amount for group, amount in cells.items() if amount != Amount()}


def test_every_pair_of_facets(view: View, rows: list[Plain], values: Mapping[Facet, Value]) -> None:
    assert values.keys() == set(Facet)
    since_ms, before_ms = ends(Span.DAY, BUSY_MS)
    assert before_ms is not None
    now, before = within(rows, since_ms, BUSY_MS + 1), within(rows, before_ms, since_ms)
    assert now
    assert before
    sight, memory = sight_of(view, BUSY_MS, Span.DAY), Memory()
    for first, second in combinations(Facet, 2):
        page = CostsAsk(first, second, memory=memory).answer(sight)
        check_table(page, now, before, values)


@pytest.mark.parametrize("at_ms", [SPIKE_MS, CODEX_MS, BUSY_MS, moment("2030-02-01T00:00:00")])
def test_every_span_against_the_range_before(
    view: View, rows: list[Plain], values: Mapping[Facet, Value], at_ms: int
) -> None:
    for span in Span:
        since_ms, before_ms = ends(span, at_ms)
        now = within(rows, since_ms, at_ms + 1)
        before = None if before_ms is None else within(rows, before_ms, since_ms)
        sight = sight_of(view, at_ms, span)
        for by, column in PAIRS:
            ask = CostsAsk(by, column)
            while (page := ask.answer(sight)).goes_on:
                pass
            check_table(page, now, before, values)
            if span is not Span.ALL:
                assert (page.shown.since_ms, page.shown.until_ms) == (since_ms, at_ms + 1)
                assert page.before is not None
                assert (page.before.since_ms, page.before.until_ms) == (before_ms, since_ms)
            check_heat(page, rows, at_ms)


def check_heat(page: CostsPage, rows: list[Plain], at_ms: int) -> None:
    """Hold the heat map against plain sums by weekday and hour, of four weeks at least."""
    heat = page.heat
    since_ms = min(page.shown.since_ms, (at_ms // DAY_MS - 27) * DAY_MS)
    assert (heat.since_ms, heat.until_ms) == (since_ms, at_ms + 1)
    found = within(rows, since_ms, at_ms + 1)
    known = grouped(found, lambda one: ((one.at_ms // DAY_MS + 3) % 7, one.at_ms // HOUR_MS % 24))
    told = {
        (weekday, hour): cell
        for weekday, line in zip(heat.weekdays, heat.cells, strict=True)
        for hour, cell in enumerate(line)
    }
    assert len(told) == 7 * 24
    assert {at: cell for at, cell in told.items() if cell != Amount()} == known
    assert heat.amount == amount_of(found)


def test_picks_units_and_the_drilled_requests(
    view: View, rows: list[Plain], values: Mapping[Facet, Value]
) -> None:
    for at_ms, span in ((CODEX_MS, Span.WEEK), (BUSY_MS, Span.HOURS)):
        since_ms, before_ms = ends(span, at_ms)
        assert before_ms is not None
        now = within(rows, since_ms, at_ms + 1)
        for facet in Facet:
            value = values[facet](now[len(now) // 2])
            assert isinstance(value, (str, int))
            picks: Picks = (Pick(facet, value), Pick(Facet.SOURCE, now[len(now) // 2].source))
            kept = [one for one in rows if all(values[p.facet](one) == p.value for p in picks)]
            ask = CostsAsk(Facet.MODEL, Facet.KIND, Unit.TOKENS, picks, lists_requests=True)
            page = ask.answer(sight_of(view, at_ms, span))
            shown = within(kept, since_ms, at_ms + 1)
            check_table(page, shown, within(kept, before_ms, since_ms), values)
            tokens = [line.amount.tokens for line in page.table.lines]
            assert tokens == sorted(tokens, reverse=True)
            check_heat(page, kept, at_ms)
            check_rates(page.burning.rates, kept, at_ms)
            newest = sorted(shown, key=lambda one: (-one.at_ms, -one.key))[:500]
            assert page.events is not None
            assert [event.key for event in page.events] == [one.key for one in newest]
            assert [e.usage.auto_nano for e in page.events] == [one.nano for one in newest]


def check_rates(rates: BurnRates, rows: list[Plain], at_ms: int) -> None:
    """Hold burn rates against weights written out minute by minute."""
    found = within(rows, at_ms - DAY_MS, at_ms + 1)

    def age(one: Plain) -> int:
        return at_ms // MINUTE_MS - one.at_ms // MINUTE_MS

    nano = sums(found, age, lambda one: one.nano)
    tokens = sums(found, age, lambda one: one.tokens)
    ages = range(720)
    used = {age(one) for one in found}
    active = [a for a in ages if used & set(range(a, a + 5))]

    def mean(by_age: Mapping[object, int], over: list[int], half_life: int) -> float:
        spent = passed = 0.0
        for order, minute in enumerate(over):
            weight = 0.5 ** (order / half_life)
            spent += weight * by_age.get(minute, 0)
            passed += weight * ((at_ms % MINUTE_MS + 1) / MINUTE_MS if minute == 0 else 1)
        return spent / passed

    assert rates.short_nano == pytest.approx(60 * mean(nano, list(ages), 5), abs=1)
    assert rates.long_nano == pytest.approx(60 * mean(nano, list(ages), 60), abs=1)
    assert rates.tokens_per_minute == pytest.approx(mean(tokens, list(ages), 5), abs=1)
    assert rates.active_minutes == len(active)
    if active:
        assert rates.active_nano == pytest.approx(60 * mean(nano, active, 60), abs=1)
    else:
        assert rates.active_nano is None
    step = 1 - 0.5 ** (1 / 5)
    for back, told in enumerate(reversed(rates.trend_nano)):
        rate = sum(nano.get(a, 0) * step * 0.5 ** ((a - back) / 5) for a in range(back, 720))
        assert told == pytest.approx(60 * rate, abs=1)


def running(rows: list[Plain], at_ms: int) -> list[Plain]:
    """Return the requests of the block of five hours that runs at a moment, one by one."""
    held: list[Plain] = []
    for one in within(rows, (at_ms // DAY_MS - 14) * DAY_MS, at_ms + 1):
        start_ms = held[0].at_ms // HOUR_MS * HOUR_MS if held else 0
        if not held or one.at_ms > start_ms + 5 * HOUR_MS:
            held = []
        held.append(one)
    start_ms = held[0].at_ms // HOUR_MS * HOUR_MS if held else 0
    return held if held and at_ms < start_ms + 5 * HOUR_MS else []


def spent(block: RunningBlock) -> tuple[int, int, int]:
    """Return what a block shows."""
    return block.nano, block.tokens, block.requests


def plain_spent(rows: list[Plain]) -> tuple[int, int, int]:
    """Return the same as plain sums."""
    amount = amount_of(rows)
    return amount.nano, amount.tokens, amount.requests


def test_blocks_rates_and_the_month(view: View, samples: Database, rows: list[Plain]) -> None:
    limits = [
        (told_ms, 1000 * int(resets))
        for told_ms, resets in samples.rows(
            "SELECT instant_ms, json_extract(tags, '$.resets') FROM measure"
            " WHERE name = 'plan limit used' AND json_extract(tags, '$.minutes') = '300'"
            " ORDER BY instant_ms"
        )
    ]
    told_ms = [at_ms for at_ms, _ in limits]
    many = [one.at_ms + 61_234 for one in rows[::80]]
    seen = 0
    for at_ms in [SPIKE_MS, CODEX_MS, BUSY_MS, *told_ms, *many]:
        burning = CostsAsk().answer(sight_of(view, at_ms)).burning
        check_rates(burning.rates, rows, at_ms)
        own = [block.running for block in burning.blocks if block.running.limit is None]
        held = running(rows, at_ms)
        assert [spent(one) for one in own] == ([plain_spent(held)] if held else [])
        for one in own:
            assert one.begin_ms == held[0].at_ms // HOUR_MS * HOUR_MS
        known = [resets for told, resets in limits if told <= at_ms < resets][-1:]
        official = [block.running for block in burning.blocks if block.running.limit]
        assert [one.end_ms for one in official] == known
        for one in official:
            of = within(rows, one.end_ms - 300 * MINUTE_MS, at_ms + 1)
            assert spent(one) == plain_spent([each for each in of if each.source == "codex"])
            seen += 1
        month_ms = moment(f"{at_month(at_ms)}-01T00:00:00")
        assert burning.month.begin_ms == month_ms
        assert burning.month.nano == sum(o.nano for o in within(rows, month_ms, at_ms + 1))
    assert seen >= len(limits)


def at_month(at_ms: int) -> str:
    """Return the month of an instant, in UTC."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m}"
