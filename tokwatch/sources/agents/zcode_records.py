"""ZCode's `model_usage`: a row for each attempt at a request, updated until it is completed.

Input includes the cache, output includes reasoning, times are milliseconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tokwatch.model.event import ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Reading, Tally
from tokwatch.sources.agents.zcode import NAME
from tokwatch.sources.columns import ROW, columns_of, hold, last_row, rows_of
from tokwatch.sources.counts import count, unix_ms
from tokwatch.sources.descent import Place, place_of
from tokwatch.sources.growth import read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of, without_cache
from tokwatch.sources.text import name_in

_TABLE: Final = "model_usage"
_OVERLAP: Final = 200
"""Rows read again: among so many last ones some may not have been completed."""
_AT_ONCE: Final = 20_000
_COLUMNS: Final = (
    *(ROW, "id", "session_id", "provider_id", "model_id", "agent", "status", "attempt_index"),
    *("started_at", "completed_at", "input_tokens", "output_tokens", "reasoning_tokens"),
    *("cache_creation_input_tokens", "cache_read_input_tokens"),
)
_NEEDED: Final = frozenset(("input_tokens", "output_tokens"))
_OPEN: Final = frozenset(("running", "cancelled", "error"))


class _Sessions(NamedTuple):
    """Working directory and parent of each session."""

    projects: Mapping[str, str]
    parents: Mapping[str, str]


def read(log: LogFile, cursor: Cursor) -> Reading:
    """Read the rows behind the mark, and the last ones before it again."""
    mark = total(read_state(cursor.state).get("row")) or 0
    with log.tables() as tables:
        hold(tables)
        there = columns_of(tables, _TABLE)
        if there and not there >= _NEEDED:
            return _unknown(cursor, dict.fromkeys(there))
        if last_row(tables, _TABLE) < mark:
            mark = 0
        rest = f"WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}"
        rows = list(rows_of(tables, _TABLE, _COLUMNS, rest, (max(0, mark - _OVERLAP),)))
        sessions = _sessions(tables)
    reading = _Rows(sessions, mark)
    for row in rows:
        reading.take(row)
    last = rows[-1][ROW] if rows else mark
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME, state=state_of(row=max(mark, last))),
        sightings=list(reading.sightings.values()),
        facts=tuple(reading.facts),
        notes=tuple(reading.notes),
        tally=Tally(lines=sum(row[ROW] > mark for row in rows), undated=reading.undated),
        more=len(rows) == _AT_ONCE,
    )


def _unknown(cursor: Cursor, record: dict[str, Any]) -> Reading:
    tally = Tally(unknown=1, sample=field_names(record))
    return Reading(cursor=Cursor(path=cursor.path, source=NAME), tally=tally)


def _sessions(tables: sqlite3.Connection) -> _Sessions:
    projects: dict[str, str] = {}
    parents: dict[str, str] = {}
    for row in rows_of(tables, "session", ("id", "directory", "parent_id")):
        if isinstance(row["id"], str):
            projects[row["id"]] = name_in(row["directory"])
            if isinstance(row["parent_id"], str):
                parents[row["id"]] = row["parent_id"]
    return _Sessions(projects, parents)


class _Rows:
    """What some rows tell."""

    def __init__(self, sessions: _Sessions, mark: int) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.facts: list[RequestFact] = []
        self.notes: set[AgentNote] = set()
        self.undated = 0
        self._sessions = sessions
        self._mark = mark

    def take(self, row: dict[str, Any]) -> None:
        """Take one attempt, unless nothing was counted for it yet."""
        tokens = _tokens(row)
        if not any(tokens):
            return
        moment = unix_ms(row["completed_at"]) or unix_ms(row["started_at"])
        if moment is None:
            self.undated += row[ROW] > self._mark
            return
        session = row["session_id"] if isinstance(row["session_id"], str) else ""
        place = place_of(session, self._sessions.parents)
        self._note(place, row)
        key = event_key(NAME, str(row["id"]) if row["id"] else f"{session}:{row[ROW]}")
        self.sightings[key] = sighting_of(
            key,
            moment,
            Scope(NAME, *place, self._sessions.projects.get(session, "")),
            ModelName(_provider(row["provider_id"]), name_in(row["model_id"]) or "unknown"),
            tokens,
            offset=row[ROW],
            is_final=row["status"] not in _OPEN,
        )
        self._time(key, row)

    def _note(self, place: Place, row: dict[str, Any]) -> None:
        kind = name_in(row["agent"])
        if place.agent and kind:
            self.notes.add(AgentNote(place.session, place.agent, kind))

    def _time(self, key: int, row: dict[str, Any]) -> None:
        begin, end = unix_ms(row["started_at"]), unix_ms(row["completed_at"])
        if begin is not None and end is not None and end >= begin:
            self.facts.append(RequestFact(key, "duration_ms", end - begin))
        if retries := count(row["attempt_index"]):
            self.facts.append(RequestFact(key, "retries", retries))


def _tokens(row: dict[str, Any]) -> Tokens:
    whole, output = count(row["input_tokens"]), count(row["output_tokens"])
    cached = count(row["cache_read_input_tokens"])
    written = count(row["cache_creation_input_tokens"])
    return Tokens(
        input=without_cache(whole, cached, written),
        output=output,
        cache_read=cached,
        cache_write=written,
        reasoning=min(count(row["reasoning_tokens"]), output),
    )


def _provider(value: object) -> str:
    """Return the seller; the built-in ones are Z.ai's plans, under names of ZCode's own."""
    name = name_in(value)
    return "zai" if name.startswith("builtin:") else name
