"""Summed usage, from the cheapest roll-up that can tell it."""

from __future__ import annotations

from dataclasses import dataclass

from tokwatch.model import (
    DAY_MS,
    OPEN_END_MS,
    Calendar,
    Cell,
    CostMode,
    Dimension,
    Slice,
    Usage,
)
from tokwatch.store.connect import Row
from tokwatch.store.view import (
    ALL,
    MODEL_COLUMNS,
    PLACE_COLUMNS,
    SCOPE_COLUMNS,
    Conditions,
    View,
    between,
    conditions,
    joins,
)

MEASURES = tuple(Usage.__dataclass_fields__)
# PostgreSQL sums integers to Decimal; the cast makes both give an int.
SUMS = ", ".join(f"CAST(sum(t.{name}) AS BIGINT)" for name in MEASURES)

CELL_COST = {
    CostMode.AUTO: "auto_nano",
    CostMode.CALCULATE: "computed_nano",
    CostMode.DISPLAY: "logged_nano",
}
"""The column of a roll-up that counts as cost."""

UTC = Calendar()
_FINE = {Dimension.QUARTER, Dimension.SESSION, Dimension.AGENT, Dimension.KIND}


@dataclass(frozen=True, slots=True)
class _Grain:
    """A roll-up table and the expressions of its time."""

    table: str
    scoped: bool
    columns: dict[Dimension, str]


def usage(
    view: View,
    part: Slice = ALL,
    by: tuple[Dimension, ...] = (),
    calendar: Calendar = UTC,
) -> list[Cell]:
    """Return usage by the dimensions asked for, in their order.

    Roll-ups know time by the quarter of an hour: a quarter counts when its start lies in the range.
    """
    rows = _grouped(view, part, by, calendar, SUMS)
    width = len(by)
    return [Cell(tuple(row[:width]), Usage(*row[width:])) for row in rows]


def daily_costs(
    view: View, part: Slice, calendar: Calendar, mode: CostMode = CostMode.AUTO
) -> list[tuple[int, str, int]]:
    """Return (day, model, nano-dollars), the oldest first: cheaper than all of the usage."""
    cost = f"CAST(sum(t.{CELL_COST[mode]}) AS BIGINT)"
    rows = _grouped(view, part, (Dimension.DAY, Dimension.MODEL), calendar, cost)
    return [(row[0], row[1], row[2]) for row in rows]


def _grouped(
    view: View, part: Slice, by: tuple[Dimension, ...], calendar: Calendar, sums: str
) -> list[Row]:
    """Return the dimensions' values and sums of each group that has an event."""
    found = conditions(view, part)
    grain = _grain(view, part, by, calendar, found)
    columns = [grain.columns[dimension] for dimension in by]
    tables = found.tables | {alias for alias in "spma" for c in columns if f"{alias}." in c}
    groups = ", ".join(str(number + 1) for number in range(len(by)))
    return view.database.rows(
        f"SELECT {', '.join([*columns, sums])} FROM {grain.table} t "
        f"{joins(tables, scoped=grain.scoped)} WHERE {found.text} "
        + (f"GROUP BY {groups} " if by else "")
        + "HAVING sum(t.events) > 0"
        + (f" ORDER BY {groups}" if by else ""),
        found.values,
    )


def _grain(
    view: View,
    part: Slice,
    by: tuple[Dimension, ...],
    calendar: Calendar,
    found: Conditions,
) -> _Grain:
    """Choose the roll-up, and ask for its part of the range."""
    named = {**PLACE_COLUMNS, **MODEL_COLUMNS, **SCOPE_COLUMNS}
    is_all = part.since_ms <= 0 and part.until_ms >= OPEN_END_MS
    if not _FINE.intersection(by) and (
        (is_all and Dimension.DAY not in by)
        or (_whole_days(part, calendar) and stored_zone(view) == calendar.zone)
    ):
        first = calendar.day(part.since_ms) if part.since_ms > 0 else 0
        end = calendar.day(part.until_ms) if part.until_ms < OPEN_END_MS else OPEN_END_MS
        between(found, "t.day", first, end)
        return _Grain("day", False, {**named, Dimension.DAY: "t.day"})
    if is_all and not {Dimension.QUARTER, Dimension.DAY}.intersection(by):
        return _Grain("total", True, named)
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    times = {Dimension.QUARTER: "t.quarter_ms", Dimension.DAY: _day_sql(part, calendar)}
    return _Grain("quarter", True, {**named, **times})


def _whole_days(part: Slice, calendar: Calendar) -> bool:
    """Tell whether a range begins and ends where days of the calendar do."""
    return all(
        at_ms <= 0 or at_ms >= OPEN_END_MS or calendar.begin_ms(calendar.day(at_ms)) == at_ms
        for at_ms in (part.since_ms, part.until_ms)
    )


def _day_sql(part: Slice, calendar: Calendar) -> str:
    """Return the local day of t.quarter_ms as an expression."""
    steps = [step for step in calendar.steps[1:] if part.since_ms < step[0] < part.until_ms]
    offset: object = calendar.offset_ms(part.since_ms)
    if steps:
        # The newest first: most rows are recent, and so decided by the first comparison.
        cases = [f"WHEN t.quarter_ms >= {since} THEN {ms}" for since, ms in reversed(steps)]
        offset = f"CASE {' '.join(cases)} ELSE {offset} END"
    return f"(t.quarter_ms + {offset}) / {DAY_MS}"


def stored_zone(view: View) -> str:
    """Return the zone whose days the store keeps sums of."""
    return str(
        view.database.value(
            "SELECT value FROM setting WHERE workspace = ? AND name = 'zone'", (view.workspace,)
        )
        or ""
    )
