"""Anomalies: hours that cost far more than this user's hours usually do.

What is usual is the median of the hours with use in the eight weeks before, of the same time of the
week where there are enough of them. How far hours usually scatter is the median absolute deviation
of the logarithms of the dearer half: costs differ by factors, and neither is moved by wild hours.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, HOUR_MS, NANO, QUARTER_MS

HISTORY_DAYS: Final = 56
"""Days before the judged one that tell what is usual."""
RECENT_DAYS: Final = 7
"""Days that lift what is usual as soon as someone's use has grown."""
LEAST_HOURS: Final = 10
LEAST_DAYS: Final = 3
"""Hours with use, on so many days, without which nothing is judged."""
LEAST_RECENT: Final = 6
LEAST_OF_SLOT: Final = 5
"""Hours of one time of the week that tell what is usual then; an hour before and after count too
where there are not enough.
"""
LEAST_TIMES: Final = 3.0
"""Nothing below so many times the usual is flagged."""
DEVIATIONS: Final = 2.25
"""Standard deviations above the usual: about one in 80 hours is further off by chance."""
LEAST_EXCESS_NANO: Final = NANO
"""Nor anything that costs less than a dollar more than the usual."""
SIGMA: Final = 1.4826
"""A standard deviation over the median absolute deviation."""
WEEK_HOURS: Final = 7 * 24
_THURSDAY: Final = 3
"""Weekday of day 0, with Monday as 0."""

Costs = Sequence[tuple[int, int]]
"""(Quarter of an hour, nano-dollars), the oldest first."""


class Anomaly(Struct, frozen=True):
    """A stretch of time that cost far more than usual, and why it is taken for one."""

    since_ms: int
    until_ms: int
    nano: int
    """What the stretch cost."""
    peak_ms: int
    """Begin of its dearest hour, by which it is judged."""
    peak_nano: int
    usual_nano: int
    """What such an hour usually costs."""
    threshold_nano: int
    """From what cost on it is flagged."""
    hours: int
    """Hours with use that tell what is usual."""
    is_of_slot: bool
    """Whether those are of the same time of the week; else of any."""
    is_scattered: bool
    """Whether it is the scatter of the hours that sets the threshold, not the least factor."""

    @property
    def times(self) -> float:
        """How many times the usual its dearest hour cost."""
        return self.peak_nano / self.usual_nano


class Judged(Struct, frozen=True):
    """What a search for anomalies found."""

    anomalies: tuple[Anomaly, ...] = ()
    """The newest first."""
    has_history: bool = False
    """Whether there is enough use before the end of the range to tell what is usual."""


class Usual(Struct, frozen=True):
    """What hours of a day usually cost."""

    slots: dict[int, tuple[int, int]]
    """By hour of the week: the usual cost and the number of hours that tell it."""
    level: int
    """Of an hour with use, whenever it is."""
    hours: int
    times: float
    """Factor from which on an hour is flagged."""
    scatter: float
    """Factor up to which hours usually scatter, however little that is."""

    def of(self, slot: int) -> tuple[int, int, bool]:
        """Return what is usual at an hour of the week, and how that is known.

        Never less than at any hour: work at an unusual time is none of our business.
        """
        usual, hours = self.slots.get(slot, (0, 0))
        return (usual, hours, True) if usual > self.level else (self.level, self.hours, False)


class _Hour(NamedTuple):
    """An hour with use on the local clock."""

    start_ms: int
    day: int
    """The local one."""
    slot: int
    """Hour of the week, Monday 00:00 is 0."""
    nano: int
    log: float
    """Natural logarithm of its cost."""


def usual_days(costs: Costs, calendar: Calendar, first: int, last: int) -> dict[int, Usual]:
    """Return what is usual on each of some local days, from the days before it alone.

    The costs reach from HISTORY_DAYS before the first day to the last one, which they need not
    hold. A day with too little use before it is left out.
    """
    hours = _hours(costs, calendar)
    starts = [hour.start_ms for hour in hours]
    found: dict[int, Usual] = {}
    for day in range(first, last + 1):
        begin_ms = calendar.begin_ms(day)
        oldest = bisect_left(starts, begin_ms - HISTORY_DAYS * DAY_MS)
        usual = _usual(hours[oldest : bisect_left(starts, begin_ms)], begin_ms)
        if usual is not None:
            found[day] = usual
    return found


def anomalies(
    costs: Costs, usual: Mapping[int, Usual], calendar: Calendar, since_ms: int, until_ms: int
) -> Judged:
    """Return the anomalies of a range against what is usual on each day.

    Judged are all hours that begin with a quarter: a spike over the full hour is one all the same.
    The running hour counts as if it were over: it is flagged once it has cost too much already.
    """
    starts = [at_ms for at_ms, _ in costs]
    inside = costs[bisect_left(starts, since_ms) : bisect_left(starts, until_ms)]
    flagged: list[Anomaly] = []
    for start_ms, nano in _any_hours(inside):
        day = usual.get(calendar.day(start_ms))
        slots = [slot_of(at_ms, calendar) for at_ms in (start_ms, start_ms + 3 * QUARTER_MS)]
        if day is not None and (one := _judge(start_ms, nano, slots, day)) is not None:
            flagged.append(one)
    found = [_merged(run, inside) for run in _runs(flagged)]
    return Judged(tuple(reversed(found)), calendar.day(until_ms - 1) in usual)


def _any_hours(costs: Costs) -> Iterator[tuple[int, int]]:
    """Yield each hour that begins with a quarter with use, and what it cost."""
    known = dict(costs)
    for start_ms, nano in costs:
        if nano > 0:
            others = (known.get(start_ms + place * QUARTER_MS, 0) for place in (1, 2, 3))
            yield start_ms, nano + sum(others)


def slot_of(at_ms: int, calendar: Calendar) -> int:
    """Return the hour of the week on the local clock, Monday 00:00 as 0."""
    hour = (at_ms + calendar.offset_ms(at_ms)) // HOUR_MS
    return (hour + _THURSDAY * 24) % WEEK_HOURS


def _hours(costs: Costs, calendar: Calendar) -> list[_Hour]:
    """Return the hours of the local clock with use; one that it shows twice is two."""
    sums: dict[int, int] = {}
    for at_ms, nano in costs:
        if nano > 0:
            start_ms = at_ms - (at_ms + calendar.offset_ms(at_ms)) % HOUR_MS
            sums[start_ms] = sums.get(start_ms, 0) + nano
    return [
        _Hour(at_ms, calendar.day(at_ms), slot_of(at_ms, calendar), nano, math.log(nano))
        for at_ms, nano in sorted(sums.items())
    ]


def _usual(history: Sequence[_Hour], begin_ms: int) -> Usual | None:
    """Return what is usual after a history; None where that is too short."""
    days = {hour.day for hour in history}
    if len(history) < LEAST_HOURS or len(days) < LEAST_DAYS:
        return None
    level = median(hour.nano for hour in history)
    recent = [hour.nano for hour in history if hour.start_ms >= begin_ms - RECENT_DAYS * DAY_MS]
    if len(recent) >= LEAST_RECENT:
        level = max(level, median(recent))
    logs = [hour.log for hour in history]
    middle = median(logs)
    # Of the dearer half alone: cheap hours, of which there are many, say nothing about dear ones.
    deviation = SIGMA * median(one - middle for one in logs if one >= middle)
    scatter = math.exp(DEVIATIONS * deviation)
    times = max(LEAST_TIMES, scatter)
    return Usual(_slots(history), max(1, round(level)), len(history), times, scatter)


def _slots(history: Iterable[_Hour]) -> dict[int, tuple[int, int]]:
    """Return the median of each hour of the week: of its own costs, else of those around it."""
    own: dict[int, list[int]] = {}
    for hour in history:
        own.setdefault(hour.slot, []).append(hour.nano)
    around = {
        slot: [nano for near in (-1, 0, 1) for nano in own.get((slot + near) % WEEK_HOURS, ())]
        for slot in range(WEEK_HOURS)
    }
    told = {
        slot: own[slot] if len(own.get(slot, ())) >= LEAST_OF_SLOT else costs
        for slot, costs in around.items()
    }
    return {
        slot: (round(median(costs)), len(costs))
        for slot, costs in told.items()
        if len(costs) >= LEAST_OF_SLOT
    }


def _judge(start_ms: int, nano: int, slots: Iterable[int], usual: Usual) -> Anomaly | None:
    """Return an hour as an anomaly, or None where it is not far from the usual.

    One that lies in two hours of the week is held against the dearer one.
    """
    cost, hours, is_of_slot = max(map(usual.of, slots))
    threshold = max(round(cost * usual.times), cost + LEAST_EXCESS_NANO)
    if nano < threshold:
        return None
    return Anomaly(
        *(start_ms, start_ms + HOUR_MS, nano, start_ms, nano),
        *(cost, threshold, hours, is_of_slot, usual.times > LEAST_TIMES),
    )


def _runs(flagged: Iterable[Anomaly]) -> list[list[Anomaly]]:
    """Return flagged hours together that overlap, or have no more than an hour between them."""
    runs: list[list[Anomaly]] = []
    for one in flagged:
        if runs and one.since_ms - runs[-1][-1].until_ms <= HOUR_MS:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _merged(run: Sequence[Anomaly], costs: Costs) -> Anomaly:
    """Return one anomaly for a run of hours, from its first dear quarter to its last."""
    peak = max(run, key=lambda one: one.peak_nano)
    starts = [at_ms for at_ms, _ in costs]
    inside = costs[bisect_left(starts, run[0].since_ms) : bisect_left(starts, run[-1].until_ms)]
    dear = [at_ms for at_ms, nano in inside if nano * 4 >= peak.threshold_nano]
    since_ms, until_ms = dear[0], dear[-1] + QUARTER_MS
    nano = sum(nano for at_ms, nano in inside if since_ms <= at_ms < until_ms)
    return Anomaly(
        *(since_ms, until_ms, nano, peak.peak_ms, peak.peak_nano),
        *(peak.usual_nano, peak.threshold_nano, peak.hours, peak.is_of_slot, peak.is_scattered),
    )
