"""Writes measures: what the user or a log observed beside tokens, each observation once."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Final

from tokwatch.model.event import event_key
from tokwatch.model.measure import Measure
from tokwatch.model.units import OPEN_END_MS
from tokwatch.store.connect import Database

_UPSERT: Final = (
    "INSERT INTO measure (id, workspace, log, name, instant_ms, value, unit, tags, origin)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value,"
    " unit = excluded.unit"
    " WHERE measure.value <> excluded.value OR measure.unit <> excluded.unit"
)


def add_measures(database: Database, workspace: int, measures: Sequence[Measure]) -> int:
    """Write measures that no log told, in one transaction; return how many are new or changed."""
    with database.transaction():
        return write_measures(database, workspace, 0, measures)


def write_measures(
    database: Database, workspace: int, log: int, measures: Sequence[Measure]
) -> int:
    """Write measures of a log in the caller's transaction; return how many are new or changed."""
    written = 0
    for one in measures:
        if not isfinite(one.value) or not 0 <= one.instant_ms < OPEN_END_MS:
            continue
        tags = tags_text(one.tags)
        what = (str(workspace), str(log), one.origin, one.name, str(one.instant_ms), tags)
        key = event_key("measure", *what)
        row = (key, workspace, log, one.name, one.instant_ms, one.value, one.unit, tags, one.origin)
        written += database.execute(_UPSERT, row).rowcount
    return written


def tags_text(tags: Sequence[tuple[str, str]]) -> str:
    """Return tags as they are stored, equal for equal tags in any order."""
    import json

    return json.dumps(dict(sorted(tags)), ensure_ascii=False)
