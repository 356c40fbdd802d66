"""OpenCode's databases: `message` of version 1, `session_message` of version 2, or both.

A row is written when an answer begins and again when it ends; a fork copies rows, old times
included. So what is read are the rows behind the last ones, and those that were not finished.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.agents.opencode_records import Message, Messages
from tokwatch.sources.agents.opencode_sessions import Sessions
from tokwatch.sources.beside import part
from tokwatch.sources.columns import columns_of, hold, last_row
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.growth import read_state, state_of
from tokwatch.sources.log_file import LogFile

_FIRST: Final = "message"
_SECOND: Final = "session_message"
_AT_ONCE: Final = 5_000
_OVERLAP: Final = 16
"""So many of the last rows are always read again."""
_MOST_OPEN: Final = 64
_ANCHORS: Final = (0, 8, 64, 512, 4_096)
"""How far behind the last row those lie by which its place is found when rows went."""
_CHUNK: Final = 500
_decode = msgspec.json.Decoder(list[Any]).decode
_NEEDED: Final = frozenset(("id", "session_id", "data"))
_FIELDS: Final = (
    *("tokens", "time", "modelID", "providerID", "model", "agent", "mode", "path", "cost"),
)
_VALID: Final = "CASE WHEN json_valid(m.data) THEN {} ELSE {} END"
_TOLD: Final = _VALID.format(
    f"json_extract(m.data, {', '.join(repr(f'$.{name}') for name in _FIELDS)})", "NULL"
)
_IS_ANSWER: Final = _VALID.format("json_extract(m.data, '$.role') = 'assistant'", "1")
_IS_NO_TWIN: Final = (
    f" AND NOT EXISTS (SELECT 1 FROM {_FIRST} o WHERE o.session_id = m.session_id"
    " AND o.time_created = m.time_created)"
)
"""What version 2 took over from version 1 lies in both tables, and its names may differ."""


def read_tables(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read the answers that are new or were not finished."""
    state = read_state(cursor.state)
    messages = Messages(source)
    with log.tables() as tables:
        hold(tables)
        answers = list(_answers(tables, messages))
        sessions = Sessions(tables)
        states = {
            one.table: _read(one, state.get(one.table), messages, sessions, answers)
            for one in answers
        }
    return Reading(
        cursor=Cursor(path=cursor.path, source=source, state=state_of(**states)),
        sightings=list(messages.sightings.values()),
        notes=tuple(sorted(messages.notes)),
        tally=messages.tally(),
        more=any(one.is_more for one in answers),
    )


def _answers(tables: sqlite3.Connection, messages: Messages) -> Iterator[_Answers]:
    """Yield the tables that hold answers."""
    columns = {name: columns_of(tables, name) for name in (_FIRST, _SECOND)}
    for name, there in columns.items():
        if there >= _NEEDED:
            yield _Answers(tables, name, there, columns[_FIRST])
        elif there:
            messages.find_unknown(dict.fromkeys(there))


def _read(
    table: _Answers,
    state: object,
    messages: Messages,
    sessions: Sessions,
    answers: Sequence[_Answers],
) -> dict[str, object]:
    """Read one table's rows, and return what the next read needs."""
    told = state if isinstance(state, dict) else {}
    messages.seen = mark = table.place_of(_texts(told.get("at")))
    rows = [*table.named(_texts(told.get("open"))), *table.behind(mark - _OVERLAP)]
    found = [message for row in rows if (message := row.message(messages))]
    originals = {
        original.copy_key(messages.source)
        for original in _originals([one for one in found if sessions.is_copy(one)], answers)
        if not sessions.is_copy(original)
    }
    for message in found:
        session = sessions.of(message.session)
        if sessions.is_imported(message):
            messages.pass_over(message)
        elif not sessions.is_copy(message):
            messages.take(message, session, sessions.parents)
        else:
            is_told = message.copy_key(messages.source) in originals
            messages.take_copy(message, session, sessions.parents, is_told=is_told)
    mark = rows[-1].row if table.is_more else last_row(table.tables, table.table)
    unfinished = [str(row.id) for row in rows if row.is_open()]
    return {"at": table.anchors(mark), "open": list(dict.fromkeys(unfinished))[-_MOST_OPEN:]}


def _originals(copies: Sequence[Message], answers: Sequence[_Answers]) -> Iterator[Message]:
    """Yield the answers that began when these copies say that they began."""
    instants = sorted({copy.created_ms for copy in copies})
    for table in answers:
        for start in range(0, len(instants), _CHUNK):
            for row in table.begun_at(instants[start : start + _CHUNK]):
                if message := row.message(Messages("")):
                    yield message


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


class _Row(NamedTuple):
    """One answer's row, without what was asked and answered."""

    row: int
    id: object
    session: object
    created: object
    record: dict[str, Any] | None
    """None where it is no JSON."""
    is_second: bool

    def message(self, messages: Messages) -> Message | None:
        """Return the answer, if it has usage."""
        names = (self.id, self.session)
        return messages.find(self.record, names, self.row, self.created, is_second=self.is_second)

    def is_open(self) -> bool:
        """Tell whether the answer may still be going on."""
        return bool(self.record) and part(self.record or {}, "time").get("completed") is None


class _Answers:
    """One table of answers."""

    def __init__(
        self,
        tables: sqlite3.Connection,
        table: str,
        columns: frozenset[str],
        first: frozenset[str],
    ) -> None:
        self.tables = tables
        self.table = table
        self.is_more = False
        """True when rows are left for the next read."""
        self._is_second = table == _SECOND
        is_dated = "time_created" in columns
        self._created = (
            "m.time_created"
            if is_dated
            else _VALID.format("json_extract(m.data, '$.time.created')", "NULL")
        )
        self._wanted = _IS_ANSWER
        if self._is_second:
            self._wanted = "m.type = 'assistant'" if "type" in columns else "1"
            if is_dated and first >= {"session_id", "time_created"}:
                self._wanted += _IS_NO_TWIN

    def behind(self, mark: int) -> list[_Row]:
        """Return the first rows behind a place."""
        rest = f"m.rowid > ? ORDER BY m.rowid LIMIT {_AT_ONCE}"
        rows = list(self._rows(rest, (mark,)))
        self.is_more = len(rows) == _AT_ONCE
        return rows

    def named(self, names: Sequence[str]) -> Iterator[_Row]:
        """Yield the rows of these names."""
        return self._rows(f"m.id IN ({_marks(names)})", names) if names else iter(())

    def begun_at(self, instants: Sequence[int]) -> Iterator[_Row]:
        """Yield the rows of answers that began at these instants."""
        return self._rows(f"{self._created} IN ({_marks(instants)})", instants)

    def place_of(self, anchors: Iterable[str]) -> int:
        """Return where the first of these rows lies that is still there."""
        for name in anchors:
            for (row,) in self.tables.execute(
                f"SELECT rowid FROM {self.table} WHERE id = ?", (name,)
            ):
                return int(row)
        return 0

    def anchors(self, mark: int) -> list[str]:
        """Return the names of the row at a place and of some before it."""
        sql = f"SELECT id FROM {self.table} WHERE rowid <= ? ORDER BY rowid DESC LIMIT 1"
        rows = [self.tables.execute(sql, (mark - distance,)) for distance in _ANCHORS]
        return list(dict.fromkeys(_texts([name for row in rows for (name,) in row])))

    def _rows(self, rest: str, values: Sequence[object]) -> Iterator[_Row]:
        sql = (
            f"SELECT m.rowid, m.id, m.session_id, {self._created}, {_TOLD} FROM {self.table} m"
            f" WHERE {self._wanted} AND {rest}"
        )
        for row, name, session, created, told in self.tables.execute(sql, values):
            yield _Row(row, name, session, created, _record(told), self._is_second)


def _record(told: object) -> dict[str, Any] | None:
    """Return the fields that were taken out of a row."""
    for decode in (_decode, json.loads):  # the second one takes half characters
        try:
            return dict(zip(_FIELDS, decode(told), strict=True))  # type: ignore[arg-type]
        except (*NOT_JSON, ValueError, TypeError):
            continue
    return None


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
