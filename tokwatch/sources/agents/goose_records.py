"""Goose's sessions: `usage_ledger` has a row for each request, `sessions` running totals.

Where a session has such rows they are all there is to count: what it spent before them stands in
rows that were carried forward. Input includes the cache; older versions do not tell it.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.delegates import DELEGATES
from tokwatch.sources.agents.goose import NAME
from tokwatch.sources.columns import ROW, columns_of, hold, last_row, rows_of
from tokwatch.sources.counts import nano, unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.growth import RunningTotals, Step, read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of, without_cache
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in
from tokwatch.sources.undated import Undated

_AT_ONCE: Final = 20_000
_CARRIED: Final = "carried_forward"
_NO_MODEL: Final = ModelName("", "unknown")
_PARTS: Final = (
    *("input_tokens", "output_tokens", "total_tokens"),
    *("cache_read_tokens", "cache_write_tokens"),
)
_ACCUMULATED: Final = tuple(f"accumulated_{name}" for name in _PARTS)
_LEDGER: Final = (ROW, "session_id", "created_timestamp", "model", *_PARTS, "cost", "cost_source")
_ABOUT: Final = ("id", "parent_session_id", "working_dir", "provider_name", "model_config_json")
_SESSION: Final = (ROW, "id", "updated_at", "created_at", *_ACCUMULATED, "accumulated_cost")
_RECENT: Final = (
    "WHERE updated_at >= datetime(?, '-1 day')"
    " OR id IN (SELECT id FROM sessions ORDER BY updated_at DESC LIMIT 50) ORDER BY id"
)
"""A clock that went wrong for a while hides nothing: the last ones are always looked at."""
_CHUNK: Final = 500


def read(log: LogFile, cursor: Cursor) -> Reading:
    """Read the requests behind the mark, and totals of sessions that changed since."""
    state = read_state(cursor.state)
    is_same = bool(cursor.inode)  # of another file only the totals go on
    mark = (total(state.get("row")) or 0) if is_same else 0
    since = state.get("since") if is_same else None
    with log.tables() as tables:
        hold(tables)
        goose = _Goose(tables, state)
        if last_row(tables, "usage_ledger") < mark:
            mark = 0
        count, mark = goose.take_ledger(mark)
        since = goose.take_sessions(since if isinstance(since, str) else "")
    return Reading(
        cursor=Cursor(
            path=cursor.path,
            source=NAME,
            state=state_of(
                row=mark,
                since=since,
                totals=goose.totals.entries,
                axes=goose.axes.entries,
                undated=goose.undated.names,
            ),
        ),
        sightings=list(goose.sightings.values()),
        stretches=tuple(goose.axes.stretches),
        tally=goose.tally(),
        more=count == _AT_ONCE,
    )


class _Goose:
    """One read of one database."""

    def __init__(self, tables: sqlite3.Connection, state: dict[str, Any]) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.totals = RunningTotals(state.get("totals"))
        self.axes = Axes(NAME, state.get("axes"))
        self.undated = Undated(state.get("undated"))
        self._tables = tables
        self._read = self._undated = 0
        self._unknown = ""
        self._scopes: dict[str, Scope] = {}
        self._models: dict[str, ModelName] = {}
        self._parents: dict[str, str] = {}
        self._carried: dict[str, list[dict[str, Any]]] = {}
        """By session with requests: what it spent before the first of them."""
        self._learn()

    def tally(self) -> Tally:
        """Return the counts of this read."""
        return Tally(
            lines=self._read,
            undated=self._undated + self.undated.count,
            unknown=int(bool(self._unknown)),
            sample=self._unknown,
        )

    def take_ledger(self, mark: int) -> tuple[int, int]:
        """Take the requests behind a row; return how many there were, and the last row."""
        columns = columns_of(self._tables, "usage_ledger")
        if columns and not columns >= {"session_id", "created_timestamp", "input_tokens"}:
            self._unknown = field_names(dict.fromkeys(columns))
            return 0, mark
        rest = f"WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}"
        count = 0
        for row in rows_of(self._tables, "usage_ledger", _LEDGER, rest, (mark,)):
            count, mark = count + 1, row[ROW]
            if row["cost_source"] != _CARRIED:
                self._take_request(row)
        self._read += count
        return count, mark

    def take_sessions(self, since: str) -> str:
        """Take the totals of sessions that were used since then; return when the last was."""
        columns = columns_of(self._tables, "sessions")
        if "updated_at" not in columns:
            self._unknown = self._unknown or field_names(dict.fromkeys(columns))
            return since
        latest = since
        rows = list(rows_of(self._tables, "sessions", _SESSION, _RECENT, (since or "0001-01-02",)))
        names = [row["id"] for row in rows]
        for start in range(0, len(names), _CHUNK):
            self._learn_ledger(names[start : start + _CHUNK])
        for row in rows:
            self._take_totals(row)
            if isinstance(row["updated_at"], str):
                latest = max(latest, row["updated_at"])
        return latest

    def _learn(self) -> None:
        """Note what is told of each session."""
        rows = list(rows_of(self._tables, "sessions", _ABOUT))
        for row in rows:
            if isinstance(row["parent_session_id"], str):
                self._parents[str(row["id"])] = row["parent_session_id"]
        for row in rows:
            name = str(row["id"])
            place = place_of(name, self._parents)
            self._scopes[name] = Scope(NAME, *place, name_in(row["working_dir"]))
            model = _model_in(row["model_config_json"]) or _NO_MODEL.name
            self._models[name] = ModelName(name_in(row["provider_name"]), model)

    def _learn_ledger(self, names: list[object]) -> None:
        """Note which of some sessions have requests, and what was carried forward to them."""
        those = f"session_id IN ({', '.join('?' * len(names))})"
        for row in rows_of(
            self._tables, "usage_ledger", ("session_id",), f"WHERE {those} GROUP BY 1", names
        ):
            self._carried[str(row["session_id"])] = []
        if "cost_source" in columns_of(self._tables, "usage_ledger"):
            rest = f"WHERE cost_source = ? AND {those}"
            for row in rows_of(self._tables, "usage_ledger", _LEDGER, rest, (_CARRIED, *names)):
                self._carried[str(row["session_id"])].append(row)

    def _take_request(self, row: dict[str, Any]) -> None:
        tokens = _tokens([total(row[name]) for name in _PARTS])
        cost = nano(row["cost"])
        if not any(tokens) and not cost:
            return
        moment = unix_ms(row["created_timestamp"])
        if moment is None:
            self._undated += 1
            return
        name = str(row["session_id"])
        model = self._models.get(name, _NO_MODEL)
        if model.provider in DELEGATES:
            return
        key = event_key(NAME, name, str(row[ROW]), str(row["created_timestamp"]))
        self.sightings[key] = sighting_of(
            key,
            moment,
            self._scope(name),
            model._replace(name=name_in(row["model"]) or model.name),
            tokens,
            offset=row[ROW],
            cost_nano=cost,
        )

    def _take_totals(self, row: dict[str, Any]) -> None:
        """Take what a session spent that no request tells of."""
        name = str(row["id"])
        parts = [total(row[column]) for column in _ACCUMULATED]
        cost, moments = row["accumulated_cost"], ("updated_at", "created_at")
        if (carried := self._carried.get(name)) is not None:
            parts = [_sum(item[column] for item in carried) for column in _PARTS]
            known = [item["cost"] for item in carried if nano(item["cost"]) is not None]
            cost = sum(known) if known else None
            moments = ("created_at", "updated_at")  # spent before the session was taken up again
            if self._is_counted(name, parts):
                return
        if not any(parts):
            return
        moment = unix_ms(row[moments[0]]) or unix_ms(row[moments[1]])
        if moment is None:
            self.undated.note(name)
            return
        self._read += name not in self.totals.entries
        # A cost of 0 stands for a price that Goose does not know.
        if step := self.totals.step(name, parts, nano(cost) or None):
            self._take_step(name, row, moment, step, knows_cache=parts[3] is not None)

    def _take_step(
        self, name: str, row: dict[str, Any], moment: int, step: Step, *, knows_cache: bool
    ) -> None:
        model = self._models.get(name, _NO_MODEL)
        if model.provider in DELEGATES:
            return
        whole, output, both, cached, written = step.growth
        told = [whole, output, both, *((cached, written) if knows_cache else (None, None))]
        growth = sighting_of(
            0,
            moment,
            self._scope(name),
            model,
            _tokens(told),
            offset=row[ROW],
            cost_nano=step.cost_nano,
            grade=Grade.DERIVED,
        )
        # Names are numbers of a day, which another machine's sessions have, too.
        placed = self.axes.place(f"{name} {row['created_at']}", growth)
        self.sightings[placed.key] = placed

    def _is_counted(self, name: str, parts: list[int | None]) -> bool:
        """Tell whether what was carried forward was counted while it was the session's total."""
        entry = self.totals.entries.get(name)
        before = entry[-len(parts) :] if entry else []
        return any((was or 0) > (now or 0) for was, now in zip(before, parts, strict=False))

    def _scope(self, name: str) -> Scope:
        return self._scopes.get(name) or Scope(NAME, name_in(name))


def _tokens(parts: list[int | None]) -> Tokens:
    """Return token classes of input, output, total, cache reads and cache writes."""
    whole, output, both, cached, written = parts
    if not whole and both:
        whole = max(0, both - (output or 0))
    if whole is not None:
        whole = without_cache(whole, cached or 0, written or 0)
    return Tokens(input=whole, output=output, cache_read=cached, cache_write=written)


def _sum(values: Any) -> int | None:  # of an iterable of cells
    known = [value for value in map(total, values) if value is not None]
    return sum(known) if known else None


def _model_in(config: object) -> str:
    """Return the model that a session's settings name."""
    try:
        found = json.loads(config) if isinstance(config, str) else None
    except (ValueError, RecursionError):
        return ""
    return name_in(found.get("model_name")) if isinstance(found, dict) else ""
