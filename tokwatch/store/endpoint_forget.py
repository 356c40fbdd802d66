"""Forgets an endpoint that was taken back: how its polling did, its reports and its gauges."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tokwatch.store.connect import Database
from tokwatch.store.measures import tags_text

_PARTS: Final = "FROM endpoint WHERE workspace = ? AND name = ?"
_BUCKETS: Final = "FROM usage_bucket WHERE workspace = ? AND endpoint = ?"
_HOLDS: Final = "replace(tags, ?, '') <> tags"
_GAUGES: Final = (
    f"FROM measure WHERE workspace = ? AND origin = 'endpoint' AND ({_HOLDS} OR {_HOLDS})"
)


class Forgettable(Struct, frozen=True):
    """What the store has of an endpoint beside single requests."""

    parts: int
    """How many parts of it were polled."""
    buckets: int
    gauges: int
    """Values of them, each of an instant."""
    first_ms: int | None = None
    """When its first bucket begins; None without any."""
    last_ms: int | None = None


def stored_endpoints(database: Database, workspace: int) -> list[str]:
    """Return the names of all endpoints that were ever polled or told anything."""
    rows = database.rows(
        "SELECT name FROM endpoint WHERE workspace = ?"
        " UNION SELECT endpoint FROM usage_bucket WHERE workspace = ? ORDER BY 1",
        (workspace, workspace),
    )
    return [name for (name,) in rows]


def forgettable(database: Database, workspace: int, name: str) -> Forgettable:
    """Return what forgetting an endpoint would delete; changes nothing."""
    with database.snapshot():
        return _found(database, workspace, name)


def forget_endpoint(database: Database, workspace: int, name: str) -> Forgettable:
    """Delete what is stored of an endpoint, in one transaction; requests that it told stay."""
    with database.transaction():
        found = _found(database, workspace, name)
        for rows in (_PARTS, _BUCKETS):
            database.execute(f"DELETE {rows}", (workspace, name))
        database.execute(f"DELETE {_GAUGES}", (workspace, *_tag(name)))
    return found


def _found(database: Database, workspace: int, name: str) -> Forgettable:
    of = (workspace, name)
    [(buckets, first_ms, last_ms)] = database.rows(
        f"SELECT count(*), min(begin_ms), max(begin_ms) {_BUCKETS}", of
    )
    return Forgettable(
        int(database.value(f"SELECT count(*) {_PARTS}", of) or 0),
        buckets,
        int(database.value(f"SELECT count(*) {_GAUGES}", (workspace, *_tag(name))) or 0),
        first_ms,
        last_ms,
    )


def _tag(name: str) -> tuple[str, str]:
    """Return how a gauge's tags name its endpoint, as the first of them and as another one."""
    text = tags_text([("endpoint", name)])[1:-1]
    return f"{{{text}", f", {text}"
