"""A year of ordinary work opens little; what is put into it is found within a minute."""

from __future__ import annotations

from bisect import bisect_left
from random import Random

import pytest

from tests.analysis.alerting.requests import MINUTE_MS, Watched, request
from tests.analysis.test_anomalies import MONDAY_MS, work
from tokwatch.analysis.alerting.usual import UsualHours, usual_hours
from tokwatch.analysis.anomalies import HISTORY_DAYS
from tokwatch.config.alerting import DEFAULTS
from tokwatch.model.alert_facts import WatchedRequest
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS

pytestmark = pytest.mark.no_cover  # the rules have tests of their own; these replay years
STEP_MS = 5 * MINUTE_MS
NAMES = ("spend-spike", "token-spike", "cache-drop", "cache-low", "burn")
RULES = {name: DEFAULTS[name] for name in NAMES}
CALENDAR = Calendar()
DEAR = 4
"""Ordinary hours of such a user come to more than the burn rule's dollars now and then."""


def year_of(seed: int, scatter: float) -> dict[int, list[WatchedRequest]]:
    """Return a year of requests by quarter: sessions that grow, pause, are compacted, begin."""
    dice, found, key = Random(seed), {}, 0
    prompt, session, last_ms = 0, 0, 0
    for quarter_ms, nano in sorted(work(seed, scatter=scatter).items()):
        some = []
        count = dice.randint(2, 9)
        for at_ms in sorted(quarter_ms + dice.randrange(QUARTER_MS) for _ in range(count)):
            key += 1
            if dice.random() < 0.02 or at_ms - last_ms > 6 * 60 * MINUTE_MS:
                prompt, session = 0, session + 1  # another session
            is_compacted = prompt > 160_000
            is_cold = prompt == 0 or is_compacted or at_ms - last_ms > 5 * MINUTE_MS
            grown = dice.randint(300, 6_000)
            read = 0 if is_cold else prompt
            prompt = 25_000 + grown if prompt == 0 or is_compacted else prompt + grown
            last_ms = at_ms
            some.append(
                request(key, at_ms, session=f"s{session}", prompt=prompt, read=read,
                        nano=DEAR * nano // count)
            )  # fmt: skip
        found[quarter_ms] = some
    return found


def quarters_of(year: dict[int, list[WatchedRequest]]) -> list[tuple[int, int, int]]:
    """Return costs and tokens by quarter, as a store would."""
    return [
        (
            quarter_ms,
            sum(one.nano for one in some),
            sum(one.cached.input + (one.cached.cache_read or 0) + one.cached.cache_write_5m
                for one in some) + 500 * len(some),
        )
        for quarter_ms, some in year.items()
    ]  # fmt: skip


def usual_on(quarters: list[tuple[int, int, int]], day: int) -> UsualHours:
    """Return what is usual on a day."""
    begin_ms = day * DAY_MS
    first = bisect_left(quarters, (begin_ms - HISTORY_DAYS * DAY_MS,))
    return usual_hours(quarters[first : bisect_left(quarters, (begin_ms,))], CALENDAR, day)


@pytest.mark.parametrize(("seed", "scatter"), [(1, 0.7)])
def test_a_quiet_year_opens_less_than_one_alert_of_a_rule_a_week(seed: int, scatter: float) -> None:
    year = year_of(seed, scatter)
    quarters = quarters_of(year)
    world = Watched(RULES)
    opened = dict.fromkeys(NAMES, 0)
    first_day = MONDAY_MS // DAY_MS + HISTORY_DAYS
    for day in range(first_day, first_day + 365):
        world.usual = usual_on(quarters, day)
        used = [ms for ms in range(day * DAY_MS, (day + 1) * DAY_MS, QUARTER_MS) if ms in year]
        for quarter_ms in used:
            for at_ms in range(quarter_ms + STEP_MS, quarter_ms + QUARTER_MS + 1, STEP_MS):
                some = [one for one in year[quarter_ms] if one.cached.instant_ms <= at_ms]
                for alert in world.take(some, at_ms):
                    opened[alert.rule] += 1
        world.alerts.clear()

    assert {name: number for name, number in opened.items() if number >= 52} == {}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_spike_is_found_within_a_minute_of_three_times_the_usual(seed: int) -> None:
    year = year_of(seed, 0.5)
    day = MONDAY_MS // DAY_MS + 100 - 100 % 7 + 1  # a Tuesday
    usual = usual_on(quarters_of(year), day)
    assert usual.costs is not None
    world = Watched({"spend-spike": DEFAULTS["spend-spike"]}, usual)
    start_ms = day * DAY_MS + 11 * 60 * MINUTE_MS
    level = max(usual.costs.of(24 + hour)[0] for hour in (10, 11))
    needed = max(level * usual.costs.times, level + NANO)
    spent, crossed, found = 0, 0, 0
    for minute in range(60):
        at_ms = start_ms + minute * MINUTE_MS
        spent += int(needed / 20)
        crossed = crossed or (at_ms if spent > needed else 0)
        if world.take([request(minute, at_ms, nano=int(needed / 20))], at_ms):
            found = at_ms
            break

    assert crossed
    assert 0 <= found - crossed <= MINUTE_MS


def test_a_burn_is_found_once_it_has_lasted_ten_minutes() -> None:
    year = year_of(4, 0.5)
    day = MONDAY_MS // DAY_MS + 99 - 99 % 7 + 1
    world = Watched({"burn": DEFAULTS["burn"]}, usual_on(quarters_of(year), day))
    start_ms = day * DAY_MS + 11 * 60 * MINUTE_MS
    found = []
    for minute in range(30):
        at_ms = start_ms + minute * MINUTE_MS
        if world.take([request(minute, at_ms, nano=10 * NANO)], at_ms):
            found.append(minute)

    # Five minutes of the rate are over 25 dollars an hour with the first request.
    assert found == [10]


def test_without_history_nothing_is_called_a_spike() -> None:
    world = Watched(RULES, UsualHours(0, None, None))

    assert world.take([request(1, MONDAY_MS, nano=900 * NANO)], MONDAY_MS) == []
