"""Performance and quality of the shown range, whole or before and after an instant."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.quality import By, Narrow, Quality, narrowed, quality, split
from tokwatch.analysis.trend import Cut, cut
from tokwatch.model.performance import Told
from tokwatch.model.snapshot import Span
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import performance

MOST: Final = 20_000
"""Requests that are looked at one by one: the newest of the range."""
FIRST: Final = 1_000
"""So many are looked at for the first answer of a range; the second one has them all."""
KEPT_MS: Final = {
    **dict.fromkeys((Span.HOUR, Span.HOURS), 1_000),
    **dict.fromkeys((Span.DAY, Span.WEEK), 10_000),
    **dict.fromkeys((Span.MONTH, Span.ALL), 60_000),
}
"""How long an answer is good for: the longer the range, the less it moves."""


class QualityPage(Struct, frozen=True):
    """The answer to a question of quality."""

    by: By
    trail: tuple[Narrow, ...]
    mark_ms: int | None
    whole: Quality
    before: Quality | None
    after: Quality | None
    left_out: int
    """Older requests of the range that are not looked at."""
    since_ms: int
    at_ms: int
    goes_on: bool = False
    """Whether the next answer looks at more of them."""


@dataclass(frozen=True, slots=True)
class QualityAsk:
    """Asks how requests, turns and sessions went."""

    by: By = By.MODEL
    trail: tuple[Narrow, ...] = ()
    mark_ms: int | None = None
    """Splits the range in what was before and what was after."""
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> QualityPage:
        """Return the page; of a long range one that is a little older."""
        for_ms = KEPT_MS[sight.span]
        until = 0 if sight.at_ms == sight.now_ms else sight.at_ms
        range_asked = (sight.span, until, sight.mode, sight.zone_name)
        if (first := self._first(sight, range_asked, for_ms)) is not None:
            page = page_of(*first, self.by, self.trail, self.mark_ms)
            return replace(page, goes_on=True)
        asked = (*range_asked, self.by, self.trail, self.mark_ms)
        return self.memory.recall(
            *("page", asked, sight.now_ms, for_ms),
            lambda: self._answer(sight, range_asked, for_ms),
        )

    def _first(self, sight: Sight, asked: Hashable, for_ms: int) -> tuple[Told, Cut] | None:
        """Return the newest requests, where it is the first time and there are more of them."""
        if self.memory.is_begun(sight.span):
            return None
        found = _read(sight, FIRST)
        if found[0].left_out:
            return found
        self.memory.recall("told", asked, sight.now_ms, for_ms, lambda: found)
        return None

    def _answer(self, sight: Sight, asked: Hashable, for_ms: int) -> QualityPage:
        told, division = self.memory.recall(
            "told", asked, sight.now_ms, for_ms, lambda: _read(sight, MOST)
        )
        return page_of(told, division, self.by, self.trail, self.mark_ms)


def _read(sight: Sight, most: int) -> tuple[Told, Cut]:
    part = sight.slice
    division = cut(sight.range, sight.calendar, part.until_ms)
    # The sums of other screens know whole quarters of an hour: the first one begins before.
    starts = (part.since_ms, *division.starts[1:])
    told = performance(sight.view, part, sight.mode, most, sight.calendar)
    return told, replace(division, starts=starts)


def page_of(
    told: Told,
    division: Cut,
    by: By = By.MODEL,
    trail: tuple[Narrow, ...] = (),
    mark_ms: int | None = None,
) -> QualityPage:
    """Return the page of what was told, narrowed and split as asked."""
    mine = narrowed(told, trail)
    before, after = None, None
    if mark_ms is not None:
        before, after = (quality(side, division, by) for side in split(mine, mark_ms))
    whole = quality(mine, division, by)
    since_ms, at_ms = division.starts[0], division.until_ms - 1
    return QualityPage(by, trail, mark_ms, whole, before, after, told.left_out, since_ms, at_ms)
