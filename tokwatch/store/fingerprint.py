"""Tells whether anything came into a store since it was looked at last, in this run or another."""

from __future__ import annotations

from tokwatch.store.connect import Database


def fingerprint(database: Database, workspace: int) -> str:
    """Return a text that differs once requests, costs or details are others; "" without any."""
    events, nano = database.rows(
        "SELECT CAST(sum(events) AS BIGINT), CAST(sum(auto_nano) AS BIGINT) FROM total"
        " WHERE workspace = ?",
        (workspace,),
    )[0]
    if not events:
        return ""
    latest_ms = database.value(
        "SELECT max(e.instant_ms) FROM event e WHERE e.scope IN (SELECT q.scope FROM quarter q"
        " WHERE q.workspace = ? AND q.quarter_ms ="
        " (SELECT max(n.quarter_ms) FROM quarter n WHERE n.workspace = ?))",
        (workspace, workspace),
    )
    read = database.rows(
        "SELECT count(*), CAST(sum(offset_bytes + size) AS BIGINT) FROM detail_log"
        " WHERE workspace = ?",
        (workspace,),
    )[0]
    return " ".join(map(str, (events, nano, latest_ms, *read)))
