"""Reads spending by days that are over, which are kept a while, and by what still changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from tokwatch.analysis.costs import merged
from tokwatch.model.facets import Facet, Portion, Spell, Spending
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.cuts import DAYS_AT_ONCE, by_weeks, by_width, multiples
from tokwatch.store.read.every import day_counts, newest_ms, spending, spending_over_time
from tokwatch.store.slices import whole_days
from tokwatch.store.view import ALL

KEPT_MS: Final = 10_000
"""So long a read of days that are over is kept, and while it is known that they did not change."""
ALL_KEPT_MS: Final = 1_000
COUNTS_KEPT_MS: Final = 1
"""Counts tell what else is to be read anew: they are kept only while it is known that they hold."""
OTHER_ZONES_DAYS: Final = 2
"""Days of the store may be those of another zone: so many before today may reach into it."""
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

    parts = [replace(portion, part=part) for part in by_weeks(portion.part, sight.calendar)]
    if len(parts) == 1:
        return read(portion)
    return kept(portion, lambda: merged(*map(read, parts)), parts)


def days_of(sight: Sight, memory: Memory, first: int, end: int) -> list[tuple[int, int, int]]:
    """Return what `day_counts` does of some days; those that are over are kept."""
    first = max(first, 0)
    over = min(end, sight.calendar.day(sight.at_ms) - OTHER_ZONES_DAYS)
    cuts = [first, *multiples(first, over, DAYS_AT_ONCE), over] if first < over else []
    found: list[tuple[int, int, int]] = []
    for days in pairwise(cuts):
        read = partial(day_counts, sight.view, *days)
        if sight.past is None:
            found += read()
        else:
            found += memory.recall_past(
                ("days", *days), (), sight.past, sight.now_ms, COUNTS_KEPT_MS, read
            )
    return found + day_counts(sight.view, max(first, over), end)


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
        for of in by_width(Slice(part.since_ms, end_ms), width_ms):
            found += kept(of.since_ms, of.until_ms)
    new = replace(portion, part=Slice(max(part.since_ms, hour_ms), part.until_ms))
    return [*found, *spending_over_time(sight.view, new, bucket_ms)]
