"""What a session's requests are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import PurePath
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.detail import Block, Compaction, Delegation, Flight, Incident, Part, Turn
from tokwatch.store.connect import Row
from tokwatch.store.statuses import found_path
from tokwatch.store.view import Conditions, View

PARTS: Final = {part.value: part for part in Part}
_block = partial(tuple.__new__, Block)
"""Makes a block of a tuple; the class itself takes twice as long."""

SESSION: Final = "CASE WHEN k.session = '' THEN g.session ELSE k.session END"
BLOCK: Final = (
    "t.number, t.instant_ms, t.part, t.tool, t.chars, t.tokens, t.digest, t.subject, t.call,"
    " t.is_error, t.request, t.offset_bytes, t.sketch"
)
TURN: Final = (
    "t.number, k.agent, t.begin_ms, t.end_ms, t.requests, t.tool_calls, t.interrupted, t.finished"
)
COMPACTION: Final = (
    "t.instant_ms, k.agent, t.before_tokens, t.after_tokens, t.cause, t.offset_bytes, t.keeps_from"
)
INCIDENT: Final = "t.instant_ms, k.agent, t.kind, t.status, t.attempt, t.offset_bytes"
FLIGHT: Final = "t.identity, t.instant_ms, k.agent, t.model"


class LogDetail(NamedTuple):
    """How far the detail of one of a session's logs was read."""

    path: str
    agents: tuple[str, ...]
    """Whose conversations it holds, as far as it was read."""
    read_bytes: int
    size: int
    """Of the log, when its usage was last read."""


class SessionDetail(Struct, frozen=True):
    """All that is known of what a session's requests are made of, its agents' included."""

    blocks: tuple[Block, ...] = ()
    """By agent, in the order of their logs; a request is an event's key."""
    turns: tuple[Turn, ...] = ()
    compactions: tuple[Compaction, ...] = ()
    incidents: tuple[Incident, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    flights: tuple[Flight, ...] = ()
    logs: tuple[LogDetail, ...] = ()

    def log_of(self, agent: str) -> str:
        """Return the path of the log in which an agent's records stand, for their offsets."""
        return next((log.path for log in self.logs if agent in log.agents), "")


def session_detail(view: View, source: str, session: str) -> SessionDetail:
    """Return what is known of a session; the log that was read furthest tells of each agent."""
    strands = _strands(view, source, session)
    if not strands:
        return SessionDetail(logs=detail_logs(view, source, session))
    ids = ", ".join(str(number) for number in strands)
    blocks: list[Block] = []
    for number, agent in sorted(strands.items(), key=lambda item: (item[1], item[0])):
        rows = view.database.rows(
            f"SELECT {BLOCK} FROM block t WHERE t.strand = ? ORDER BY t.number", (number,)
        )
        blocks += blocks_of(rows, agent)

    def rows_of(table: str, columns: str, order: str) -> list[Row]:
        return view.database.rows(
            f"SELECT {columns} FROM {table} t JOIN strand k ON k.id = t.strand"
            f" WHERE t.strand IN ({ids}) ORDER BY {order}"
        )

    return SessionDetail(
        blocks=tuple(blocks),
        turns=tuple(map(turn_of, rows_of("turn", TURN, "t.begin_ms, k.agent, t.number"))),
        compactions=tuple(Compaction(*r) for r in rows_of("compaction", COMPACTION, "1, 6")),
        incidents=tuple(Incident(*r) for r in rows_of("incident", INCIDENT, "1, 6")),
        delegations=_delegations(
            rows_of(
                "delegation",
                "t.instant_ms, k.agent, t.child, t.kind, t.tokens, t.offset_bytes, t.call",
                "1, 6",
            )
        ),
        flights=tuple(Flight(*row) for row in rows_of("flight", FLIGHT, "2, 1")),
        logs=detail_logs(view, source, session),
    )


def detail_logs(view: View, source: str, session: str) -> tuple[LogDetail, ...]:
    """Return how far the detail of a session's logs was read; none of theirs, none read."""
    found = _session_conditions(view, source, session)
    rows = view.database.rows(
        "SELECT g.path, k.agent, coalesce(d.offset_bytes, 0), g.offset_bytes FROM log g"
        " LEFT JOIN strand k ON k.log = g.id LEFT JOIN detail_log d ON d.log = g.id"
        f" WHERE {found.text} ORDER BY 1, 2",
        found.values,
    )
    logs: dict[str, LogDetail] = {}
    for path, agent, read_bytes, size in rows:
        known = logs.get(path) or LogDetail(found_path(path), (), read_bytes, size)
        agents = known.agents if agent is None else (*known.agents, agent)
        logs[path] = known._replace(agents=agents)
    return tuple(logs.values())


def _strands(view: View, source: str, session: str) -> dict[int, str]:
    """Return the agents of a session by their conversations; of copies of one log, the longest."""
    found = _session_conditions(view, source, session)
    rows = view.database.rows(
        "SELECT k.id, k.agent, g.path, g.offset_bytes FROM log g JOIN strand k ON k.log = g.id"
        f" WHERE {found.text} ORDER BY g.offset_bytes DESC, g.path",
        found.values,
    )
    chosen: dict[tuple[str, str], str] = {}
    return {
        number: agent
        for number, agent, path, _ in rows
        if chosen.setdefault((agent, PurePath(path).name), path) == path
    }


def _session_conditions(view: View, source: str, session: str) -> Conditions:
    """Return what logs g, and strands k of theirs, must fulfil to be of a session."""
    found = Conditions()
    found.add("g.source = ?", source)
    found.add(
        "g.id IN (SELECT id FROM log WHERE workspace = ? AND session = ?"
        " UNION SELECT log FROM strand WHERE workspace = ? AND session = ?)",
        *(view.workspace, session, view.workspace, session),
    )
    found.add(
        "(k.id IS NULL OR k.session = ? OR k.session = '' AND g.session = ?)", session, session
    )
    if view.user is not None:
        add_owner(found, "?", (session,), "p.user_name = ?", (view.user,))
    return found


def add_owner(
    found: Conditions,
    session: str,
    sessions: Sequence[object],
    term: str,
    values: Sequence[object],
) -> None:
    """Ask that a session's requests, made on the log's machine, fulfil a term on their place."""
    found.add(
        "EXISTS (SELECT 1 FROM scope s JOIN place p ON p.id = s.place WHERE s.workspace ="
        f" g.workspace AND s.session = {session} AND p.machine = g.machine AND {term})",
        *(*sessions, *values),
    )


def turn_of(row: Row) -> Turn:
    return Turn._make((*row[:6], bool(row[6]), bool(row[7]), ""))


def blocks_of(rows: Iterable[Row], agent: str) -> list[Block]:
    """Return blocks of one agent."""
    parts = PARTS
    return [
        _block(
            (no, ms, agent, parts[part], tool, chars, tokens, digest, subject, call, error != 0,
             request, offset, "", sketch)
        )
        for (no, ms, part, tool, chars, tokens, digest, subject, call, error, request, offset,
             sketch) in rows
    ]  # fmt: skip


def _delegations(rows: Iterable[Row]) -> tuple[Delegation, ...]:
    """Join what parent and child tell of one delegation; a child knows not who its parent is."""
    found: dict[int, Delegation] = {}
    children: dict[int, Delegation] = {}
    for row in rows:
        one = Delegation(*row)
        if one.child == one.parent and one.child:
            children[one.call] = one
        else:
            found[one.call] = one
    for call, child in children.items():
        known = found.get(call, child._replace(parent=""))
        kind, name = known.kind or child.kind, known.child or child.child
        found[call] = known._replace(kind=kind, child=name)
    return tuple(sorted(found.values(), key=lambda one: (one.instant_ms, one.offset, one.call)))
