"""Copilot CLI's session store: a row for each request, written when it is answered."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.event import ModelName, RequestFact, Scope, Sighting
from tokwatch.model.reading import Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.copilot import NAME
from tokwatch.sources.agents.copilot_records import (
    Counts,
    Occurrences,
    cost_nano,
    counts_in,
    request_key,
)
from tokwatch.sources.columns import ROW, columns_of, hold, last_row, rows_of
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.growth import read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import sighting_of
from tokwatch.sources.tables import NO_DATABASE, open_tables, pending_status
from tokwatch.sources.text import name_in

_TABLE: Final = "assistant_usage_events"
_AT_ONCE: Final = 5_000
_CLASSES: Final = (
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    "reasoning_tokens",
)
_WHAT: Final = (ROW, "session_id", "model", "copilot_usage_model", "created_at", *_CLASSES)
_COLUMNS: Final = (
    *_WHAT,
    *("total_nano_aiu", "agent_id", "duration_ms", "time_to_first_token_ms"),
)
_NEEDED: Final = frozenset(("session_id", "input_tokens", "output_tokens"))
_FACTS: Final = {"duration_ms": "duration_ms", "time_to_first_token_ms": "first_token_ms"}


class Request(NamedTuple):
    """One row, for what is less than a request."""

    at_ms: int
    model: str
    counts: Counts
    units: int
    """Nano-AIU."""


def read_store(log: LogFile, cursor: Cursor) -> Reading:
    """Read the requests behind the mark."""
    mark = total(read_state(cursor.state).get("row")) or 0
    with log.tables() as tables:
        hold(tables)
        there = columns_of(tables, _TABLE)
        if there and not there >= _NEEDED:
            tally = Tally(unknown=1, sample=field_names(dict.fromkeys(there)))
            return Reading(cursor=Cursor(path=cursor.path, source=NAME), tally=tally)
        if last_row(tables, _TABLE) < mark:
            mark = 0
        rest = f"WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}"
        rows = list(rows_of(tables, _TABLE, _COLUMNS, rest, (mark,)))
        names = sorted({row["session_id"] for row in rows if isinstance(row["session_id"], str)})
        among = f"({', '.join('?' * len(names))})"
        about = ("id", "cwd", "branch")
        sessions = list(rows_of(tables, "sessions", about, f"WHERE id IN {among}", names))
        before = f"WHERE rowid <= ? AND session_id IN {among}"
        told = list(rows_of(tables, _TABLE, _WHAT, before, (mark, *names))) if mark else []
    requests = _Requests(sessions)
    for row in told:
        requests.note(row)
    for row in rows:
        requests.take(row)
    last = rows[-1][ROW] if rows else mark
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME, state=state_of(row=last)),
        lineage=Lineage(begin_ms=0),  # before any trace of the same requests
        sightings=list(requests.sightings.values()),
        facts=tuple(requests.facts),
        tally=Tally(lines=len(rows), undated=requests.undated),
        more=len(rows) == _AT_ONCE,
    )


def row_at(store: Path, row: int) -> object:
    """Return a request's row with all that it holds; None where there is none."""
    with open_tables(store) as tables:
        columns = sorted(columns_of(tables, _TABLE))
        return next(rows_of(tables, _TABLE, columns, "WHERE rowid = ?", (row,)), None)


def requests_of(store: Path, session: str) -> Sequence[Request]:
    """Return a session's requests in the store; none where there is no store.

    Raises OSError where the store cannot be read now.
    """
    try:
        status = os.stat(store)
    except FileNotFoundError:
        return ()
    changed = (status.st_ino, status.st_size, status.st_mtime_ns, *pending_status(str(store)))
    return _requests_in(store, changed).get(session, ())


@lru_cache(maxsize=2)
def _requests_in(store: Path, changed: tuple[int, ...]) -> dict[str, list[Request]]:
    """Return every session's requests, as long as the store's status has not `changed`."""
    requests: dict[str, list[Request]] = {}
    try:
        with open_tables(store) as tables:
            columns = (*_WHAT, "total_nano_aiu") if _is_known(tables) else ()
            for row in rows_of(tables, _TABLE, columns) if columns else ():
                moment = instant_ms(row["created_at"])
                if moment is not None and isinstance(row["session_id"], str):
                    units = count(row["total_nano_aiu"])
                    one = Request(moment, _model(row), counts_in(row, *_CLASSES), units)
                    requests.setdefault(row["session_id"], []).append(one)
    except OSError as error:
        if error.errno != NO_DATABASE:
            raise
    return requests


def _is_known(tables: sqlite3.Connection) -> bool:
    return columns_of(tables, _TABLE) >= _NEEDED


class _Requests:
    """What some rows tell."""

    def __init__(self, sessions: list[dict[str, Any]]) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.facts: list[RequestFact] = []
        self.undated = 0
        self._places = {
            row["id"]: (name_in(row["cwd"]), name_in(row["branch"])) for row in sessions
        }
        self._occurrences = Occurrences()

    def note(self, row: dict[str, Any]) -> None:
        """Note a request that was told before."""
        if counts := _counts(row):
            self._occurrences.note(name_in(row["session_id"]), counts)

    def take(self, row: dict[str, Any]) -> None:
        """Take a request, unless nothing is known of its usage."""
        counts = _counts(row)
        if counts is None:
            return
        session = name_in(row["session_id"])
        key = request_key(session, counts, self._occurrences.note(session, counts))
        moment = instant_ms(row["created_at"])
        if moment is None:
            self.undated += 1
            return
        place = self._places.get(row["session_id"], ("", ""))
        self.sightings[key] = sighting_of(
            key,
            moment,
            Scope(NAME, session, name_in(row["agent_id"]), *place),
            ModelName("", _model(row)),
            counts.tokens(),
            offset=row[ROW],
            cost_nano=cost_nano(row["total_nano_aiu"]),
        )
        for column, fact in _FACTS.items():
            if value := count(row[column]):
                self.facts.append(RequestFact(key, fact, value))


def _counts(row: dict[str, Any]) -> Counts | None:
    counts = counts_in(row, *_CLASSES)
    return None if counts.input is None and counts.output is None else counts


def _model(row: dict[str, Any]) -> str:
    """Return the model that was billed: what was asked for may be a choice of several."""
    return name_in(row["copilot_usage_model"]) or name_in(row["model"]) or "unknown"
