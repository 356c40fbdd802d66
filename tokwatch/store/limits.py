"""Writes what a tool's status line told: sizes of context windows, and readings of quotas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tokwatch.model.measure import Measure
from tokwatch.store.connect import Database
from tokwatch.store.measures import write_measures

_UPSERT: Final = (
    "INSERT INTO window_size (workspace, source, session, model, user_name, tokens, seen_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, source, session, model) DO UPDATE SET"
    " user_name = excluded.user_name, tokens = excluded.tokens, seen_ms = excluded.seen_ms"
    " WHERE excluded.seen_ms >= window_size.seen_ms"
    " AND (window_size.tokens <> excluded.tokens OR window_size.user_name <> excluded.user_name)"
)


class ToldWindow(NamedTuple):
    """The size of a session's context window, and when it was told."""

    source: str
    session: str
    model: str
    user: str
    tokens: int
    seen_ms: int


def write_told(
    database: Database,
    workspace: int,
    windows: Sequence[ToldWindow],
    quotas: Sequence[Measure],
) -> int:
    """Write what was told, in one transaction; return how much of it is new."""
    with database.transaction():
        written = write_measures(database, workspace, 0, quotas)
        for one in windows:
            written += database.execute(_UPSERT, (workspace, *one)).rowcount
    return written
