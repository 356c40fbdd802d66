"""Long ranges in stretches that are read once: what is past is asked for again when it changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec import Struct, field

from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import days_of
from tokwatch.store.read.every import quarter_counts, stored_zone

MOST_EVENTS: Final = 2_000
"""Requests of one stretch, about, as far as whole quarters of an hour allow; and of an answer."""
MOST_KEPT: Final = 2_000
"""Stretches that are remembered beside those that are shown."""

Value = TypeVar("Value")
Count = tuple[int, int, int]
"""A time, its events, and their nano-dollars."""


class Stretch(NamedTuple):
    """A part of the shown range, and what tells that it has changed."""

    since_ms: int
    until_ms: int
    events: int
    mark: Hashable


def marked(wanted: Sequence[Stretch], instants: Sequence[int], reach_ms: int) -> list[Stretch]:
    """Return stretches that also change with the instants in and shortly before them, in order."""
    found = []
    for stretch in wanted:
        first = bisect_left(instants, stretch.since_ms - reach_ms)
        near = tuple(instants[first : bisect_left(instants, stretch.until_ms)])
        found.append(stretch._replace(mark=(stretch.mark, near)) if near else stretch)
    return found


def stretches(sight: Sight, memory: Memory) -> list[Stretch]:
    """Return the stretches of the shown range that hold requests, the oldest first.

    Whole days of the past, cut where they hold many; today, or a range of a day, by the quarter
    of an hour.
    """
    part = sight.slice
    fine_ms = part.since_ms
    if part.until_ms - part.since_ms > DAY_MS + QUARTER_MS:
        fine_ms = max(fine_ms, sight.calendar.begin_ms(sight.calendar.day(sight.at_ms)))
    return [
        *_past(sight, memory, part.since_ms, fine_ms),
        *_quarters(sight, fine_ms, part.until_ms),
    ]


def _past(sight: Sight, memory: Memory, since_ms: int, until_ms: int) -> Iterator[Stretch]:
    if since_ms >= until_ms:
        return
    calendar = sight.calendar
    first, end = calendar.day(since_ms), calendar.day(until_ms)
    whole = first + (calendar.begin_ms(first) < since_ms)
    begin_ms = min(calendar.begin_ms(whole), until_ms)
    counts = quarter_counts(sight.view, Slice(since_ms, begin_ms))
    if counts:
        yield from _cut(since_ms, begin_ms, _sum(counts))
    if stored_zone(sight.view) == calendar.zone:
        days = days_of(sight, memory, whole, end)
    else:
        days = _by_day(sight, quarter_counts(sight.view, Slice(begin_ms, until_ms)))
    for day in days:
        yield from _cut(calendar.begin_ms(day[0]), calendar.begin_ms(day[0] + 1), day)


def _quarters(sight: Sight, since_ms: int, until_ms: int) -> Iterator[Stretch]:
    follows_now = sight.at_ms >= sight.now_ms
    for start_ms, events, nano in quarter_counts(sight.view, Slice(since_ms, until_ms)):
        end_ms = start_ms + QUARTER_MS
        end_ms = end_ms if follows_now else min(end_ms, until_ms)
        yield Stretch(start_ms, end_ms, events, (events, nano))


def _cut(since_ms: int, until_ms: int, count: Count) -> Iterator[Stretch]:
    """Yield a day in as many parts as its requests ask for."""
    _, events, nano = count
    quarters = (until_ms - since_ms) // QUARTER_MS
    parts = max(1, min(quarters, -(-events // MOST_EVENTS)))
    for number in range(parts):
        begin_ms = since_ms + quarters * number // parts * QUARTER_MS
        end_ms = since_ms + quarters * (number + 1) // parts * QUARTER_MS
        end_ms = until_ms if number == parts - 1 else end_ms
        share = events * (number + 1) // parts - events * number // parts
        yield Stretch(begin_ms, end_ms, share, (events, nano))


def _sum(counts: Sequence[Count]) -> Count:
    return counts[0][0], sum(count[1] for count in counts), sum(count[2] for count in counts)


def _by_day(sight: Sight, counts: Sequence[Count]) -> list[Count]:
    """Return counts by the day; a store whose own days are of another zone has none."""
    days: dict[int, list[Count]] = {}
    for count in counts:
        days.setdefault(sight.calendar.day(count[0]), []).append(count)
    return [(day, *_sum(some)[1:]) for day, some in days.items()]


class Kept(Struct, Generic[Value]):
    """What was made of stretches; each answer makes a little more of it."""

    values: dict[Hashable, dict[Stretch, Value]] = field(default_factory=dict)

    def fill(
        self,
        wanted: Sequence[Stretch],
        of: Hashable,
        make: Callable[[Stretch], Value],
    ) -> list[Value | None]:
        """Return what is known of each stretch, after making what fits into one answer.

        The newest ones come first; `of` tells apart what else the values depend on.
        """
        if sum(map(len, self.values.values())) > len(wanted) + MOST_KEPT:
            here = self.values.get(of, {})
            self.values = {of: {key: here[key] for key in wanted if key in here}}
        known, left = self.values.setdefault(of, {}), MOST_EVENTS
        found = [known.get(stretch) for stretch in wanted]
        for place in reversed(range(len(wanted))):
            if found[place] is None and left > 0:
                found[place] = known[wanted[place]] = make(wanted[place])
                left -= wanted[place].events
        return found
