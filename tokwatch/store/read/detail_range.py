"""What happened to the sessions of a range: turns, compactions, incidents, requests in flight."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.model.detail import Compaction, Flight, Incident, Turn
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.read.detail import (
    COMPACTION,
    FLIGHT,
    INCIDENT,
    SESSION,
    TURN,
    add_owner,
    turn_of,
)
from tokwatch.store.statuses import found_path
from tokwatch.store.view import ALL, Conditions, View, among, between

_JOINS: Final = "JOIN strand k ON k.id = t.strand JOIN log g ON g.id = k.log"


class OfSession(NamedTuple):
    """Whose something is: what ranges are read by."""

    source: str
    session: str
    path: str
    """The log in which its offset stands."""


class TurnFact(NamedTuple):
    """A turn and whose it is."""

    of: OfSession
    turn: Turn


class CompactionFact(NamedTuple):
    """A compaction and whose it is."""

    of: OfSession
    compaction: Compaction


class IncidentFact(NamedTuple):
    """An incident and whose it is."""

    of: OfSession
    incident: Incident


class FlightFact(NamedTuple):
    """A request in flight and whose it is."""

    of: OfSession
    flight: Flight


def turns(view: View, part: Slice = ALL) -> list[TurnFact]:
    """Return the turns that began in a range, in order."""
    rows = _ranged(view, part, "turn", TURN, "t.begin_ms")
    return [TurnFact(_of(row), turn_of(row[3:])) for row in rows]


def compactions(view: View, part: Slice = ALL) -> list[CompactionFact]:
    """Return the compactions of a range, in order."""
    rows = _ranged(view, part, "compaction", COMPACTION, "t.instant_ms")
    return [CompactionFact(_of(row), Compaction(*row[3:])) for row in rows]


def incidents(view: View, part: Slice = ALL) -> list[IncidentFact]:
    """Return what went wrong in a range, in order."""
    rows = _ranged(view, part, "incident", INCIDENT, "t.instant_ms")
    return [IncidentFact(_of(row), Incident(*row[3:])) for row in rows]


def flights(view: View, part: Slice = ALL) -> list[FlightFact]:
    """Return the requests without an answer that were sent in a range, in order."""
    rows = _ranged(view, part, "flight", FLIGHT, "t.instant_ms")
    return [FlightFact(_of(row), Flight(*row[3:])) for row in rows]


def _ranged(view: View, part: Slice, table: str, columns: str, instant: str) -> list[Row]:
    found = _conditions(view, part, instant)
    return view.database.rows(
        f"SELECT g.source, {SESSION}, g.path, {columns} FROM {table} t {_JOINS}"
        f" WHERE {found.text} ORDER BY {instant}, 1, 2, t.strand",
        found.values,
    )


def _conditions(view: View, part: Slice, instant: str) -> Conditions:
    """Return what rows t of a strand k of a log g must fulfil; a Slice's models filter nothing."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    between(found, instant, part.since_ms, part.until_ms)
    found.among("g.source", part.sources)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    if part.projects:
        add_owner(found, SESSION, (), among("p.project", part.projects), part.projects)
    return found


def _of(row: Row) -> OfSession:
    return OfSession(row[0], row[1], found_path(row[2]))
