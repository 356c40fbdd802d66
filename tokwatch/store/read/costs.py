"""Spending by any facets, over time, and down to the single request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import add
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.facets import Amount, Facet, Portion, Spell, Spending, Value, total
from tokwatch.model.stored import EventFact
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.cuts import by_weeks
from tokwatch.store.later import rest_of_quarter, without
from tokwatch.store.newest import GROWTH, newest_first
from tokwatch.store.read.events import EVENT_COLUMNS, event_of
from tokwatch.store.read.tools import Tools, tools_of
from tokwatch.store.slices import (
    DAYS,
    EVENTS,
    QUARTERS,
    Grain,
    columns_of,
    grain_of,
    key_of,
    names_of,
    slice_conditions,
    sums_of,
    whole_days,
)
from tokwatch.store.view import View, among, bucket_of, joins

ALL = Portion()


class _Groups(Struct, frozen=True):
    """Sums by row ids and numbers of time, and what those are."""

    keys: list[str]
    rows: list[Row]

    def ids(self) -> dict[str, set[int]]:
        """Return the ids that occur."""
        return {key: {row[place] for row in self.rows} for place, key in enumerate(self.keys)}


def spending(
    view: View, portion: Portion = ALL, by: tuple[Facet, ...] = (), *, is_exact: bool = False
) -> list[Spending]:
    """Return what was spent by the facets asked for, in order of their values.

    A range begins with the first quarter of an hour that begins in it, and ends to the
    millisecond. An exact range is read from single requests.
    """
    grain = EVENTS if is_exact else grain_of(view, portion, by)
    part = portion.part
    days = whole_days(view, portion, by) if grain == QUARTERS else None
    if days is not None:
        parts = _around(part, days)
        return _together(spending(view, replace(portion, part=of), by) for of in parts)
    has_tools = Facet.TOOL in portion.facets.union(by)
    keyed = [key_of(facet, grain, portion) for facet in by]
    keys = list(dict.fromkeys([*keyed, "t.key"] if has_tools else keyed))
    groups = _grouped(view, portion, grain, keys)
    rest = rest_of_quarter(part) if grain == QUARTERS else None
    if rest is not None:
        left = replace(portion, part=rest)
        same = list(dict.fromkeys(key_of(facet, EVENTS, left) for facet in by))
        later = _grouped(view, left, EVENTS, same)
        groups = _Groups(keys, without(groups.rows, later.rows, len(keys)))
    named = names_of(view, groups.ids(), by)
    if has_tools:
        tools = tools_of(view, part)
        groups = _of_tools(groups, tools, portion)
        named[Facet.TOOL] = {key: tools.of(key) for key in groups.ids()["t.key"]}
    places = [
        (groups.keys.index(key), named.get(facet)) for facet, key in zip(by, keyed, strict=True)
    ]
    return _merged(groups, places)


def count_requests(view: View, portion: Portion = ALL) -> int:
    """Return how many requests a portion has, as `spending` counts them: of days with less work."""
    days = whole_days(view, portion, ())
    if days is None or grain_of(view, portion, ()) != QUARTERS:
        return sum(one.amount.requests for one in spending(view, portion))
    counted = sum(
        _count_of_days(view, replace(portion, part=of)) for of in by_weeks(days, portion.calendar)
    )
    ends = [of for of in _around(portion.part, days) if of != days]
    rest = [one for of in ends for one in spending(view, replace(portion, part=of))]
    return counted + sum(one.amount.requests for one in rest)


def _count_of_days(view: View, portion: Portion) -> int:
    found = slice_conditions(view, portion, DAYS)
    counted: int | None = view.database.value(
        f"SELECT CAST(sum(t.requests) AS BIGINT) FROM day t WHERE {found.text}", found.values
    )
    return counted or 0


def _around(part: Slice, days: Slice) -> list[Slice]:
    """Return a range in parts: what lies before some of its days, those, and what comes after."""
    ends = pairwise((part.since_ms, days.since_ms, days.until_ms, part.until_ms))
    return [replace(part, since_ms=one, until_ms=end) for one, end in ends if one < end]


def _together(parts: Iterable[list[Spending]]) -> list[Spending]:
    groups: dict[tuple[Value, ...], list[Amount]] = {}
    for part in parts:
        for group, amount in part:
            groups.setdefault(group, []).append(amount)
    return [Spending(group, total(groups[group])) for group in sorted(groups)]


def _grouped(view: View, portion: Portion, grain: Grain, keys: list[str]) -> _Groups:
    found = slice_conditions(view, portion, grain)
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    having = "count(*) > 0" if grain == EVENTS else "sum(t.events) > 0"
    table = grain.table
    columns, where = columns_of(grain, portion.mode), f"WHERE {found.text} "
    if grain == QUARTERS and keys and all(grain.at in key for key in keys) and grain.at not in keys:
        # Quarters are stored in their order: summing them up first leaves few rows to be sorted.
        table, columns = _by_quarter(columns, where), tuple(f"t.s{n}" for n in range(len(columns)))
        where = ""
    rows = view.database.rows(
        f"SELECT {', '.join([*keys, sums_of(columns)])} FROM {table} t "
        f"{where}{f'GROUP BY {groups} ' if keys else ''}HAVING {having}",
        found.values,
    )
    return _Groups(keys, rows)


def _by_quarter(columns: tuple[str, ...], where: str) -> str:
    """Return the sums of each quarter of an hour as a table."""
    sums = ", ".join(f"sum({column}) AS s{n}" for n, column in enumerate(columns))
    return (
        f"(SELECT t.quarter_ms AS quarter_ms, sum(t.events) AS events, {sums} "
        f"FROM quarter t {where}GROUP BY 1)"
    )


def _of_tools(groups: _Groups, tools: Tools, portion: Portion) -> _Groups:
    """Return the groups, which are single requests, of the tools that were picked."""
    place = groups.keys.index("t.key")
    picked = [pick.value for pick in portion.picks if pick.facet is Facet.TOOL]
    rows = [row for row in groups.rows if all(tools.of(row[place]) == one for one in picked)]
    return _Groups(groups.keys, rows)


def _merged(groups: _Groups, places: list[tuple[int, dict[int, Value] | None]]) -> list[Spending]:
    """Return the sums of the groups that have the same names."""
    width = len(groups.keys)
    merged: dict[tuple[Value, ...], Any] = {}  # sums, as the driver or the addition gives them
    for row in groups.rows:
        group = tuple(row[at] if names is None else names[row[at]] for at, names in places)
        before = merged.get(group)
        merged[group] = row[width:] if before is None else tuple(map(add, before, row[width:]))
    return [Spending(group, Amount(*merged[group])) for group in sorted(merged)]


def spending_over_time(
    view: View, portion: Portion = ALL, bucket_ms: int = QUARTER_MS
) -> list[Spell]:
    """Return what was spent in each bucket of time in which anything was, the oldest first.

    Buckets are whole divisions of UTC time; those finer than a roll-up's are made from events.
    """
    grain = EVENTS if bucket_ms % QUARTER_MS or Facet.TOOL in portion.facets else QUARTERS
    bucket = bucket_of(grain.at, bucket_ms)
    keys = [bucket, "t.key"] if Facet.TOOL in portion.facets else [bucket]
    groups = _grouped(view, portion, grain, keys)
    rest = rest_of_quarter(portion.part) if grain == QUARTERS else None
    if rest is not None:
        same = [bucket_of(EVENTS.at, bucket_ms)]
        later = _grouped(view, replace(portion, part=rest), EVENTS, same)
        groups = _Groups(keys, without(groups.rows, later.rows, 1))
    if Facet.TOOL in portion.facets:
        groups = _of_tools(groups, tools_of(view, portion.part), portion)
    return [
        Spell(int(one.group[0]), one.amount.nano, one.amount.tokens, one.amount.requests)
        for one in _merged(groups, [(0, None)])
    ]


def amounts_over_time(
    view: View, portion: Portion = ALL, bucket_ms: int = QUARTER_MS, by: tuple[Facet, ...] = ()
) -> list[Spending]:
    """Return all sums of each bucket of time, its start before the facets asked for; no tools."""
    grain = EVENTS if bucket_ms % QUARTER_MS else QUARTERS
    bucket = bucket_of(grain.at, bucket_ms)
    keyed = [key_of(facet, grain, portion) for facet in by]
    keys = list(dict.fromkeys([bucket, *keyed]))
    groups = _grouped(view, portion, grain, keys)
    named = names_of(view, groups.ids(), by)
    places = [(keys.index(key), named.get(facet)) for facet, key in zip(by, keyed, strict=True)]
    return _merged(groups, [(0, None), *places])


def slice_events(view: View, portion: Portion = ALL, limit: int = 100) -> list[EventFact]:
    """Return the newest requests of a portion, the newest first."""
    if Facet.TOOL in portion.facets:
        return _tool_events(view, portion, limit)
    if Facet.SESSION in portion.facets:
        return _newest(view, portion, limit)
    found: list[EventFact] = []
    for piece in newest_first(view, portion.part, limit, GROWTH):
        found += _newest(view, replace(portion, part=piece), limit - len(found))
        if len(found) >= limit:
            break
    return found


def _tool_events(view: View, portion: Portion, limit: int) -> list[EventFact]:
    """Return the newest requests whose answers called the tools that were picked."""
    groups = _of_tools(
        _grouped(view, portion, EVENTS, ["t.instant_ms", "t.key"]),
        tools_of(view, portion.part),
        portion,
    )
    keys = [row[1] for row in sorted(groups.rows, reverse=True)[:limit]]
    return _newest(view, portion, limit, keys) if keys else []


def _newest(view: View, portion: Portion, limit: int, keys: Sequence[int] = ()) -> list[EventFact]:
    """Return the newest requests of a portion, or of some of it by their keys."""
    found = slice_conditions(view, portion, EVENTS)
    if keys:
        found.add(among("t.key", keys), *keys)
    rows = view.database.rows(
        f"SELECT {EVENT_COLUMNS} FROM event t {joins({'s', 'p', 'm'}, scoped=True)} "
        f"LEFT JOIN log l ON l.id = t.log WHERE {found.text} "
        "ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
        [*found.values, limit],
    )
    return [event_of(row) for row in rows]
