"""The figures of the tiles: today, burn rate, cache hit rate, forecast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.made import (
    DOLLAR,
    FACTS,
    HOUR_MS,
    MIDNIGHT,
    MINUTE_MS,
    NOW,
    TODAY,
    cell,
    spent,
    with_history,
)
from tokwatch.analysis.blocks import blocks
from tokwatch.analysis.burn import burn
from tokwatch.analysis.cache import cache_rate
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.facts import Facts, Past
from tokwatch.analysis.forecast import forecast, running_block
from tokwatch.analysis.spend import spend, usual_days
from tokwatch.model.snapshot import Forecast, Spend
from tokwatch.model.stored import Moment
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Usage

AUTO = CostMode.AUTO


def todays(facts: Facts) -> Spend:
    """Return the tile of the day."""
    return spend(facts, AUTO, usual_days(facts))


def days_forecast(facts: Facts) -> Forecast:
    """Return the tile of the forecast."""
    usual = usual_days(facts)
    cost = spend(facts, AUTO, usual).cost_nano
    return forecast(facts, AUTO, cost, usual, block_hours=5, week_starts="monday")


class TestToday:
    """What the shown day has cost."""

    def test_only_the_shown_day_counts(self) -> None:
        cells = (cell(MIDNIGHT - QUARTER_MS), cell(MIDNIGHT), cell(NOW - QUARTER_MS, 2 * DOLLAR))
        found = todays(replace(FACTS, cells=cells))
        assert (found.cost_nano, found.usage.requests) == (3 * DOLLAR, 2)

    def test_the_mode_decides_the_cost(self) -> None:
        cells = (cell(MIDNIGHT, DOLLAR, logged_nano=5),)
        assert spend(replace(FACTS, cells=cells), CostMode.DISPLAY, []).cost_nano == 5

    def test_the_trend_has_an_hour_for_each_that_has_begun(self) -> None:
        cells = (cell(MIDNIGHT), cell(MIDNIGHT + 3 * QUARTER_MS), cell(NOW - QUARTER_MS, 7))
        found = todays(replace(FACTS, cells=cells)).trend_nano
        assert found == (2 * DOLLAR, *[0] * 12, 7, 0)

    def test_usual_is_the_mean_of_active_days_up_to_the_same_time(self) -> None:
        facts = with_history(replace(FACTS, cells=(cell(MIDNIGHT, 9),)), (2, 50), (0, 0), (4, 0))
        assert todays(facts).times_usual == 3.0

    def test_without_history_there_is_no_usual(self) -> None:
        assert todays(replace(FACTS, cells=(cell(MIDNIGHT),))).times_usual is None

    def test_a_day_that_is_over_is_set_against_whole_days(self) -> None:
        over = replace(FACTS, at_ms=NOW + 3 * DAY_MS, cells=(cell(MIDNIGHT, 30),))
        assert todays(with_history(over, (5, 10))).times_usual == 2.0
        assert len(todays(over).trend_nano) == 24


class TestBurn:
    """Dollars per hour over the last minutes."""

    def test_the_rate_counts_the_last_minutes_of_the_clock(self) -> None:
        recent = (spent(6 * MINUTE_MS), spent(4 * MINUTE_MS), spent(0))
        found = burn(replace(FACTS, recent=recent), AUTO, 5)
        assert found.nano_per_hour == 2 * DOLLAR * 12
        assert found.tokens_per_minute == 2_000 // 5

    def test_an_idle_time_lowers_the_rate_to_nothing(self) -> None:
        found = burn(replace(FACTS, recent=(spent(5 * MINUTE_MS),)), AUTO, 5)
        assert (found.nano_per_hour, found.tokens_per_minute) == (0, 0)

    def test_a_request_after_the_moment_does_not_count(self) -> None:
        assert burn(replace(FACTS, recent=(spent(-1),)), AUTO, 5).nano_per_hour == 0

    def test_the_peak_is_of_the_whole_day(self) -> None:
        cells = (
            cell(MIDNIGHT - QUARTER_MS, 9 * DOLLAR),
            cell(MIDNIGHT, DOLLAR),
            cell(MIDNIGHT, DOLLAR, "haiku"),
            cell(MIDNIGHT + QUARTER_MS, DOLLAR),
        )
        assert burn(replace(FACTS, cells=cells), AUTO, 5).peak_nano_per_hour == 8 * DOLLAR
        assert burn(replace(FACTS, cells=cells), CostMode.DISPLAY, 5).peak_nano_per_hour == 0

    def test_the_rate_now_may_be_the_peak(self) -> None:
        facts = replace(FACTS, cells=(cell(NOW - QUARTER_MS),), recent=(spent(1),))
        assert burn(facts, AUTO, 5).peak_nano_per_hour == 12 * DOLLAR

    def test_the_trend_is_of_the_last_hour(self) -> None:
        recent = (spent(HOUR_MS), spent(HOUR_MS - 1), spent(11 * MINUTE_MS), spent(0))
        found = burn(replace(FACTS, recent=recent), AUTO, 5).trend_nano
        assert found == (12 * DOLLAR, *[0] * 8, 12 * DOLLAR, 0, 12 * DOLLAR)


class TestCacheRate:
    """Cache reads as a share of the prompt."""

    def test_the_rate_is_reads_by_prompt_of_the_day(self) -> None:
        cells = (
            cell(MIDNIGHT, cache_read=60, input=20, cache_write_5m=15, cache_write_1h=5),
            cell(MIDNIGHT - QUARTER_MS, input=1_000),
        )
        assert cache_rate(replace(FACTS, cells=cells)).rate == 0.6

    def test_a_source_that_tells_no_reads_is_left_out(self) -> None:
        cells = (
            cell(MIDNIGHT, cache_read=50, input=50),
            cell(MIDNIGHT, input=900, blind_prompt=900),
        )
        assert cache_rate(replace(FACTS, cells=cells)).rate == 0.5
        assert cache_rate(replace(FACTS, cells=cells[1:])).rate is None

    def test_the_change_sets_the_last_hour_against_the_day_before(self) -> None:
        cells = (
            cell(NOW - DAY_MS, cache_read=80, input=20),
            cell(NOW - 2 * HOUR_MS, cache_read=100, input=0),
            cell(NOW - 3 * QUARTER_MS, cache_read=30, input=70),
        )
        change = cache_rate(replace(FACTS, cells=cells)).change_points
        assert change == pytest.approx(30 - 90)

    def test_without_either_side_there_is_no_change(self) -> None:
        recent = (cell(NOW - QUARTER_MS, cache_read=1),)
        assert cache_rate(replace(FACTS, cells=recent)).change_points is None
        assert cache_rate(FACTS).change_points is None

    def test_the_trend_is_by_hour(self) -> None:
        cells = (cell(MIDNIGHT + HOUR_MS, cache_read=1, input=3),)
        trend = cache_rate(replace(FACTS, cells=cells)).trend
        assert (trend[:3], len(trend)) == ((None, 0.25, None), 15)


class TestForecast:
    """Where the day and the block end."""

    def test_usual_days_tell_the_rest_of_the_day(self) -> None:
        facts = with_history(
            replace(FACTS, cells=(cell(MIDNIGHT, 200),)), (100, 30), (100, 60), (100, 90)
        )
        found = days_forecast(facts)
        # Twice the usual by now, so the rest is taken as twice the usual too.
        assert found.end_of_day_nano == 200 + 120
        assert found.low_nano is not None
        assert found.high_nano is not None
        assert 200 + 60 <= found.low_nano < 320 < found.high_nano <= 200 + 180

    def test_a_level_is_not_taken_beyond_twice(self) -> None:
        facts = with_history(replace(FACTS, cells=(cell(MIDNIGHT, 9_000),)), *[(100, 50)] * 3)
        assert days_forecast(facts).end_of_day_nano == 9_000 + 100

    def test_without_usual_days_the_last_hours_pace_goes_on(self) -> None:
        facts = replace(
            FACTS, cells=(cell(NOW - QUARTER_MS, DOLLAR),), recent=(spent(MINUTE_MS, DOLLAR),)
        )
        found = days_forecast(facts)
        assert found.end_of_day_nano == DOLLAR + 10 * DOLLAR
        assert (found.low_nano, found.high_nano) == (DOLLAR, 21 * DOLLAR)

    def test_nothing_known_is_no_forecast(self) -> None:
        found = days_forecast(FACTS)
        assert (found.end_of_day_nano, found.low_nano, found.block_nano) == (None, None, None)

    def test_a_day_that_is_over_has_none(self) -> None:
        facts = replace(FACTS, at_ms=NOW + DAY_MS, cells=(cell(MIDNIGHT),))
        assert days_forecast(facts).end_of_day_nano is None

    def test_week_and_month_count_to_the_shown_day(self) -> None:
        earlier = ((TODAY - 1, "a", 5), (TODAY - 22, "a", 7), (TODAY - 23, "a", 9))
        facts = replace(FACTS, past=Past(TODAY, earlier=earlier), cells=(cell(MIDNIGHT, 1),))
        found = days_forecast(facts)
        # The 23rd is a Monday: the week begins with it, the month 22 days before.
        assert (found.week_nano, found.month_nano) == (1, 1 + 5 + 7)

    def test_the_running_block_goes_on_at_the_last_hours_pace(self) -> None:
        facts = replace(
            FACTS,
            cells=(cell(MIDNIGHT + 9 * HOUR_MS + QUARTER_MS), cell(NOW - QUARTER_MS)),
            recent=(spent(MINUTE_MS),),
        )
        facts = replace(facts, at_ms=NOW - MINUTE_MS // 2)
        found = days_forecast(facts)
        assert found.block_end == instant(NOW)
        assert found.block_nano == 2 * DOLLAR
        assert found.block_forecast_nano is not None
        assert 2 * DOLLAR < found.block_forecast_nano < 2.01 * DOLLAR

    def test_a_block_may_begin_the_day_before(self) -> None:
        facts = replace(
            FACTS,
            at_ms=MIDNIGHT + HOUR_MS,
            past=Past(TODAY, history=((MIDNIGHT - HOUR_MS, 5),)),
            cells=(cell(MIDNIGHT - HOUR_MS, 5), cell(MIDNIGHT + QUARTER_MS, 2)),
        )
        found = running_block(facts, AUTO, 5)
        assert found is not None
        assert (found.start_ms, found.nano) == (MIDNIGHT - HOUR_MS, 7)

    def test_a_block_that_ended_is_not_running(self) -> None:
        assert running_block(replace(FACTS, cells=(cell(MIDNIGHT),)), AUTO, 5) is None


@given(st.sets(st.integers(-60, 4)), st.integers(1, 8), st.integers(0, HOUR_MS))
def test_the_running_block_is_the_last_of_all_of_them(
    quarters: set[int], hours: int, later_ms: int
) -> None:
    used = sorted(MIDNIGHT + number * QUARTER_MS for number in quarters)
    at_ms = MIDNIGHT + later_ms
    facts = replace(
        FACTS,
        at_ms=at_ms,
        past=Past(TODAY, history=tuple((start_ms, 3) for start_ms in used if start_ms < MIDNIGHT)),
        cells=tuple(cell(start_ms, 3) for start_ms in used if start_ms >= MIDNIGHT),
    )
    moments = [
        Moment(min(start_ms + QUARTER_MS - 1, at_ms), "", 0, 0, 0, 0, 3)
        for start_ms in used
        if start_ms <= at_ms
    ]
    last = blocks(moments, hours)[-1:]

    expected = last[0] if last and last[0].is_active(at_ms) else None
    assert running_block(facts, AUTO, hours) == expected


def test_an_unused_day_shows_zeros() -> None:
    assert todays(FACTS) == Spend(Usage(), 0, None, (0,) * 15)
    assert burn(FACTS, AUTO, 5).nano_per_hour == 0
    assert cache_rate(FACTS).rate is None
