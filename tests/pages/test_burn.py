"""Burn rates, blocks and the month of a page, against the analysis on plain requests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.analysis.moving import burn_rates
from tokwatch.analysis.projection import NOTHING, Band, coming_days
from tokwatch.model.facets import Facet, Pick, Spell
from tokwatch.model.limits import PLAN_LIMIT, limit_measure
from tokwatch.model.measure import Measure
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.pages.burn import Burning, burning
from tokwatch.pages.memory import Memory
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.read.every import View

HOUR_MS, MINUTE_MS, DOLLAR = 4 * QUARTER_MS, 60_000, 1_000_000_000
NOON_MS = int(datetime(2026, 3, 18, 12, 10, tzinfo=UTC).timestamp() * 1000)
"""Ten past noon, in a month with thirteen more days."""


def ask(view: View, at_ms: int = NOON_MS, *picks: Pick) -> Burning:
    """Return what the page tells; twice the same."""
    memory = Memory()
    found = burning(sight_of(view, at_ms), memory, picks)
    assert burning(sight_of(view, at_ms), memory, picks) == found
    return found


def busy(days: int) -> list[Made]:
    """Return a request of a dollar every five minutes, of all days up to noon."""
    begin = NOON_MS - days * DAY_MS
    return [
        Made(begin + place * 5 * MINUTE_MS, computed_nano=DOLLAR, session=f"s{place % 2}")
        for place in range(days * 288)
    ]


def test_rates_are_those_of_the_requests_of_the_last_hours(database: Database) -> None:
    made = busy(1)
    found = ask(build(database, made))
    spells = [
        Spell(one.at_ms // MINUTE_MS * MINUTE_MS, one.computed_nano or 0, 1_050, 1) for one in made
    ]
    assert found.rates == burn_rates(spells, NOON_MS)
    assert found.rates.long_nano == pytest.approx(12 * DOLLAR, rel=0.05)


def test_rates_are_of_what_was_picked_and_endings_of_all(database: Database) -> None:
    view = build(database, busy(5))
    picked, everything = ask(view, NOON_MS, Pick(Facet.SESSION, "s1")), ask(view)
    assert picked.rates.long_nano == pytest.approx(everything.rates.long_nano / 2, rel=0.1)
    assert (picked.blocks, picked.month) == (everything.blocks, everything.month)


def test_the_block_of_the_algorithm_ends_as_such_hours_did_before(database: Database) -> None:
    found = ask(build(database, busy(5)))
    (block,) = found.blocks
    assert block.running.limit is None
    assert block.running.end_ms > NOON_MS
    since_ms = block.running.begin_ms
    spent = 1 + (NOON_MS - 1 - since_ms) // (5 * MINUTE_MS)
    assert block.running.nano == pytest.approx(spent * DOLLAR, abs=DOLLAR)
    assert block.band is not None
    rest = (block.running.end_ms - NOON_MS) / HOUR_MS * 12 * DOLLAR
    assert block.band.middle == pytest.approx(block.running.nano + rest, rel=0.05)
    assert block.band.low <= block.band.middle <= block.band.high


def test_a_reset_time_of_a_log_goes_first_with_its_own_sources_spending(
    database: Database,
) -> None:
    made = [
        *busy(1),
        Made(NOON_MS - HOUR_MS, source="codex", computed_nano=7),
        Made(NOON_MS - 2 * HOUR_MS + 30_500, source="codex", computed_nano=3),
        Made(NOON_MS - 2 * HOUR_MS + 29_500, source="codex", computed_nano=5),
    ]
    view = build(database, made)
    resets_s = (NOON_MS + 3 * HOUR_MS) // 1000 + 30
    earlier = limit_measure("codex", NOON_MS - 9 * MINUTE_MS, 30.0, 300, resets_s - 60, "1 primary")
    told = limit_measure("codex", NOON_MS - MINUTE_MS, 41.0, 300, resets_s, "2 primary")
    weekly = limit_measure("codex", NOON_MS - MINUTE_MS, 8.0, 10_080, resets_s, "2 secondary")
    add_measures(database, 1, [earlier, told, weekly])
    official, algorithm = ask(view).blocks
    assert official.running.limit is not None
    assert official.running.limit.used_percent == 41.0
    assert (official.running.begin_ms, official.running.end_ms) == (
        *(resets_s * 1000 - 5 * HOUR_MS, resets_s * 1000),
    )
    assert (official.running.nano, official.running.requests) == (7 + 3, 2)
    assert algorithm.running.limit is None


def test_a_limit_that_has_reset_is_no_block(database: Database) -> None:
    view = build(database, [])
    add_measures(
        database, 1, [limit_measure("codex", NOON_MS - HOUR_MS, 41.0, 300, NOON_MS // 1000, "1")]
    )
    assert ask(view).blocks == ()


def test_a_measure_of_this_name_that_someone_else_recorded_is_harmless(
    database: Database,
) -> None:
    view = build(database, [])
    odd = [
        Measure(PLAN_LIMIT, NOON_MS - 1, 1.0, "%", (("minutes", "300"),)),
        Measure(PLAN_LIMIT, NOON_MS - 1, 1.0, "%", (("minutes", "300"), ("resets", "soon"))),
    ]
    add_measures(database, 1, odd)
    assert ask(view).blocks == ()


def test_the_month_is_what_it_has_cost_and_what_such_days_cost(database: Database) -> None:
    first = int(datetime(2026, 2, 10, tzinfo=UTC).timestamp() * 1000)
    days = [Made(first + day * DAY_MS, computed_nano=(day % 3 + 1) * DOLLAR) for day in range(36)]
    found = ask(build(database, [*days, Made(NOON_MS - 6 * HOUR_MS, computed_nano=5 * DOLLAR)]))
    month = found.month
    march = [one for one in days if datetime.fromtimestamp(one.at_ms / 1000, UTC).month == 3]
    assert month.nano == sum(one.computed_nano or 0 for one in march) + 5 * DOLLAR
    assert month.days_left == 13
    expected = coming_days([one.computed_nano or 0 for one in days], 13)
    assert expected is not None
    assert month.band == expected.after(month.nano)


def test_with_too_few_days_the_month_has_no_band(database: Database) -> None:
    month = ask(build(database, [Made(NOON_MS - DAY_MS, computed_nano=DOLLAR)])).month
    assert (month.nano, month.band) == (DOLLAR, None)


def test_on_the_last_day_only_today_is_left(database: Database) -> None:
    last = int(datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp() * 1000)
    month = ask(build(database, [Made(last - HOUR_MS, computed_nano=DOLLAR)]), last).month
    assert month.days_left == 0
    assert month.band == NOTHING.after(DOLLAR) == Band(DOLLAR, DOLLAR, DOLLAR)
