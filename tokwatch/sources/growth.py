"""Running totals to growth: what a total grew by since it was last looked at.

A source whose log tells totals only counts their growth, as derived; what it last saw stays in
the log's cursor. Where the log is one document or a database, the source says `keeps_totals =
True`: then the state outlives a file that is written anew or replaced. Where growth lies on its
total is in stretches.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tokwatch.sources.counts import MAX_COUNT

Totals = tuple[int, ...]
"""The parts of a running total, always in the same order."""

_ENTRY_HEAD: Final = 1
"""Of an entry: the highest cost, before the totals."""


def read_state(state: bytes) -> dict[str, Any]:
    """Return what a cursor's state holds; nothing where it is no JSON object."""
    try:
        found = json.loads(state) if state else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def state_of(**parts: object) -> bytes:
    """Return a cursor's state."""
    return json.dumps(parts, separators=(",", ":")).encode()


class Step(NamedTuple):
    """What one total grew by between two looks at it."""

    growth: Totals
    cost_nano: int | None
    """Growth of the logged cost; None where no cost is logged for just this growth."""


def total(value: object) -> int | None:
    """Return one part of a running total; None where there is none or it is nonsense."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MAX_COUNT else None


def growth(previous: Totals | None, now: Totals) -> Totals:
    """Return what totals grew by: all of them where nothing came before or any part shrank."""
    if previous is None or _shrank(previous, now):
        return now
    return tuple(after - before for before, after in zip(previous, now, strict=True))


class RunningTotals:
    """The last totals of each session, or each session and model."""

    def __init__(self, before: object = None) -> None:
        """Go on from `entries` of the last read; from nothing without one."""
        self.entries: dict[str, list[int | None]] = {
            name: entry
            for name, entry in (before.items() if isinstance(before, dict) else ())
            if _is_entry(entry)
        }
        """What the next read needs, as JSON takes it: for a state that holds more than this."""

    def step(
        self, name: str, parts: Sequence[int | None], cost_nano: int | None = None
    ) -> Step | None:
        """Look at a total: return what it grew by since the last look, or None where it did not.

        A total that shrank in any part began anew; an unknown part is as it was. A cost is never
        taken back: one that falls while the tokens go on counts again beyond its highest.
        """
        highest, previous = self._last(name, len(parts))
        now = tuple(
            (previous[place] if previous else 0) if part is None else part
            for place, part in enumerate(parts)
        )
        begin = previous or (0,) * len(now)
        if is_anew := _shrank(begin, now):
            highest = highest if highest is not None and (cost_nano or 0) >= highest else None
        grown = growth(previous, now)
        cost = _cost_growth(highest, cost_nano, is_whole=is_anew or previous is None)
        kept = highest if cost_nano is None else max(cost_nano, highest or 0)
        self.entries[name] = [kept, *now]
        return Step(grown, cost) if any(grown) or cost else None

    def hand_over(self, source: str, target: str, parts: Sequence[int | None]) -> Totals | None:
        """Let a total that is now told apart go on from what was counted together with others.

        Return what of it was counted so; None where nothing was.
        """
        counted = self.entries.get(source)
        if target in self.entries or counted is None or len(counted) != len(parts) + _ENTRY_HEAD:
            return None
        before = [was or 0 for was in counted[_ENTRY_HEAD:]]
        begin = tuple(min(was, part or 0) for was, part in zip(before, parts, strict=True))
        if not any(begin):
            return None
        self.entries[target] = [None, *begin]
        left = (was - part for was, part in zip(before, begin, strict=True))
        self.entries[source] = [*counted[:_ENTRY_HEAD], *left]
        return begin

    def _last(self, name: str, parts: int) -> tuple[int | None, Totals | None]:
        """Return the highest cost and the totals of the last look."""
        entry = self.entries.get(name)
        if entry is None or len(entry) != parts + _ENTRY_HEAD:
            return None, None
        highest, *totals = entry
        return highest, tuple(part or 0 for part in totals)


def _shrank(previous: Totals, now: Totals) -> bool:
    return any(after < before for before, after in zip(previous, now, strict=True))


def _cost_growth(highest: int | None, now: int | None, *, is_whole: bool) -> int | None:
    """Return what a cost grew by; one that turns up late is of tokens counted before, too."""
    if now is None:
        return None
    if highest is None:
        return now if is_whole else None
    return max(0, now - highest)


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) > _ENTRY_HEAD
        and all(part is None or isinstance(part, int) for part in entry)
    )
