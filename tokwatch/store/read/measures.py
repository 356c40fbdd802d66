"""Measures by name and time: what was tracked, and what logs told beside tokens."""

from __future__ import annotations

from msgspec import Struct

from tokwatch.model.measure import USER, Measure
from tokwatch.model.usage import Slice
from tokwatch.store.measures import tags_text
from tokwatch.store.view import ALL, Conditions, View, between


class MeasureName(Struct, frozen=True):
    """A name that something was measured under, in one unit."""

    name: str
    unit: str
    observations: int
    first_ms: int
    last_ms: int


class MeasureBucket(Struct, frozen=True):
    """The values of one measure in one stretch of time."""

    at_ms: int
    """Where the stretch begins."""
    observations: int
    least: float
    most: float
    mean: float
    last: float
    """The value of the latest instant; of several at that instant the largest."""


def measure_names(view: View, part: Slice = ALL) -> list[MeasureName]:
    """Return what was measured in a range, by name and unit; other filters do not apply."""
    found = _conditions(view, part)
    rows = view.database.rows(
        "SELECT t.name, t.unit, CAST(count(*) AS BIGINT), min(t.instant_ms), max(t.instant_ms)"
        f" FROM measure t WHERE {found.text} GROUP BY 1, 2 ORDER BY 1, 2",
        found.values,
    )
    return [MeasureName(*row) for row in rows]


def measures(
    view: View, name: str, part: Slice = ALL, tags: tuple[tuple[str, str], ...] = ()
) -> list[Measure]:
    """Return the observations of a measure that carry all the tags, the oldest first."""
    import json

    found = _conditions(view, part, tags)
    found.add("t.name = ?", name)
    rows = view.database.rows(
        "SELECT t.name, t.instant_ms, t.value, t.unit, t.tags, t.origin FROM measure t"
        f" WHERE {found.text} ORDER BY t.instant_ms, t.tags, t.id",
        found.values,
    )
    return [
        Measure(told, at_ms, value, unit, tuple(json.loads(text).items()), origin)
        for told, at_ms, value, unit, text, origin in rows
    ]


def measure_series(
    view: View,
    name: str,
    part: Slice = ALL,
    bucket_ms: int = 0,
    tags: tuple[tuple[str, str], ...] = (),
) -> list[MeasureBucket]:
    """Return a measure over time, the oldest first; without a bucket's width by instant.

    Only observations that carry all the tags count. Buckets are whole divisions of UTC time.
    """
    found = _conditions(view, part, tags)
    found.add("t.name = ?", name)
    width = max(bucket_ms, 1)
    rows = view.database.rows(
        "SELECT at_ms, CAST(count(*) AS BIGINT), min(value), max(value), avg(value),"
        " max(CASE WHEN instant_ms = latest_ms THEN value END) FROM"
        f" (SELECT t.instant_ms / {width:d} * {width:d} AS at_ms, t.instant_ms, t.value,"
        f" max(t.instant_ms) OVER (PARTITION BY t.instant_ms / {width:d}) AS latest_ms"
        f" FROM measure t WHERE {found.text}) b GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [MeasureBucket(*row) for row in rows]


def _conditions(view: View, part: Slice, tags: tuple[tuple[str, str], ...] = ()) -> Conditions:
    """Return what measures t must fulfil: a user sees those that carry their name."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    between(found, "t.instant_ms", part.since_ms, part.until_ms)
    for tag in (*tags, *(() if view.user is None else ((USER, view.user),))):
        # A tag stands in the JSON as its only member would; quotes in texts are escaped there.
        text = tags_text([tag])[1:-1]
        holds = "replace(t.tags, ?, '') <> t.tags"
        found.add(f"({holds} OR {holds})", f"{{{text}", f", {text}")
    return found
