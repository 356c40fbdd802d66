"""What requests of a range are made of, and what happened to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from tokwatch.model.detail import Block, Compaction, Flight, Incident, Part, Turn, server_of
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.read.detail import (
    BLOCK,
    COMPACTION,
    FLIGHT,
    INCIDENT,
    PARTS,
    SESSION,
    TURN,
    add_owner,
    blocks_of,
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


class BlockFact(NamedTuple):
    """A block and whose it is."""

    of: OfSession
    block: Block


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


class BlockSum(NamedTuple):
    """What blocks of one sort amount to."""

    source: str
    """Empty unless sessions were asked for; so is `session`."""
    session: str
    quarter_ms: int
    """Start of the quarter of an hour, in UTC ms; 0 unless quarters were asked for."""
    part: Part
    tool: str
    blocks: int
    tokens: int
    errors: int

    @property
    def server(self) -> str:
        """Return the MCP server whose tool it is; empty for any other."""
        return server_of(self.tool)


def heaviest_blocks(
    view: View, part: Slice = ALL, limit: int = 100, *, tool: str = "", server: str = ""
) -> list[BlockFact]:
    """Return the heaviest blocks of a range; those below 500 tokens are left out."""
    found = _conditions(view, part, "t.instant_ms", joined=False)
    found.add("t.tokens >= 500")
    if tool:
        found.add("t.tool = ?", tool)
    if server:
        found.add("substr(t.tool, 1, ?) = ?", len(server) + 7, f"mcp__{server}__")
    heaviest = (
        f"SELECT t.strand, t.number FROM block t {_JOINS if found.tables else ''}"
        f" WHERE {found.text} ORDER BY t.tokens DESC, t.strand, t.number LIMIT ?"
    )
    rows = view.database.rows(
        f"SELECT g.source, {SESSION}, g.path, k.agent, {BLOCK} FROM ({heaviest}) h"
        f" JOIN block t ON t.strand = h.strand AND t.number = h.number {_JOINS}"
        " ORDER BY t.tokens DESC, t.strand, t.number",
        (*found.values, limit),
    )
    return [BlockFact(_of(row), blocks_of([row[4:]], row[3])[0]) for row in rows]


def block_sums(
    view: View, part: Slice = ALL, *, by_session: bool = False, by_quarter: bool = False
) -> list[BlockSum]:
    """Return the blocks of a range summed up by part and tool, and further if asked; by weight.

    Ranges count whole quarters of an hour, from the one in which they begin.
    """
    since_ms = part.since_ms // QUARTER_MS * QUARTER_MS
    whole = replace(part, since_ms=since_ms)
    found = _conditions(view, whole, "t.quarter_ms", joined=by_session)
    names = f"g.source, {SESSION}" if by_session else "'', ''"
    quarter = "t.quarter_ms" if by_quarter else "0"
    rows = view.database.rows(
        f"SELECT {names}, CAST({quarter} AS BIGINT), t.part, t.tool,"
        " CAST(sum(t.blocks) AS BIGINT), CAST(sum(t.tokens) AS BIGINT),"
        f" CAST(sum(t.errors) AS BIGINT) FROM block_sum t {_JOINS if found.tables else ''}"
        f" WHERE {found.text} AND t.blocks > 0"
        " GROUP BY 1, 2, 3, 4, 5 ORDER BY 7 DESC, 1, 2, 3, 4, 5",
        found.values,
    )
    return [
        BlockSum(source, session, quarter_ms, PARTS[sort], tool, *sums)
        for source, session, quarter_ms, sort, tool, *sums in rows
    ]


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


def _conditions(view: View, part: Slice, instant: str, *, joined: bool = True) -> Conditions:
    """Return what rows t of a strand k of a log g must fulfil; a Slice's models filter nothing."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    between(found, instant, part.since_ms, part.until_ms)
    if joined or part.sources or part.projects or view.user is not None:
        found.tables.add("k")
    found.among("g.source", part.sources)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    if part.projects:
        add_owner(found, SESSION, (), among("p.project", part.projects), part.projects)
    return found


def _of(row: Row) -> OfSession:
    return OfSession(row[0], row[1], found_path(row[2]))
