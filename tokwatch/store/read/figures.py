"""What requests count as by their keys: tells which of them a write has added or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokwatch.store.connect import Database
from tokwatch.store.view import GHOST, among, pieces
from tokwatch.store.write import salt_of


class Figures(NamedTuple):
    """What an event counts as."""

    requests: int
    digest: int
    """A number that changes with its figures."""


def figures(database: Database, workspace: int, keys: Sequence[int]) -> dict[int, Figures]:
    """Return what those of these events that are stored count as."""
    salt = salt_of(workspace)
    found: dict[int, Figures] = {}
    for some in pieces([key ^ salt for key in keys]):
        for key, *row in database.rows(
            "SELECT t.key, t.instant_ms, t.scope, t.model, t.requests, t.input, t.cache_read,"
            " t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning, t.web_searches,"
            f" t.logged_nano, t.final, t.grade FROM event t WHERE t.grade < {GHOST}"
            f" AND {among('t.key', some)}",
            some,
        ):
            found[key] = Figures(row[3], hash(tuple(row)))
    return found
