"""Summed usage, from the cheapest roll-up that can tell it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from typing import Any

from msgspec import Struct

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice, Usage
from tokwatch.store.connect import Row
from tokwatch.store.cuts import by_weeks
from tokwatch.store.later import rest_of_quarter, without
from tokwatch.store.read.measured import CELL_COST, OF_EVENT
from tokwatch.store.view import (
    ALL,
    MODEL_COLUMNS,
    PLACE_COLUMNS,
    SCOPE_COLUMNS,
    Conditions,
    View,
    between,
    conditions,
    event_conditions,
    joins,
)

MEASURES = tuple(Usage.__struct_fields__)

IDS = dict.fromkeys(MODEL_COLUMNS, "t.model") | dict.fromkeys(PLACE_COLUMNS, "t.place")
"""The row id of a roll-up that stands for a dimension; places only by day."""
SCOPED = {*SCOPE_COLUMNS, *PLACE_COLUMNS}
"""Dimensions of which a roll-up by scope knows only the scope."""

UTC = Calendar()
_QUARTER_OF = f"(t.instant_ms / {QUARTER_MS} * {QUARTER_MS})"
_FINE = {Dimension.QUARTER, Dimension.SESSION, Dimension.AGENT, Dimension.KIND}


class _Grain(Struct, frozen=True):
    """A roll-up table and the expressions of its time."""

    table: str
    scoped: bool
    columns: dict[Dimension, str]
    counted: str = "sum(t.events)"

    def sums(self, measures: tuple[str, ...]) -> str:
        """Return the sums of measures."""
        if self.table != "event":
            return sums(measures)
        return ", ".join(f"CAST(sum({OF_EVENT[name]}) AS BIGINT)" for name in measures)

    def of_events(self) -> _Grain:
        """Return the same from single requests, where quarters of an hour are told apart."""
        columns = {
            dimension: column.replace("t.quarter_ms", _QUARTER_OF)
            for dimension, column in self.columns.items()
        }
        return _Grain("event", True, columns, "count(*)")


def sums(measures: tuple[str, ...] = MEASURES) -> str:
    """Return the sums of a table t's columns."""
    # PostgreSQL sums integers to Decimal; the cast makes both give an int.
    return ", ".join(f"CAST(sum(t.{name}) AS BIGINT)" for name in measures)


def usage(
    view: View,
    part: Slice = ALL,
    by: tuple[Dimension, ...] = (),
    calendar: Calendar = UTC,
) -> list[Cell]:
    """Return usage by the dimensions asked for, in their order.

    A range begins with the first quarter of an hour that begins in it, and ends to the millisecond.
    """
    rows = _grouped(view, part, by, calendar, MEASURES)
    width = len(by)
    return [Cell(tuple(row[:width]), Usage(*row[width:])) for row in rows]


def daily_costs(
    view: View, part: Slice, calendar: Calendar, mode: CostMode = CostMode.AUTO
) -> list[tuple[int, str, int]]:
    """Return (day, model, nano-dollars), the oldest first: cheaper than all of the usage."""
    by = (Dimension.DAY, Dimension.MODEL)
    rows = [
        row
        for of in by_weeks(part, calendar)
        for row in _grouped(view, of, by, calendar, (CELL_COST[mode],))
    ]
    return [(row[0], row[1], row[2]) for row in rows]


def _grouped(
    view: View,
    part: Slice,
    by: tuple[Dimension, ...],
    calendar: Calendar,
    measures: tuple[str, ...],
) -> list[Row]:
    """Return the dimensions' values and sums of each group that has an event, in order."""
    found = conditions(view, part)
    grain = _grain(view, part, by, calendar, found)
    read = _by_names if grain.scoped and SCOPED.intersection(by) else _by_ids
    rows = read(view, grain, by, found, measures)
    rest = rest_of_quarter(part) if grain.table == "quarter" else None
    if rest is None:
        return rows
    later = read(view, grain.of_events(), by, event_conditions(view, rest), measures)
    return without(rows, later, len(by))


def _by_names(
    view: View,
    grain: _Grain,
    by: tuple[Dimension, ...],
    found: Conditions,
    measures: tuple[str, ...],
) -> list[Row]:
    """Let the database look up every cell's names: where there are about as many groups."""
    columns = [grain.columns[dimension] for dimension in by]
    tables = found.tables | {alias for alias in "spma" for c in columns if f"{alias}." in c}
    groups = ", ".join(str(number + 1) for number in range(len(by)))
    return view.database.rows(
        f"SELECT {', '.join([*columns, grain.sums(measures)])} FROM {grain.table} t "
        f"{joins(tables, scoped=grain.scoped)} WHERE {found.text} "
        f"GROUP BY {groups} HAVING {grain.counted} > 0 ORDER BY {groups}",
        found.values,
    )


def _by_ids(
    view: View,
    grain: _Grain,
    by: tuple[Dimension, ...],
    found: Conditions,
    measures: tuple[str, ...],
) -> list[Row]:
    """Sum by row ids and look up the names of the few groups: much cheaper for many cells."""
    keys = list(dict.fromkeys(IDS.get(one, grain.columns.get(one, "")) for one in by))
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    rows = view.database.rows(
        f"SELECT {', '.join([*keys, grain.sums(measures)])} FROM {grain.table} t "
        f"{joins(found.tables, scoped=grain.scoped)} WHERE {found.text} "
        + (f"GROUP BY {groups} " if keys else "")
        + f"HAVING {grain.counted} > 0",
        found.values,
    )
    named = {key: _names(view, key, by) for key in keys if key in IDS.values()}
    merged: dict[tuple[Any, ...], Sequence[int]] = {}  # a name is text, a time a number
    for row in rows:
        ids = dict(zip(keys, row, strict=False))
        group = tuple(
            named[IDS[one]][one][ids[IDS[one]]] if one in IDS else ids[grain.columns[one]]
            for one in by
        )
        figures = row[len(keys) :]
        before = merged.get(group)
        merged[group] = figures if before is None else list(map(add, before, figures))
    return [(*group, *figures) for group, figures in sorted(merged.items())]


def _names(view: View, key: str, by: tuple[Dimension, ...]) -> dict[Dimension, dict[int, str]]:
    """Return the names behind the row ids of a model or place, for each dimension asked for."""
    table, columns = ("model m", MODEL_COLUMNS) if key == "t.model" else ("place p", PLACE_COLUMNS)
    wanted = [one for one in by if one in columns]
    alias = table[-1]
    rows = view.database.rows(
        f"SELECT {alias}.id, {', '.join(columns[one] for one in wanted)} FROM {table} "
        f"WHERE {alias}.workspace = ?",
        (view.workspace,),
    )
    return {one: {row[0]: row[place] for row in rows} for place, one in enumerate(wanted, start=1)}


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
        or (is_whole_days(part, calendar) and stored_zone(view) == calendar.zone)
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


def is_whole_days(part: Slice, calendar: Calendar) -> bool:
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
