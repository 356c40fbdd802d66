"""Running totals to growth: what a total grew by since it was last looked at.

A source whose log tells totals only counts their growth, as derived; what it last saw stays in
the log's cursor. Where the log is one document or a database, the source says `keeps_totals =
True`: then the state outlives a file that is written anew or replaced.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tokwatch.sources.counts import MAX_COUNT

Totals = tuple[int, ...]
"""The parts of a running total, always in the same order."""

_ENTRY_HEAD: Final = 2


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
    mark: str
    """Names what it grew from. As a part of the event's key it makes a second look from the same
    beginning replace the first one's event."""


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
        """Go on from `entries` or `encoded()` of the last read; from nothing without one."""
        found = read_state(before) if isinstance(before, bytes) else before
        self.entries: dict[str, list[int | None]] = {
            name: entry
            for name, entry in (found.items() if isinstance(found, dict) else ())
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
        run, highest, previous = self._last(name, len(parts))
        now = tuple(
            (previous[place] if previous else 0) if part is None else part
            for place, part in enumerate(parts)
        )
        begin = previous or (0,) * len(now)
        if is_anew := _shrank(begin, now):
            run, begin = run + 1, (0,) * len(now)
            highest = highest if highest is not None and (cost_nano or 0) >= highest else None
        grown = growth(previous, now)
        cost = _cost_growth(highest, cost_nano, is_whole=is_anew or previous is None)
        mark = f"{run}:{highest or 0}:{','.join(map(str, begin))}"
        kept = highest if cost_nano is None else max(cost_nano, highest or 0)
        self.entries[name] = [run, kept, *now]
        return Step(grown, cost, mark) if any(grown) or cost else None

    def hand_over(self, source: str, target: str, parts: Sequence[int | None]) -> None:
        """Let a total that is now told apart go on from what was counted together with others."""
        counted = self.entries.get(source)
        if target in self.entries or counted is None or len(counted) != len(parts) + _ENTRY_HEAD:
            return
        begin = [min(was or 0, part or 0) for was, part in zip(counted[2:], parts, strict=True)]
        if any(begin):
            left = [(was or 0) - part for was, part in zip(counted[2:], begin, strict=True)]
            self.entries[target] = [0, None, *begin]
            # As a run of its own: no later step may be taken for one that was counted before.
            self.entries[source] = [(counted[0] or 0) + 1, counted[1], *left]

    def encoded(self) -> bytes:
        """Return what the next read needs as a cursor's state."""
        return json.dumps(self.entries, separators=(",", ":")).encode()

    def _last(self, name: str, parts: int) -> tuple[int, int | None, Totals | None]:
        """Return the run, the highest cost and the totals of the last look."""
        entry = self.entries.get(name)
        if entry is None or len(entry) != parts + _ENTRY_HEAD:
            return 0, None, None
        run, highest, *totals = entry
        return run or 0, highest, tuple(part or 0 for part in totals)


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
