"""A slice of the spending as SQL: what rows of a table t must fulfil, and what they group by."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import TIMES, Facet, Portion, Value
from tokwatch.model.units import DAY_MS, HOUR_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Dimension, Slice, Usage
from tokwatch.store.read.measured import CELL_COST, MISSING, OF_EVENT
from tokwatch.store.read.usage import is_whole_days, stored_zone
from tokwatch.store.view import (
    AGENT_JOIN,
    GHOST,
    MODEL_COLUMNS,
    PLACE_COLUMNS,
    SCOPE_COLUMNS,
    Conditions,
    View,
    among,
    between,
    of_active_scopes,
    pieces,
    place_conditions,
)

_THURSDAY: Final = 3
"""Weekday of day 0, with Monday as 0."""

OF_PLACE: Final = {
    Facet.SOURCE: PLACE_COLUMNS[Dimension.SOURCE],
    Facet.PROJECT: PLACE_COLUMNS[Dimension.PROJECT],
    Facet.BRANCH: PLACE_COLUMNS[Dimension.BRANCH],
    Facet.USER: PLACE_COLUMNS[Dimension.USER],
    Facet.KEY: PLACE_COLUMNS[Dimension.KEY],
    Facet.TAG: PLACE_COLUMNS[Dimension.TAG],
    Facet.MACHINE: PLACE_COLUMNS[Dimension.MACHINE],
}
OF_MODEL: Final = {
    Facet.PROVIDER: MODEL_COLUMNS[Dimension.PROVIDER],
    Facet.MODEL: MODEL_COLUMNS[Dimension.MODEL],
    Facet.TIER: MODEL_COLUMNS[Dimension.TIER],
}
OF_SCOPE: Final = {
    Facet.SESSION: SCOPE_COLUMNS[Dimension.SESSION],
    Facet.AGENT: SCOPE_COLUMNS[Dimension.AGENT],
    Facet.KIND: SCOPE_COLUMNS[Dimension.KIND],
}
"""The columns of the names behind a facet, by the table that has them."""

_OF_CELL: Final = {name: f"t.{name}" for name in Usage.__struct_fields__}


class Grain(Struct, frozen=True):
    """A table to sum up, and its time."""

    table: str
    at: str
    """Its column of time; empty where it has none."""

    @property
    def is_scoped(self) -> bool:
        """Whether its rows know the agent; those by day know the place alone."""
        return self.table != "day"


EVENTS: Final = Grain("event", "t.instant_ms")
QUARTERS: Final = Grain("quarter", "t.quarter_ms")
DAYS: Final = Grain("day", "t.day")
TOTALS: Final = Grain("total", "")


def grain_of(view: View, portion: Portion, by: tuple[Facet, ...]) -> Grain:
    """Return the cheapest table that tells a portion by some facets."""
    part, calendar = portion.part, portion.calendar
    wanted = portion.facets.union(by)
    if Facet.TOOL in wanted:
        return EVENTS
    is_all = part.since_ms <= 0 and part.until_ms >= OPEN_END_MS
    is_fine = _is_fine(wanted)
    is_timed = not wanted.isdisjoint(TIMES)
    if not is_fine and (
        (is_all and not is_timed)
        or (is_whole_days(part, calendar) and stored_zone(view) == calendar.zone)
    ):
        return DAYS
    return TOTALS if is_all and not is_timed else QUARTERS


def _is_fine(wanted: frozenset[Facet]) -> bool:
    """Tell whether some facets are more than the roll-up by day knows."""
    return Facet.HOUR in wanted or not wanted.isdisjoint(OF_SCOPE)


def whole_days(view: View, portion: Portion, by: tuple[Facet, ...]) -> Slice | None:
    """Return the days within a portion that the roll-up by day tells; None where it tells none."""
    part, calendar = portion.part, portion.calendar
    if _is_fine(portion.facets.union(by)) or stored_zone(view) != calendar.zone:
        return None
    since_ms, until_ms = part.since_ms, part.until_ms
    if since_ms > 0 and calendar.begin_ms(first := calendar.day(since_ms)) < since_ms:
        since_ms = calendar.begin_ms(first + 1)
    if until_ms < OPEN_END_MS:
        until_ms = calendar.begin_ms(calendar.day(until_ms))
    ends = (since_ms, until_ms % OPEN_END_MS)
    if since_ms >= until_ms or any(at_ms % QUARTER_MS for at_ms in ends):
        return None
    return replace(part, since_ms=since_ms, until_ms=until_ms)


def columns_of(grain: Grain, mode: CostMode) -> tuple[str, ...]:
    """Return what an `Amount` is the sums of, in the order of its fields."""
    of = OF_EVENT if grain == EVENTS else _OF_CELL
    missing = MISSING[mode]
    return (
        *(of["requests"], of["input"], of["cache_read"]),
        f"{of['cache_write_5m']} + {of['cache_write_1h']}",
        *(of["output"], of[CELL_COST[mode]], of.get(missing, missing)),
        *(of["lower_bound"], of["derived"]),
    )


def sums_of(columns: tuple[str, ...]) -> str:
    """Return the sums of some columns."""
    # PostgreSQL sums integers to Decimal; the cast makes both give an int.
    return ", ".join(f"CAST(sum({column}) AS BIGINT)" for column in columns)


def key_of(facet: Facet, grain: Grain, portion: Portion) -> str:
    """Return what rows are grouped by for a facet: the row id behind its name, or its number."""
    if facet in TIMES:
        return _number(facet, grain, portion)
    if facet is Facet.TOOL:
        return "t.key"
    if facet in OF_MODEL:
        return "t.model"
    return "t.scope" if grain.is_scoped else "t.place"


def _number(facet: Facet, grain: Grain, portion: Portion) -> str:
    local = f"({grain.at} + {_offset(grain.at, portion.part, portion.calendar)})"
    if facet is Facet.HOUR:
        return f"({local} / {HOUR_MS} % 24)"
    day = grain.at if grain == DAYS else f"({local} / {DAY_MS})"
    return day if facet is Facet.DAY else f"(({day} + {_THURSDAY}) % 7)"


def _offset(at: str, part: Slice, calendar: Calendar) -> str:
    """Return what to add to a column of time to read it on the calendar's clock."""
    first = calendar.offset_ms(part.since_ms)
    steps = [step for step in calendar.steps[1:] if part.since_ms < step[0] < part.until_ms]
    # The newest first: most rows are recent, and so decided by the first comparison.
    cases = [f"WHEN {at} >= {since} THEN {ms}" for since, ms in reversed(steps)]
    return f"CASE {' '.join(cases)} ELSE {first} END" if cases else str(first)


def slice_conditions(view: View, portion: Portion, grain: Grain) -> Conditions:
    """Return what rows must fulfil; picks of tools are left to whoever reads them."""
    part = portion.part
    found = Conditions()
    if not (grain.at and grain.is_scoped and Facet.SESSION in portion.facets):
        # The few scopes of a session are of the workspace: naming it would mislead the planner.
        found.add("t.workspace = ?", view.workspace)
    if grain == EVENTS:
        found.add(f"t.grade < {GHOST}")
    if grain == DAYS:
        day_of = portion.calendar.day
        since = day_of(part.since_ms) if part.since_ms > 0 else 0
        is_open = part.until_ms >= OPEN_END_MS
        between(found, "t.day", since, OPEN_END_MS if is_open else day_of(part.until_ms))
    elif grain.at:
        between(found, grain.at, part.since_ms, part.until_ms)
    if grain == EVENTS and Facet.SESSION not in portion.facets:
        of_active_scopes(found, view, part)
    within(found, view, portion, grain)
    return found


def within(found: Conditions, view: View, portion: Portion, grain: Grain) -> None:
    """Ask for what was picked, and for the sources, projects and models of the portion."""
    _within_places(found, view, portion, grain)
    _within_models(found, view, portion)
    for facet, value in portion.picks:
        if facet in TIMES:
            found.add(f"{_number(facet, grain, portion)} = ?", value)


def _within_places(found: Conditions, view: View, portion: Portion, grain: Grain) -> None:
    """Ask for the places and agents that were picked, by their row ids."""
    places = place_conditions(view, portion.part)
    tables = "scope s JOIN place p ON p.id = s.place" if grain.is_scoped else "place p"
    for facet, value in portion.picks:
        if facet in OF_PLACE or facet in OF_SCOPE:
            column = OF_PLACE.get(facet) or OF_SCOPE[facet]
            places.add(f"{column} = ?", value)
        if facet is Facet.KIND:
            tables = f"{tables} {AGENT_JOIN}"
    if grain.is_scoped and portion.facets.intersection(OF_SCOPE):
        places.add("s.workspace = ?", view.workspace)
    if len(places.terms) > 1:
        key = "t.scope IN (SELECT s.id" if grain.is_scoped else "t.place IN (SELECT p.id"
        found.add(f"{key} FROM {tables} WHERE {places.text})", *places.values)


def _within_models(found: Conditions, view: View, portion: Portion) -> None:
    """Ask for the models that were picked, by their row ids."""
    models = Conditions()
    models.add("m.workspace = ?", view.workspace)
    models.among("m.name", portion.part.models)
    for facet, value in portion.picks:
        if facet in OF_MODEL:
            models.add(f"{OF_MODEL[facet]} = ?", value)
    if len(models.terms) > 1:
        found.add(f"t.model IN (SELECT m.id FROM model m WHERE {models.text})", *models.values)


def names_of(
    view: View, keys: dict[str, set[int]], facets: tuple[Facet, ...]
) -> dict[Facet, dict[int, Value]]:
    """Return the names behind row ids, by facet; `keys` has the ids by what they group."""
    found: dict[Facet, dict[int, Value]] = {}
    for key, table, columns in (
        ("t.model", "model m", OF_MODEL),
        ("t.place", "place p", OF_PLACE),
        ("t.scope", "scope s JOIN place p ON p.id = s.place", OF_PLACE | OF_SCOPE),
    ):
        wanted = [facet for facet in facets if facet in columns]
        if key not in keys or not wanted:
            continue
        joined = f"{table} {AGENT_JOIN}" if Facet.KIND in wanted else table
        rows = _named(view, joined, [columns[facet] for facet in wanted], keys[key])
        for place, facet in enumerate(wanted, start=1):
            found[facet] = {row[0]: row[place] for row in rows}
    return found


def _named(
    view: View, tables: str, columns: list[str], ids: set[int]
) -> list[tuple[int, *tuple[Value, ...]]]:
    alias = tables.split()[1]
    rows: list[tuple[int, *tuple[Value, ...]]] = []
    for some in pieces(sorted(ids)):
        rows += view.database.rows(
            f"SELECT {alias}.id, {', '.join(columns)} FROM {tables} "
            f"WHERE {among(f'{alias}.id', some)}",
            some,
        )
    return rows
