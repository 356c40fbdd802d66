"""What requests count as by their keys: tells which of them a write has added or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.store.connect import Database
from tokwatch.store.view import GHOST, among
from tokwatch.store.write import salt_of

_AT_ONCE: Final = 500


def figures(database: Database, workspace: int, keys: Sequence[int]) -> dict[int, int]:
    """Return for each of these requests that is stored a number that changes with its figures."""
    salt = salt_of(workspace)
    found: dict[int, int] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = [key ^ salt for key in keys[start : start + _AT_ONCE]]
        for key, *row in database.rows(
            "SELECT t.key, t.instant_ms, t.scope, t.model, t.requests, t.input, t.cache_read,"
            " t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning, t.web_searches,"
            f" t.logged_nano, t.final, t.grade FROM event t WHERE t.grade < {GHOST}"
            f" AND {among('t.key', some)}",
            some,
        ):
            found[key] = hash(tuple(row))
    return found
