"""The two stretches of time that triage compares: the shown one, A, and its baseline, B."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Final

from msgspec import Struct

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS

SIZES_MS: Final = (
    *(QUARTER_MS, 2 * QUARTER_MS, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 8 * HOUR_MS),
    *(DAY_MS, 2 * DAY_MS, 7 * DAY_MS, 30 * DAY_MS),
)
"""Lengths that a stretch can be given by keys."""
LONGER_BEFORE: Final = 3
"""The range before is so many times as long as a stretch of a day or less: a steadier baseline."""


class Stretch(Struct, frozen=True):
    """Whole quarters of an hour, half open, in UTC milliseconds."""

    since_ms: int
    until_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.until_ms - self.since_ms

    def elapsed_ms(self, at_ms: int) -> int:
        """Return how much of it lies before a moment, in minutes begun; at least one."""
        begun_ms = -(-(at_ms - self.since_ms) // MINUTE_MS) * MINUTE_MS
        return max(MINUTE_MS, min(self.length_ms, begun_ms))


class Against(StrEnum):
    """What a stretch is compared with."""

    BEFORE = "prev"
    YESTERDAY = "yesterday"
    WEEK = "week"


def stretch_of(since_ms: int, until_ms: int) -> Stretch:
    """Return the shortest stretch that holds a range: roll-ups know whole quarters of an hour."""
    first = since_ms // QUARTER_MS
    return Stretch(first * QUARTER_MS, max(first + 1, -(-until_ms // QUARTER_MS)) * QUARTER_MS)


def baseline_of(shown: Stretch, against: Against, calendar: Calendar) -> Stretch:
    """Return what a stretch is compared with."""
    if against is Against.WEEK:
        return Stretch(shown.since_ms - 7 * DAY_MS, shown.since_ms)
    if against is Against.BEFORE:
        times = LONGER_BEFORE if shown.length_ms <= DAY_MS else 1
        return Stretch(shown.since_ms - times * shown.length_ms, shown.since_ms)
    since_ms = days_before(shown.since_ms, days_back(shown), calendar)
    return Stretch(since_ms, since_ms + shown.length_ms)


def days_back(shown: Stretch) -> int:
    """Return how many days before a stretch the same time of day does not overlap it."""
    return max(1, -(-shown.length_ms // DAY_MS))


def days_before(at_ms: int, days: int, calendar: Calendar) -> int:
    """Return the same time on the clock some days earlier."""
    earlier_ms = at_ms - days * DAY_MS
    return earlier_ms + calendar.offset_ms(at_ms) - calendar.offset_ms(earlier_ms)


def scale_of(shown: Stretch, baseline: Stretch, at_ms: int) -> Fraction:
    """Return how much of a stretch has passed at a moment, over the length of its baseline."""
    return Fraction(shown.elapsed_ms(at_ms), baseline.elapsed_ms(at_ms))


def moved(shown: Stretch, halves: int, at_ms: int) -> Stretch:
    """Return a stretch half its length earlier or later, never beginning after a moment."""
    step_ms = max(QUARTER_MS, shown.length_ms // 2 // QUARTER_MS * QUARTER_MS)
    latest_ms = at_ms // QUARTER_MS * QUARTER_MS + QUARTER_MS - shown.length_ms
    since_ms = min(shown.since_ms + halves * step_ms, max(latest_ms, shown.since_ms))
    return Stretch(since_ms, since_ms + shown.length_ms)


def resized(shown: Stretch, steps: int) -> Stretch:
    """Return the next shorter or longer stretch with the same end."""
    if steps < 0:
        shorter = [size for size in SIZES_MS if size < shown.length_ms]
        length_ms = shorter[-1] if shorter else shown.length_ms
    else:
        length_ms = next((size for size in SIZES_MS if size > shown.length_ms), shown.length_ms)
    return Stretch(shown.until_ms - length_ms, shown.until_ms)
