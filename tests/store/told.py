"""Buckets as they stand in a store, one by one, for tests of what endpoints tell."""

from __future__ import annotations

from tokwatch.model.endpoint import Bucket
from tokwatch.store.endpoints import COLUMNS
from tokwatch.store.view import View


def buckets_of(view: View, endpoint: str) -> list[Bucket]:
    """Return the buckets of an endpoint, the oldest first."""
    rows = view.database.rows(
        f"SELECT {', '.join(COLUMNS)} FROM usage_bucket WHERE workspace = ? AND endpoint = ?"
        " ORDER BY begin_ms, model",
        (view.workspace, endpoint),
    )
    return [Bucket(*row) for row in rows]
