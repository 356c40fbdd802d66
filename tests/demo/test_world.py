"""The demo's past is fourteen believable days that end now, whenever now is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tokwatch.config import load
from tokwatch.demo.desks import CHECKOUT, CODEX_WINDOW, DESKS, EXPLORE, HAIKU, PAYMENTS
from tokwatch.demo.logs import log_of
from tokwatch.demo.world import BUSY_DAYS_AGO, DAYS, Course, history
from tokwatch.model.units import MINUTE_MS
from tokwatch.prices.resolve import resolve
from tokwatch.prices.settings import PriceSettings

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
TIMES_OF_DAY = [timedelta(), timedelta(minutes=5), timedelta(hours=9), timedelta(hours=23.9)]


def world(now: datetime = NOW, seed: int = 7, zone: str = "UTC") -> list[Course]:
    """Return a past."""
    return history(now, ZoneInfo(zone), Random(seed))


def ms(moment: datetime) -> int:
    """Return an instant in epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def live(courses: list[Course]) -> list[Course]:
    """Return what still goes on."""
    return [course for course in courses if not course.agent.is_done]


def test_the_same_seed_and_time_make_the_same_world() -> None:
    assert world() == world()
    assert world() != world(seed=8)


@pytest.mark.parametrize("time_of_day", TIMES_OF_DAY, ids=str)
def test_it_ends_now_at_any_time_of_day(time_of_day: timedelta) -> None:
    now = MIDNIGHT + time_of_day
    courses = world(now)

    last = [course.requests[-1].at_ms for course in courses]
    assert max(last) <= ms(now)
    assert min(course.requests[0].at_ms for course in courses) > ms(now - timedelta(days=DAYS + 1))
    assert len([at_ms for at_ms in last if at_ms > ms(now) - 2 * MINUTE_MS]) >= 3


def test_every_agent_asks_in_the_order_of_time_and_within_its_life() -> None:
    for course in world():
        times = [request.at_ms for request in course.requests]
        assert times == sorted(set(times))
        assert course.agent.begin_ms <= times[0]
        assert course.agent.requests == len(times) <= course.agent.ends_after


@pytest.mark.parametrize("seed", range(5))
def test_it_is_small_enough_to_be_read_at_once(seed: int) -> None:
    courses = world(seed=seed)

    assert 2_000 < sum(len(course.requests) for course in courses) < 5_000
    assert sum(len(log_of(course).data) for course in courses) < 15_000_000


def test_work_is_done_in_working_hours_of_the_zone() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    now = datetime(2026, 11, 20, 13, 0, tzinfo=zone)

    hours = Counter(
        datetime.fromtimestamp(course.agent.begin_ms / 1000, zone).hour
        for course in world(now, zone="Asia/Tokyo")
    )

    assert set(hours) <= set(range(9, 21))


def test_weekends_are_quiet_and_one_day_is_busy() -> None:
    days = Counter(
        NOW.date() - datetime.fromtimestamp(course.agent.begin_ms / 1000, UTC).date()
        for course in world()
        if course.agent.is_main
    )
    weekend = [days[timedelta(ago)] for ago in (5, 6, 12, 13) if ago != BUSY_DAYS_AGO]
    workdays = [days[timedelta(ago)] for ago in (1, 2, 3, 4, 7, 8, 9, 10, 11)]

    assert max(weekend) < min(workdays)
    assert days[timedelta(BUSY_DAYS_AGO)] > max(workdays)


def test_some_sessions_are_live_and_a_sub_agent_with_them() -> None:
    going_on = live(world())

    assert 2 <= sum(course.agent.is_main for course in going_on) <= 4
    assert [course.agent.kind for course in going_on if not course.agent.is_main] == [EXPLORE]


@pytest.mark.parametrize("seed", range(5))
def test_one_live_session_is_near_its_window_limit(seed: int) -> None:
    (course,) = (course for course in live(world(seed=seed)) if course.agent.desk == PAYMENTS)

    assert 0.85 <= course.requests[-1].prompt / CODEX_WINDOW < 0.97


def test_one_live_session_lost_its_cache_for_a_while() -> None:
    (course,) = (course for course in live(world()) if course.agent.desk == CHECKOUT)
    misses = [request.number for request in course.requests if not request.cache_read]

    assert len(misses) >= 5
    assert misses == list(range(misses[0], misses[-1] + 1))
    assert misses[-1] < course.agent.requests


def test_contexts_fall_off_cliffs_now_and_then() -> None:
    cliffs = [
        course
        for course in world()
        for before, after in pairwise(course.requests)
        if after.prompt < before.prompt / 2
    ]

    assert len(cliffs) >= 10


def test_every_model_has_a_price() -> None:
    config = load()
    settings = PriceSettings.from_config(config.prices, config.data)
    models = {desk.model for desk in DESKS} | {HAIKU}

    assert len(models) >= 5
    for model in models:
        provider = "openai" if model.startswith("gpt") else "anthropic"
        assert resolve(provider, model, "standard", settings).cards
