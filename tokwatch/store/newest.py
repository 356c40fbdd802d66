"""The newest events of a range without reading all of it: the roll-ups tell where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.view import View, between, conditions, event_conditions, joins

_FEW_QUARTERS: Final = 48
"""Quarters of an hour that are looked at first; then more and more at once."""
GROWTH: Final = 4
"""Few of the events may be those that are asked for: pieces grow, so that they stay few."""


def newest_first(view: View, part: Slice, events: int, growth: int = 1) -> Iterator[Slice]:
    """Yield a range in pieces of about so many events, the newest first.

    Each piece is `growth` times as large as the one before.
    """
    end_ms, counted, begin_ms = part.until_ms, 0, None
    for quarter_ms, number in _quarters(view, part):
        begin_ms = max(part.since_ms, quarter_ms)
        counted += number
        if counted >= events:
            yield replace(part, since_ms=begin_ms, until_ms=end_ms)
            end_ms, counted, begin_ms = begin_ms, 0, None
            events *= growth
    if begin_ms is not None:
        yield replace(part, since_ms=begin_ms, until_ms=end_ms)


def _quarters(view: View, part: Slice) -> Iterator[Row]:
    """Yield the quarters of an hour of a range with their events, the newest first."""
    until_ms, most = part.until_ms, _FEW_QUARTERS
    while True:
        found = conditions(view, part)
        between(found, "t.quarter_ms", part.since_ms // QUARTER_MS * QUARTER_MS, until_ms)
        rows = view.database.rows(
            "SELECT t.quarter_ms, CAST(sum(t.events) AS BIGINT) FROM quarter t "
            f"{joins(found.tables, scoped=True)} WHERE {found.text} "
            "GROUP BY 1 ORDER BY 1 DESC LIMIT ?",
            [*found.values, most],
        )
        yield from rows
        if len(rows) < most:
            return
        until_ms, most = rows[-1][0], most * 4


class Wanted(Struct, frozen=True):
    """What of events t is asked for."""

    columns: str
    tables: frozenset[str] = frozenset()
    """Those of s, p, m and a that the columns name."""
    joined: str = ""
    """Further tables, as SQL."""
    condition: str = ""


def newest_events(view: View, part: Slice, wanted: Wanted, most: int) -> list[Row]:
    """Return the newest events of a range, the newest first."""
    rows: list[Row] = []
    for piece in newest_first(view, part, most, GROWTH):
        found = event_conditions(view, piece)
        if wanted.condition:
            found.add(wanted.condition)
        rows += view.database.rows(
            f"SELECT {wanted.columns} FROM event t "
            f"{joins(found.tables | wanted.tables, scoped=True)} {wanted.joined} "
            f"WHERE {found.text} ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
            [*found.values, most - len(rows)],
        )
        if len(rows) >= most:
            break
    return rows
