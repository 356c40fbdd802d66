"""Requests that several sources tell of, such as a transcript and a gateway: do they agree?"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from tokwatch.model.event import Grade
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.view import ALL, GHOST, Conditions, View, event_conditions, joins

_COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
_TOLD = (
    "copy c JOIN log l ON l.id = c.log JOIN scope w ON w.id = c.scope"
    f" JOIN place o ON o.id = w.place WHERE c.grade < {GHOST}"
)
"""Copies that count, with their logs and the places that they name."""
_STATED = (
    "l.source, l.path, c.offset_bytes, c.grade, c.final, "
    f"{', '.join(f'c.{name}' for name in _COUNTS)}, c.logged_nano"
)
"""What one log says of a request."""


class Statement(NamedTuple):
    """What one log says of a request; None is unknown."""

    source: str
    path: str
    offset: int
    grade: Grade
    is_final: bool
    input: int | None
    cache_read: int | None
    cache_write: int | None
    output: int | None
    reasoning: int | None
    logged_nano: int | None

    @property
    def prompt(self) -> int:
        """Prompt tokens: what is not told apart is in the input."""
        return (self.input or 0) + (self.cache_read or 0) + (self.cache_write or 0)


class Witnessed(NamedTuple):
    """A request that logs of several sources tell of."""

    key: int
    instant_ms: int
    session: str
    """That it counts for."""
    model: str
    statements: tuple[Statement, ...]
    """By source and path."""
    differing: tuple[str, ...]
    """The counts in which they differ, an unfinished answer's output apart."""


def witnesses(view: View, part: Slice = ALL, limit: int = 1000) -> list[Witnessed]:
    """Return requests of a range that more than one source tells of, the newest first.

    A user sees what their own logs tell.
    """
    return witnessed(view, event_conditions(view, part), limit)


def witnessed(view: View, found: Conditions, limit: int) -> list[Witnessed]:
    """Return requests that fulfil conditions and that more than one source tells of."""
    told, values = _TOLD, list(found.values)
    users = [] if view.user is None else [view.user]
    if users:
        told += " AND o.user_name = ?"
    rows = view.database.rows(
        f"SELECT t.key, t.instant_ms, s.session, m.name, {_STATED}"
        f" FROM (SELECT t.* FROM event t {joins(found.tables, scoped=True)} WHERE {found.text}"
        f" AND t.key IN (SELECT c.key FROM {told} GROUP BY c.key"
        " HAVING count(DISTINCT l.source) > 1)"
        f" ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?) t {joins({'s', 'm'}, scoped=True)},"
        f" {told} AND c.key = t.key ORDER BY t.instant_ms DESC, t.key DESC, l.source, l.path",
        [*values, *users, limit, *users],
    )
    listed: list[Witnessed] = []
    for (key, at_ms, session, model), group in groupby(rows, key=lambda row: row[:4]):
        told_by = tuple(_statement(row[4:]) for row in group)
        listed.append(Witnessed(key, at_ms, session, model, told_by, differing(told_by)))
    return listed


def statements(view: View, key: int) -> tuple[Statement, ...]:
    """Return what each log says of a request that several logs tell of, by source and path."""
    owner = "" if view.user is None else " AND o.user_name = ?"
    rows = view.database.rows(
        f"SELECT {_STATED} FROM {_TOLD} AND c.workspace = ? AND c.key = ?{owner}"
        " ORDER BY l.source, l.path",
        [view.workspace, key, *([] if view.user is None else [view.user])],
    )
    return tuple(_statement(row) for row in rows)


def _statement(row: Row) -> Statement:
    source, path, offset, grade, final, *counts, logged_nano = row
    fresh, read, short, long, output, reasoning = counts
    written = None if short is None and long is None else (short or 0) + (long or 0)
    return Statement(
        *(source, path, offset, Grade(grade), bool(final)),
        *(fresh, read, written, output, reasoning, logged_nano),
    )


def differing(told: tuple[Statement, ...]) -> tuple[str, ...]:
    """Return the counts of which two logs say different things; unknown is no difference."""
    finished = [one for one in told if one.is_final]
    values: dict[str, set[int | None]] = {
        "prompt": {one.prompt for one in told},
        "cache_read": {one.cache_read for one in told},
        "cache_write": {one.cache_write for one in told},
        "output": {one.output for one in finished},
        "reasoning": {one.reasoning for one in finished},
        "cost": {one.logged_nano for one in finished},
    }
    return tuple(name for name, found in values.items() if len(found - {None}) > 1)
