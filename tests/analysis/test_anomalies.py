"""Anomalies: few on a year without any, and those that are put there are found."""

from __future__ import annotations

import math
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tokwatch.analysis.anomalies import HISTORY_DAYS, Anomaly, Judged, anomalies, usual_days
from tokwatch.analysis.calendar import calendar_of, epoch_ms
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS

HOUR_MS = 4 * QUARTER_MS
MONDAY_MS = 1_735_516_800_000
"""2024-12-30 00:00 UTC."""
YEAR = (MONDAY_MS + HISTORY_DAYS * DAY_MS, MONDAY_MS + (HISTORY_DAYS + 365) * DAY_MS)
Costs = dict[int, int]
UTC_DAYS = Calendar()


def work(seed: int, *, scatter: float, growth: float = 1.0) -> Costs:
    """Return a year of work: dear and cheap days, evenings, weekends off, holidays, more use."""
    dice, costs = Random(seed), Costs()
    for day in range(HISTORY_DAYS + 365):
        is_off = dice.random() > (0.15 if day % 7 >= 5 else 0.93) or day // 7 % 17 == 16
        dollars = 3 * math.exp(dice.gauss(0, 0.35)) * growth ** (day / 365)
        hours = [*range(dice.randint(8, 10), dice.randint(16, 20))]
        hours += range(20, 24) if dice.random() < 0.15 else ()
        for hour in () if is_off else hours:
            if dice.random() < 0.85:
                nano = dollars * math.exp(dice.gauss(0, scatter)) * NANO
                weights = [dice.random() ** 2 for _ in range(4)]
                for quarter, weight in enumerate(weights):
                    at_ms = MONDAY_MS + day * DAY_MS + hour * HOUR_MS + quarter * QUARTER_MS
                    costs[at_ms] = int(nano * weight / sum(weights))
    return costs


def plain(days: int = 60, dollars: float = 2) -> Costs:
    """Return days of which each hour from nine to five costs about the same."""
    return {
        MONDAY_MS + day * DAY_MS + hour * HOUR_MS + quarter * QUARTER_MS: int(
            dollars * NANO / 4 * (1 + (day * 7 + hour) % 5 / 10)
        )
        for day in range(days)
        for hour in range(9, 17)
        for quarter in range(4)
    }


def judged_in(costs: Costs, since_ms: int, until_ms: int, calendar: Calendar = UTC_DAYS) -> Judged:
    """Return what is found in a range with all costs known."""
    told = sorted(costs.items())
    usual = usual_days(told, calendar, calendar.day(since_ms), calendar.day(until_ms - 1))
    return anomalies(told, usual, calendar, since_ms, until_ms)


def found_in(costs: Costs, since_ms: int, until_ms: int) -> list[Anomaly]:
    return list(judged_in(costs, since_ms, until_ms).anomalies)


@pytest.mark.no_cover  # ten years
@pytest.mark.parametrize(
    ("scatter", "growth"), [(0.3, 1.0), (0.5, 3.0), (0.8, 1.0), (1.0, 1.0), (1.6, 2.0)]
)
@pytest.mark.parametrize("seed", range(2))
def test_a_quiet_year_has_few(seed: int, scatter: float, growth: float) -> None:
    assert len(found_in(work(seed, scatter=scatter, growth=growth), *YEAR)) < 50


def test_use_that_grows_for_good_is_the_usual_after_a_few_days() -> None:
    half_ms = MONDAY_MS + 200 * DAY_MS
    costs = {at: nano * 5 if at >= half_ms else nano for at, nano in work(1, scatter=0.5).items()}

    assert len(found_in(costs, *YEAR)) < 50
    assert len(found_in(costs, half_ms + 14 * DAY_MS, half_ms + 60 * DAY_MS)) < 10


@pytest.mark.parametrize(("scatter", "times"), [(0.3, 4), (0.5, 8), (0.8, 15), (1.2, 50)])
@pytest.mark.parametrize("seed", range(3))
def test_a_spike_is_found_with_its_quarters(seed: int, scatter: float, times: int) -> None:
    costs = work(seed, scatter=scatter)
    spike_ms = MONDAY_MS + 300 * DAY_MS + 14 * HOUR_MS + QUARTER_MS
    for quarter in (0, 1):
        costs[spike_ms + quarter * QUARTER_MS] = 3 * times * NANO // 2

    found = found_in(costs, spike_ms - DAY_MS, spike_ms + 2 * DAY_MS)

    assert any(
        one.since_ms <= spike_ms and one.until_ms >= spike_ms + HOUR_MS // 2 for one in found
    )


def test_an_anomaly_says_why_it_is_one() -> None:
    costs = plain()
    peak_ms = MONDAY_MS + 58 * DAY_MS + 13 * HOUR_MS
    costs |= {peak_ms + QUARTER_MS: 9 * NANO, peak_ms + 2 * QUARTER_MS: 10 * NANO}

    (one,) = found_in(costs, peak_ms - DAY_MS, peak_ms + DAY_MS)

    assert (one.since_ms, one.until_ms) == (peak_ms + QUARTER_MS, peak_ms + 3 * QUARTER_MS)
    assert one.nano == 19 * NANO
    assert one.peak_ms == peak_ms
    assert one.peak_nano == sum(costs[peak_ms + quarter * QUARTER_MS] for quarter in range(4))
    assert 2 * NANO < one.usual_nano < 3 * NANO
    assert one.threshold_nano == 3 * one.usual_nano
    assert one.times == one.peak_nano / one.usual_nano
    assert not one.is_scattered


def test_a_dear_time_of_the_week_has_its_own_usual() -> None:
    costs = plain()
    for week in range(9):
        for quarter in range(4):
            costs[MONDAY_MS + week * 7 * DAY_MS + 11 * HOUR_MS + quarter * QUARTER_MS] = 5 * NANO
    monday_ms, tuesday_ms = (MONDAY_MS + day * DAY_MS for day in (56, 57))
    costs |= {tuesday_ms + 11 * HOUR_MS + quarter * QUARTER_MS: 5 * NANO for quarter in range(4)}

    found = found_in(costs, monday_ms, monday_ms + 2 * DAY_MS)

    assert [one.since_ms for one in found] == [tuesday_ms + 11 * HOUR_MS]
    assert not found[0].is_of_slot


def test_work_at_night_is_none_as_long_as_it_costs_what_work_costs() -> None:
    costs = plain()
    night_ms = MONDAY_MS + 58 * DAY_MS + 3 * HOUR_MS
    costs |= {night_ms + quarter * QUARTER_MS: NANO for quarter in range(4)}

    assert found_in(costs, night_ms - HOUR_MS, night_ms + 2 * HOUR_MS) == []


def test_hours_side_by_side_are_one() -> None:
    costs = plain()
    begin_ms = MONDAY_MS + 58 * DAY_MS + 10 * HOUR_MS
    costs |= {begin_ms + quarter * QUARTER_MS: 5 * NANO for quarter in range(12)}
    costs |= {begin_ms + quarter * QUARTER_MS: NANO for quarter in range(5, 8)}

    (one,) = found_in(costs, begin_ms - DAY_MS, begin_ms + DAY_MS)

    assert (one.since_ms, one.until_ms) == (begin_ms, begin_ms + 3 * HOUR_MS)


def test_a_spike_over_the_full_hour_is_seen_whole() -> None:
    costs = plain()
    begin_ms = MONDAY_MS + 58 * DAY_MS + 12 * HOUR_MS - QUARTER_MS
    costs |= {begin_ms + quarter * QUARTER_MS: 4 * NANO for quarter in (0, 1)}

    (one,) = found_in(costs, begin_ms - DAY_MS, begin_ms + DAY_MS)

    assert (one.since_ms, one.until_ms) == (begin_ms, begin_ms + 2 * QUARTER_MS)


def test_the_newest_comes_first() -> None:
    costs = plain()
    days = [MONDAY_MS + day * DAY_MS + 12 * HOUR_MS for day in (57, 59)]
    costs |= dict.fromkeys(days, 30 * NANO)

    assert [one.since_ms for one in found_in(costs, days[0], days[1] + DAY_MS)] == days[::-1]


def test_less_than_a_dollar_more_is_not_worth_a_word() -> None:
    costs = plain(dollars=0.01)
    at_ms = MONDAY_MS + 58 * DAY_MS + 12 * HOUR_MS

    assert found_in(costs | {at_ms: NANO // 2}, at_ms - DAY_MS, at_ms + DAY_MS) == []
    assert len(found_in(costs | {at_ms: 2 * NANO}, at_ms - DAY_MS, at_ms + DAY_MS)) == 1


def test_without_history_nothing_is_judged() -> None:
    costs = {MONDAY_MS + hour * HOUR_MS: NANO for hour in (9, 10, 11)} | {
        MONDAY_MS + DAY_MS: 10**12
    }
    judged = judged_in(costs, MONDAY_MS, MONDAY_MS + 2 * DAY_MS)

    assert judged.anomalies == ()
    assert not judged.has_history
    assert not judged_in({}, 0, DAY_MS).has_history


def test_a_range_without_use_is_quiet_and_has_history_all_the_same() -> None:
    costs, end_ms = plain(), MONDAY_MS + 60 * DAY_MS

    judged = judged_in(costs, end_ms, end_ms + DAY_MS)

    assert judged.anomalies == ()
    assert judged.has_history


def test_hours_are_those_of_the_local_clock() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    calendar = calendar_of(zone, "Asia/Kolkata", MONDAY_MS, MONDAY_MS + 70 * DAY_MS)
    costs = plain()
    spike = datetime(2025, 2, 26, 17, 0, tzinfo=zone)
    for quarter in range(4):
        costs[epoch_ms(spike) + quarter * QUARTER_MS] = 5 * NANO

    judged = judged_in(costs, epoch_ms(spike) - DAY_MS, epoch_ms(spike) + DAY_MS, calendar)

    (one,) = judged.anomalies
    assert (one.peak_ms, one.since_ms) == (epoch_ms(spike), epoch_ms(spike))
    assert one.peak_nano == 20 * NANO


def test_an_hour_that_a_clock_shows_twice_is_two() -> None:
    zone = ZoneInfo("Europe/Berlin")
    second = datetime(2025, 10, 26, 2, 0, tzinfo=zone, fold=1)
    begin_ms = epoch_ms(second) - 60 * DAY_MS
    calendar = calendar_of(zone, "Europe/Berlin", begin_ms, begin_ms + 70 * DAY_MS)
    costs = {
        begin_ms + day * DAY_MS + hour * HOUR_MS: 2 * NANO for day in range(58) for hour in (0, 1)
    }
    twice = epoch_ms(second) - HOUR_MS, epoch_ms(second)
    costs |= dict.fromkeys(twice, 5 * NANO)

    judged = judged_in(costs, epoch_ms(second) - DAY_MS, epoch_ms(second) + DAY_MS, calendar)

    assert judged.anomalies == ()
