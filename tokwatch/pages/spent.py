"""Reads spending by days that are over, which are kept a while, and by what still changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from tokwatch.analysis.costs import merged
from tokwatch.model.facets import Facet, Portion, Spell, Spending
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import newest_ms, spending, spending_over_time
from tokwatch.store.slices import whole_days
from tokwatch.store.view import ALL

KEPT_MS: Final = 10_000
"""So long a read of days that are over is kept, and while it is known that they did not change."""
ALL_KEPT_MS: Final = 1_000
DAYS_AT_ONCE: Final = 28
"""Days that are over are read so many at once: each read is short, and is kept by itself."""
SINGLE_MS: Final = 4 * HOUR_MS
ROLLED_MS: Final = 7 * DAY_MS
"""So much time is read at once where it is told apart by the minute, and by the quarter-hour."""


def pieces(sight: Sight, part: Slice) -> Iterator[tuple[Slice, bool]]:
    """Yield a range cut where its first and its last whole day end, and whether each is over."""
    calendar = sight.calendar
    today_ms = calendar.begin_ms(calendar.day(sight.at_ms))
    first = calendar.day(part.since_ms)
    if calendar.begin_ms(first) < part.since_ms:
        first += 1
    begin_ms = calendar.begin_ms(first)
    end_ms = min(today_ms, calendar.begin_ms(calendar.day(part.until_ms)))
    cuts = [part.since_ms, begin_ms, max(begin_ms, end_ms), part.until_ms]
    cuts = [min(max(cut, part.since_ms), part.until_ms) for cut in cuts]
    for since_ms, until_ms in pairwise(cuts):
        if since_ms < until_ms:
            yield Slice(since_ms, until_ms), until_ms <= today_ms


def spent_by(
    sight: Sight, memory: Memory, portion: Portion, by: tuple[Facet, ...]
) -> list[Spending]:
    """Return spending by some facets, from roll-ups."""

    def read(part: Slice, is_over: bool) -> list[Spending]:
        of_part = replace(portion, part=part)
        return _past(sight, memory, of_part, by) if is_over else spending(sight.view, of_part, by)

    return merged(*(read(part, is_over) for part, is_over in pieces(sight, portion.part)))


def _past(sight: Sight, memory: Memory, portion: Portion, by: tuple[Facet, ...]) -> list[Spending]:
    """Return the spending of days that are over; of many it is the sum of kept parts."""

    def kept(
        of: Portion, make: Callable[[], list[Spending]], parts: Sequence[Portion] = ()
    ) -> list[Spending]:
        asked = ("spent", of, by), (), sight.past, sight.now_ms, KEPT_MS
        return memory.recall_past(*asked, make, [("spent", part, by) for part in parts])

    def read(of: Portion) -> list[Spending]:
        return kept(of, lambda: spending(sight.view, of, by))

    parts = [replace(portion, part=part) for part in by_weeks(sight, portion.part)]
    if len(parts) == 1:
        return read(portion)
    return kept(portion, lambda: merged(*map(read, parts)), parts)


def by_weeks(sight: Sight, part: Slice) -> list[Slice]:
    """Return a range cut every four weeks, always at the same days."""
    calendar = sight.calendar
    first, last = (calendar.day(at_ms) // DAYS_AT_ONCE for at_ms in (part.since_ms, part.until_ms))
    cuts = [calendar.begin_ms(number * DAYS_AT_ONCE) for number in range(first + 1, last + 1)]
    inner = [cut for cut in cuts if part.since_ms < cut < part.until_ms and not cut % QUARTER_MS]
    return [Slice(*ends) for ends in pairwise([part.since_ms, *inner, part.until_ms])]


def all_spent_by(
    sight: Sight, memory: Memory, portion: Portion, by: tuple[Facet, ...]
) -> list[Spending]:
    """Return all spending up to the moment by some facets: sums of all time where they hold."""
    is_by_days = sight.past is not None and whole_days(sight.view, portion, by) is not None
    if is_by_days or newest_ms(sight.view) > sight.at_ms:
        return spent_by(sight, memory, portion, by)
    whole = replace(portion, part=ALL)
    return memory.recall(
        ("all", whole, by),
        (),
        sight.now_ms,
        ALL_KEPT_MS,
        lambda: spending(sight.view, whole, by),
    )


def spells_of(sight: Sight, memory: Memory, portion: Portion, bucket_ms: int) -> list[Spell]:
    """Return spending over time; all but the last hour is kept a while, in parts."""
    hour_ms = sight.at_ms // HOUR_MS * HOUR_MS
    part = portion.part
    width_ms = SINGLE_MS if bucket_ms % QUARTER_MS else ROLLED_MS

    def kept(since_ms: int, until_ms: int) -> list[Spell]:
        old = replace(portion, part=Slice(since_ms, until_ms))
        return memory.recall(
            ("spells", old, bucket_ms),
            (),
            sight.now_ms,
            KEPT_MS,
            lambda: spending_over_time(sight.view, old, bucket_ms),
        )

    found: list[Spell] = []
    end_ms = min(part.until_ms, hour_ms)
    if part.since_ms < end_ms:
        inner = range((part.since_ms // width_ms + 1) * width_ms, end_ms, width_ms)
        for since_ms, until_ms in pairwise([part.since_ms, *inner, end_ms]):
            found += kept(since_ms, until_ms)
    new = replace(portion, part=Slice(max(part.since_ms, hour_ms), part.until_ms))
    return [*found, *spending_over_time(sight.view, new, bucket_ms)]
