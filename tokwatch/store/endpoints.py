"""Writes what endpoints tell, together with where their polling goes on.

Growth and the cursor that it was reckoned from are one transaction: nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tokwatch.model.endpoint import COUNTED, Bucket, EndpointState, Replaced
from tokwatch.store.connect import Database

_STATE: Final = (
    *("kind", "state", "failures", "error", "note", "tried_ms", "succeeded_ms", "next_ms"),
    *("newest_ms", "requests", "bytes", "unchanged", "bad", "paused", "cursor"),
)
_UPSERT_STATE: Final = (
    f"INSERT INTO endpoint (workspace, name, part, {', '.join(_STATE)})"
    f" VALUES ({', '.join('?' * (len(_STATE) + 3))})"
    " ON CONFLICT (workspace, name, part) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _STATE)
)
COLUMNS: Final = (
    *("report", "begin_ms", "width_ms", "model", "provider", "project", "user_name"),
    *("key_name", "tier", "item", *COUNTED),
)
"""Of a bucket, in the order of its fields."""
_INSERT: Final = (
    f"INSERT INTO usage_bucket (workspace, endpoint, {', '.join(COLUMNS)})"
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"
    f" ON CONFLICT (workspace, endpoint, {', '.join(COLUMNS[:10])}) DO UPDATE SET "
)
_PUT: Final = _INSERT + ", ".join(f"{column} = excluded.{column}" for column in COUNTED)
_ADD: Final = _INSERT + ", ".join(
    f"{column} = CASE WHEN excluded.{column} IS NULL THEN usage_bucket.{column}"
    f" ELSE coalesce(usage_bucket.{column}, 0) + excluded.{column} END"
    for column in COUNTED
)


def write_polled(
    database: Database,
    workspace: int,
    state: EndpointState,
    replaced: Iterable[Replaced] = (),
    buckets: Sequence[Bucket] = (),
    grown: Sequence[Bucket] = (),
) -> None:
    """Write what one poll told, and how the part does, in one transaction."""
    of = (workspace, state.name)
    with database.transaction():
        for report, since_ms, until_ms in replaced:
            database.execute(
                "DELETE FROM usage_bucket WHERE workspace = ? AND endpoint = ? AND report = ?"
                " AND begin_ms >= ? AND begin_ms < ?",
                (*of, report, since_ms, until_ms),
            )
        if buckets:
            database.executemany(_PUT, [(*of, *bucket) for bucket in buckets])
        if grown:
            database.executemany(_ADD, [(*of, *bucket) for bucket in grown])
        write_state(database, workspace, state)


def write_state(database: Database, workspace: int, state: EndpointState) -> None:
    """Write how a part does."""
    values = [getattr(state, column) for column in _STATE]
    told = [str(value) if column == "state" else int(value) if column == "paused" else value
            for column, value in zip(_STATE, values, strict=True)]  # fmt: skip
    database.execute(_UPSERT_STATE, (workspace, state.name, state.part, *told))
