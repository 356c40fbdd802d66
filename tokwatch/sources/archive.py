"""A database of many conversations: each is told from its beginning whenever it changed.

What changed is found by the rows behind the last ones that were read, and by a few figures of
each session; of what is told again only what is new is passed on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from tokwatch.model.detail import Block, Detail
from tokwatch.sources.columns import columns_of, hold, last_row
from tokwatch.sources.conversation import Conversation, Memory, digest_of, raw
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.log_file import LogFile

MESSAGE_ROW: Final = 1 << 40
"""Added to the row of a message in offsets: events count their own tables' rows from 1."""

_OVERLAP: Final = 256
"""So many of the last rows are always looked at: they may have changed."""
_AT_ONCE_CHARS: Final = 1 << 20
_REMEMBERED: Final = 256
"""Sessions of which it is known what was told."""
_CHUNK: Final = 64
"""Blocks that are passed on or left out together."""


class Rows(NamedTuple):
    """A table whose rows are a part of a conversation."""

    table: str
    session: str = "session_id"
    at: str = "time_created"
    """When a row was made, in seconds, milliseconds or ISO 8601."""
    changed: str = "time_updated"
    is_inner: bool = False
    """True where every session of it stands in another table, too."""


class Archive(Protocol):
    """What is read from one open database."""

    @property
    def rows(self) -> tuple[Rows, ...]:
        """Return the tables that hold conversations."""
        ...

    @property
    def parents(self) -> Mapping[str, str]:
        """Return by sub-agent's session the one that set it to work."""
        ...

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add one session's conversation."""
        ...


class _Told(Struct, array_like=True):
    """What was told of a session."""

    figures: int
    blocks: int = 0
    chunks: list[int] = []
    """A digest of each run of blocks."""
    others: int = 0
    """How many turns, compactions, failures and delegations."""


class _State(Struct, array_like=True):
    """What the next read of the same database needs to know."""

    marks: dict[str, int] = {}
    """The last row that was looked at, by table."""
    left: list[str] = []
    """Sessions that are still to be told."""
    told: dict[str, _Told] = {}
    """By session, the latest last."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_archive(
    log: LogFile, state: bytes, archive: Callable[[sqlite3.Connection], Archive]
) -> Detail:
    """Read the sessions that changed; only the one that somebody waits for, where there is one."""
    kept = _State()
    with suppress(msgspec.MsgspecError):
        kept = _decode_state(state) if state else kept
    with log.tables() as tables:
        hold(tables)
        return _Reading(tables, kept, archive(tables), log.since_ms).read(log.wanted)


class _Reading:
    """One read of one database."""

    def __init__(
        self, tables: sqlite3.Connection, state: _State, archive: Archive, since_ms: int
    ) -> None:
        self._tables = tables
        self._state = state
        self._archive = archive
        self._since_ms = since_ms
        there = ((rows, columns_of(tables, rows.table)) for rows in archive.rows)
        self._rows = [
            rows._replace(changed=rows.changed if rows.changed in columns else "rowid")
            for rows, columns in there
            if {rows.session, rows.at} <= columns
        ]
        self._parts: list[Detail] = []
        self._anew: list[tuple[str, str]] = []
        self._chars = 0

    def read(self, wanted: str) -> Detail:
        """Take what is to be told now."""
        state = self._state
        for session in self._changed():
            if session not in state.left:
                state.left.append(session)
        for session in self._family(wanted) if wanted else ():
            self._take(session)
        while state.left and self._chars < _AT_ONCE_CHARS and not wanted:
            self._take(state.left[0])
        is_left = bool(state.left)
        each = self._parts
        return Detail(
            blocks=tuple(one for part in each for one in part.blocks),
            turns=tuple(one for part in each for one in part.turns),
            compactions=tuple(one for part in each for one in part.compactions),
            incidents=tuple(one for part in each for one in part.incidents),
            delegations=tuple(one for part in each for one in part.delegations),
            state=msgspec.msgpack.encode(state),
            more=is_left and not wanted,
            rest=is_left,
            anew=tuple(self._anew),
        )

    def _changed(self) -> Iterator[str]:
        """Yield the sessions that may have changed; of a new database all that are recent."""
        marks = self._state.marks
        for rows in self._rows:
            table, session = rows.table, rows.session
            mark, last = marks.get(table, 0), last_row(self._tables, table)
            marks[table] = last
            found: list[tuple[object, ...]] = []
            if 0 < mark <= last:
                query = f"SELECT DISTINCT {session} FROM {table} WHERE rowid > ?"
                found = self._tables.execute(query, (mark - _OVERLAP,)).fetchall()
            elif not rows.is_inner:
                query = f"SELECT {session}, max({rows.at}) FROM {table} GROUP BY 1"
                each = self._tables.execute(f"{query} ORDER BY max(rowid) DESC").fetchall()
                found = [row for row in each if (unix_ms(row[1]) or 0) >= self._since_ms]
            yield from (row[0] for row in found if isinstance(row[0], str) and row[0])

    def _family(self, session: str) -> list[str]:
        """Return a session and those that it set to work."""
        parents = self._archive.parents
        known = dict.fromkeys((session, *parents))
        return [one for one in known if place_of(one, parents).session == session]

    def _take(self, session: str) -> None:
        """Tell one session, as far as that is not told yet."""
        state = self._state
        if session in state.left:
            state.left.remove(session)
        figures, known = self._figures(session), state.told.pop(session, None)
        if known is not None and known.figures == figures:
            state.told[session] = known
            return
        place = place_of(session, self._archive.parents)
        talk = Conversation(Memory(), place.session)
        self._archive.tell(session, talk, place.agent)
        found = talk.detail(b"")
        self._chars += sum(block.chars for block in found.blocks)
        told = _told(figures, found)
        if known is None or told.blocks < known.blocks or told.others < known.others:
            self._anew.append((place.session, place.agent))
        else:
            found = _behind(found, told, known)
        self._parts.append(found)
        state.told[session] = told
        while len(state.told) > _REMEMBERED:
            del state.told[next(iter(state.told))]

    def _figures(self, session: str) -> int:
        """Return a digest of what changes with a session's rows."""
        told: list[object] = []
        for table, column, _, changed, _ in self._rows:
            query = f"SELECT count(*), max(rowid), max({changed}) FROM {table} WHERE {column} = ?"
            told += self._tables.execute(query, (session,)).fetchone()
        return digest_of(raw(repr(told)))


def message_row(offset: int) -> int | None:
    """Return the row of a message that an offset names; None where it is an event's own."""
    return offset - MESSAGE_ROW if offset >= MESSAGE_ROW else None


def _told(figures: int, found: Detail) -> _Told:
    others = (found.turns, found.compactions, found.incidents, found.delegations)
    return _Told(
        *(figures, len(found.blocks), [_digest(run) for run in _runs(found)]),
        others=sum(map(len, others)),
    )


def _behind(found: Detail, told: _Told, known: _Told) -> Detail:
    """Return a detail without the runs of blocks at its beginning that are as they were."""
    same = 0
    for now, before in zip(told.chunks, known.chunks, strict=False):
        if now != before:
            break
        same += 1
    return Detail(
        blocks=found.blocks[same * _CHUNK :],
        turns=found.turns,
        compactions=found.compactions,
        incidents=found.incidents,
        delegations=found.delegations,
    )


def _runs(found: Detail) -> Iterator[tuple[Block, ...]]:
    for begin in range(0, len(found.blocks), _CHUNK):
        yield found.blocks[begin : begin + _CHUNK]


def _digest(run: tuple[Block, ...]) -> int:
    return digest_of(repr(run).encode("utf-8", "surrogatepass"))
