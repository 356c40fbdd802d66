"""Whose events a read may see, and the SQL that keeps every read to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from msgspec import Struct, field

from tokwatch.model.units import OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Dimension, Slice
from tokwatch.store.connect import Database

T = TypeVar("T")


class View(Struct, frozen=True):
    """A workspace of a store, or one user's part of it: every read is for exactly one."""

    database: Database
    workspace: int
    user: str | None = None
    """None means all users of the workspace."""


ALL = Slice()
"""All time, unfiltered."""


def open_view(database: Database, workspace: str, user: str | None = None) -> View:
    """Return the view of a workspace by its name; an unknown one holds nothing."""
    number = database.value("SELECT id FROM workspace WHERE name = ?", (workspace,))
    return View(database, -1 if number is None else number, user)


PLACE_COLUMNS = {
    Dimension.SOURCE: "p.source",
    Dimension.PROJECT: "p.project",
    Dimension.BRANCH: "p.branch",
    Dimension.USER: "p.user_name",
    Dimension.KEY: "p.key_name",
    Dimension.TAG: "p.tag",
    Dimension.MACHINE: "p.machine",
}
MODEL_COLUMNS = {
    Dimension.PROVIDER: "m.provider",
    Dimension.MODEL: "m.name",
    Dimension.TIER: "m.tier",
}
SCOPE_COLUMNS = {
    Dimension.SESSION: "s.session",
    Dimension.AGENT: "s.agent",
    Dimension.KIND: "CASE WHEN a.kind <> '' THEN a.kind"
    " WHEN s.agent = '' THEN 'main' ELSE 'sub-agent' END",
}

SCOPE = (
    "p.source, s.session, s.agent, p.project, p.branch, p.user_name, p.tag, p.machine, p.key_name"
)
"""What a `Scope` is made of, in the order of its fields."""


class Conditions(Struct):
    """A WHERE clause in the making: its terms, their values and the tables they name."""

    terms: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    """What must be joined: at most p, the place."""

    def add(self, term: str, *values: object) -> None:
        """Ask for one more term."""
        self.terms.append(term)
        self.values.extend(values)

    def among(self, column: str, names: Sequence[str]) -> None:
        """Ask that a column has one of the names, if there are any."""
        if names:
            self.add(among(column, names), *names)

    @property
    def text(self) -> str:
        """The clause without its WHERE."""
        return " AND ".join(self.terms)


MOST_NAMED: Final = 512
"""Values that one query names where it is asked in pieces."""
MOST_EVENED: Final = 4_096
"""Of more a query would name too many for a database; they are seldom asked for."""
GHOST = 2
"""Grade of an event that only claims its key."""


def place_conditions(view: View, part: Slice) -> Conditions:
    """Return what places p must fulfil; the view's workspace is one of the terms."""
    found = Conditions()
    found.add("p.workspace = ?", view.workspace)
    if view.user is not None:
        found.among("p.user_name", (view.user,))
    found.among("p.source", part.sources)
    found.among("p.project", part.projects)
    return found


def conditions(view: View, part: Slice, *, scoped: bool = False) -> Conditions:
    """Return what rows of a table t must fulfil, apart from their time.

    Rows of a known scope are of its workspace: naming that too would mislead SQLite's planner.
    """
    found = Conditions()
    if not scoped:
        found.add("t.workspace = ?", view.workspace)
    places = place_conditions(view, part)
    if len(places.terms) > 1:
        found.add(places.text, *places.values)
        found.tables.add("p")
    if part.models:
        named = among("name", part.models)
        found.add(f"t.model IN (SELECT id FROM model WHERE {named})", *part.models)
    return found


def event_conditions(view: View, part: Slice, *, scoped: bool = False) -> Conditions:
    """Return what events t must fulfil: no ghosts, and within the range."""
    found = conditions(view, part, scoped=scoped)
    found.add(f"t.grade < {GHOST}")
    between(found, "t.instant_ms", part.since_ms, part.until_ms)
    if not scoped:
        of_active_scopes(found, view, part)
    return found


def of_active_scopes(found: Conditions, view: View, part: Slice) -> None:
    """Ask that events t of a range are of agents that were active in it, as the roll-ups tell.

    Events are in order within their scope alone: so a range is read without the rest.
    """
    if part.since_ms <= 0 and part.until_ms >= OPEN_END_MS:
        return
    active = Conditions()
    active.add("q.workspace = ?", view.workspace)
    between(active, "q.quarter_ms", part.since_ms // QUARTER_MS * QUARTER_MS, part.until_ms)
    found.add(f"t.scope IN (SELECT q.scope FROM quarter q WHERE {active.text})", *active.values)


def between(found: Conditions, column: str, since: int, until: int) -> None:
    """Ask for a half-open range of a column; the ends of all time are left out."""
    if since > 0:
        found.add(f"{column} >= ?", since)
    if until < 2**62:
        found.add(f"{column} < ?", until)


def log_conditions(view: View) -> Conditions:
    """Return what logs g must fulfil.

    A log is a user's when its session is, on the same machine; one without a session is nobody's.
    """
    found = Conditions()
    found.add("g.workspace = ?", view.workspace)
    if view.user is not None:
        found.add(
            "EXISTS (SELECT 1 FROM scope s JOIN place p ON p.id = s.place WHERE s.workspace = "
            "g.workspace AND s.session = g.session AND p.machine = g.machine AND p.user_name = ?)",
            view.user,
        )
    return found


IMPORTED = -1
"""Inode of a log that another store told: no file's own."""

LOG_PATH = f"CASE WHEN l.inode = '{IMPORTED}' THEN l.machine || ':' || l.path ELSE l.path END"
"""Path of a log l; of one that another store told, nothing that could be opened here."""

AGENT_JOIN = (
    "LEFT JOIN agent a ON a.workspace = s.workspace AND a.source = p.source"
    " AND a.session = s.session AND a.agent = s.agent"
)


def among(column: str, values: Collection[object]) -> str:
    """Return the term that a column has one of some values."""
    return f"{column} IN ({', '.join('?' * len(values))})"


def evened(values: Iterable[T]) -> list[T]:
    """Return values, the last one again up to a power of two of them.

    What is asked of another number each time is a few statements so, compiled once and kept.
    """
    found = list(values)
    if len(found) > MOST_EVENED:
        return found
    return found + found[-1:] * ((1 << max(0, len(found) - 1).bit_length()) - len(found))


def pieces(values: Sequence[T]) -> Iterator[list[T]]:
    """Yield distinct values by so many as one query names, the last ones evened."""
    for first in range(0, len(values), MOST_NAMED):
        yield evened(values[first : first + MOST_NAMED])


def bucket_of(at: str, bucket_ms: int) -> str:
    """Return the start of the bucket that a column of time lies in.

    A roll-up's own quarters are their starts: an expression would cost the order that they have.
    """
    if at == "t.quarter_ms" and bucket_ms == QUARTER_MS:
        return at
    return f"{at} / {bucket_ms:d} * {bucket_ms:d}"


def joins(tables: set[str], *, scoped: bool) -> str:
    """Return the JOINs from a table t to the named ones of s (scope), p, m and a (agent)."""
    parts = []
    if "a" in tables:
        tables = tables | {"s", "p"}
    if scoped and tables & {"s", "p"}:
        parts.append("JOIN scope s ON s.id = t.scope")
    if "p" in tables:
        parts.append(f"JOIN place p ON p.id = {'s' if scoped else 't'}.place")
    if "m" in tables:
        parts.append("JOIN model m ON m.id = t.model")
    if "a" in tables:
        parts.append(AGENT_JOIN)
    return " ".join(parts)
