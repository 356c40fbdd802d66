"""The demo's past: fourteen days of work in working hours, the last hours by the script."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.demo.agent import Agent, Desk, Request, new_agent, next_request, sub_agent, task_of
from tokwatch.demo.desks import CHECKOUT, DESKS, beneath, kinds_at
from tokwatch.demo.formats import FORMATS
from tokwatch.demo.script import SCRIPT, Scene
from tokwatch.model.units import MINUTE_MS

DAYS: Final = 14
BUSY_DAYS_AGO: Final = 5
"""A past day with twice the usual work."""
HOUR: Final = timedelta(hours=1)
WORKING_HOURS: Final = (9 * HOUR, 17 * HOUR)
"""When sessions begin, at the first and the last."""
MORE_REQUESTS: Final = (40, 120)
"""How many requests a live session still makes, at least and at most."""


class Course(Struct, frozen=True):
    """An agent and everything that it asked for so far."""

    agent: Agent
    requests: tuple[Request, ...]


def history(now: datetime, zone: tzinfo, dice: Random) -> list[Course]:
    """Return the work of fourteen days that end now."""
    now_ms = round(now.timestamp() * 1000)
    courses = [course for scene in SCRIPT for course in _scene(scene, now_ms, dice)]
    for days_ago in range(1, DAYS):
        courses += _day(now.astimezone(zone), days_ago, dice)
    return courses


def _scene(scene: Scene, now_ms: int, dice: Random) -> Iterator[Course]:
    """Yield a session of the script, then its sub-agents."""
    since, until = (now_ms - round(ago * MINUTE_MS) for ago in scene.misses)
    times = _times(now_ms, scene.begin, scene.end, scene.gap_seconds, dice)
    more = 0 if scene.end else dice.randint(*MORE_REQUESTS)
    main = new_agent(scene.desk, times[0], len(times) + more, dice)
    beneath_it = []
    for part in scene.sub_agents:
        desk = beneath(scene.desk, part.kind)
        own = _times(now_ms, part.begin, part.end, 20, dice)
        main, child = _spawned(main, times, desk, part.kind, own, dice, is_over=bool(part.end))
        more = 0 if part.end else child.ends_after
        beneath_it.append((replace(child, ends_after=len(own) + more), own))
    yield _course(main, times, dice, context=scene.context, misses=range(since, until))
    for child, own in beneath_it:
        yield _course(child, own, dice)


def _spawned(
    main: Agent,
    times: Sequence[int],
    desk: Desk,
    kind: str,
    own: Sequence[int],
    dice: Random,
    *,
    is_over: bool = True,
) -> tuple[Agent, Agent]:
    """Return a main agent that set another one to work, and that one; `own` are its requests."""
    number = max(1, bisect_left(times, own[0]))
    call = FORMATS[desk.tool].call_of(main, number)
    child = sub_agent(main, desk, kind, own[0], dice, call)
    back = bisect_left(times, own[-1]) + 1
    reported = back if is_over and number < back <= len(times) else None
    return replace(main, tasks=(*main.tasks, task_of(child, number, reported))), child


def _times(now_ms: int, begin: float, end: float, gap_seconds: float, dice: Random) -> list[int]:
    """Return the instants of requests between two times that are given in minutes ago."""
    at_ms, end_ms = now_ms - round(begin * MINUTE_MS), now_ms - round(end * MINUTE_MS)
    times = []
    while at_ms < end_ms:
        times.append(at_ms)
        at_ms += round(1_000 * gap_seconds * dice.uniform(0.4, 1.6))
    return times


def _course(
    agent: Agent,
    times: Sequence[int],
    dice: Random,
    *,
    context: int | None = None,
    misses: range = range(0),
) -> Course:
    """Let an agent make its requests; its context comes to a given size at the last of them."""
    requests = []
    for left, at_ms in zip(range(len(times), 0, -1), times, strict=True):
        growth = agent.desk.growth
        if context is not None:
            growth = max(300, (context - agent.context) // left)
        agent, request = next_request(agent, at_ms, growth, dice, misses_cache=at_ms in misses)
        requests.append(request)
    return Course(agent, tuple(requests))


def _day(now: datetime, days_ago: int, dice: Random) -> Iterator[Course]:
    """Yield the sessions of a past day."""
    date = now.date() - timedelta(days=days_ago)
    count = dice.randint(0, 2) if date.weekday() >= 5 else dice.randint(6, 9)
    if days_ago == BUSY_DAYS_AGO:
        count = 13
    midnight = datetime.combine(date, time(), now.tzinfo)
    time_of_day = timedelta(hours=now.hour, minutes=now.minute)
    for number in range(count):
        # The screen compares a day with the same hours of earlier ones: half the work is in them.
        first, last = (time_of_day - 4 * HOUR, time_of_day) if number % 2 else WORKING_HOURS
        begin = midnight + first + dice.random() * (last - first)
        yield from _session(round(begin.timestamp() * 1000), dice)


def _session(begin_ms: int, dice: Random) -> Iterator[Course]:
    """Yield a session that is over, and now and then a sub-agent of it."""
    desk = dice.choice((CHECKOUT, *DESKS))
    desk = replace(desk, growth=desk.growth * 6)
    times = _spread(begin_ms, dice.randint(14, 50), dice)
    main = replace(new_agent(desk, begin_ms, len(times), dice), talks=False)
    if dice.random() >= 0.35:
        yield _course(main, times, dice)
        return
    kind, start_ms = dice.choice(kinds_at(desk)), times[len(times) // 2] + 2 * MINUTE_MS
    own = _spread(start_ms, dice.randint(5, 14), dice)
    main, child = _spawned(main, times, beneath(desk, kind), kind, own, dice)
    yield _course(main, times, dice)
    yield _course(replace(child, ends_after=len(own)), own, dice)


def _spread(begin_ms: int, count: int, dice: Random) -> list[int]:
    """Return instants with short gaps, and a few long ones in which the user was away."""
    times = [begin_ms]
    while len(times) < count:
        away = dice.random() < 0.04
        gap_seconds = dice.uniform(300, 1_200) if away else min(240, dice.lognormvariate(3.4, 0.7))
        times.append(times[-1] + round(gap_seconds * 1_000))
    return times
