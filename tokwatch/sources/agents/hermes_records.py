"""Hermes's running totals: those of a session, and since schema 20 those of each model in it.

Input does not include the cache; output includes reasoning. Side calls of a task stand only in the
rows by model. A gateway writes totals of its own over the session's: what the rows by model do not
explain of those is counted on top.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.hermes import NAME
from tokwatch.sources.columns import ROW, columns_of, hold, rows_of
from tokwatch.sources.counts import nano, unix_ms
from tokwatch.sources.growth import RunningTotals, Step, read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in
from tokwatch.sources.undated import Undated

_PARTS: Final = (
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    "reasoning_tokens",
)
_CALLS: Final = "api_call_count"
_COSTS: Final = ("actual_cost_usd", "estimated_cost_usd")
_SESSION: Final = (
    *(ROW, "id", "model", "billing_provider", "cwd", "git_branch", "started_at", "ended_at"),
    *("last_activity_at", *_PARTS, _CALLS, *_COSTS),
)
_ROUTE: Final = ("model", "billing_provider", "billing_base_url", "billing_mode", "task")
_BY_MODEL: Final = (
    *(ROW, "session_id", *_ROUTE, "first_seen", "last_seen", *_PARTS, _CALLS, *_COSTS),
)
_BLIND: Final = ("cache_read_tokens", "cache_write_tokens")


def read(log: LogFile, cursor: Cursor) -> Reading:
    """Read what the totals grew by since the last read."""
    with log.tables() as tables:
        hold(tables)
        columns = columns_of(tables, "sessions")
        if columns and not columns >= {"id", "input_tokens", "output_tokens"}:
            tally = Tally(unknown=1, sample=field_names(dict.fromkeys(columns)))
            return Reading(cursor=Cursor(cursor.path, NAME, state=cursor.state), tally=tally)
        hermes = _Hermes(tables, read_state(cursor.state))
        hermes.take(knows_cache=columns.issuperset(_BLIND))
    return Reading(
        cursor=Cursor(cursor.path, NAME, state=hermes.state()),
        sightings=list(hermes.sightings.values()),
        stretches=tuple(hermes.axes.stretches),
        tally=Tally(lines=hermes.count, undated=hermes.undated.count),
    )


class _Hermes:
    """One read of one database."""

    def __init__(self, tables: sqlite3.Connection, state: dict[str, Any]) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.totals = RunningTotals(state.get("totals"))
        self.axes = Axes(NAME, state.get("axes"))
        self.undated = Undated(state.get("undated"))
        self.count = 0
        """Totals that no earlier read saw."""
        self._tables = tables
        self._by_model: dict[str, list[dict[str, Any]]] = {}
        for row in rows_of(tables, "session_model_usage", _BY_MODEL):
            self._by_model.setdefault(str(row["session_id"]), []).append(row)

    def state(self) -> bytes:
        """Return what the next read needs."""
        totals, axes = self.totals.entries, self.axes.entries
        return state_of(totals=totals, axes=axes, undated=self.undated.names)

    def take(self, *, knows_cache: bool) -> None:
        """Take every session, by model where that is told."""
        for session in list(rows_of(self._tables, "sessions", _SESSION)):
            name = str(session["id"])
            scope = Scope(NAME, name_in(name), "", name_in(session["cwd"]))
            scope = scope._replace(branch=name_in(session["git_branch"]))
            explained = [0] * len(_PARTS)
            cost = 0
            for row in self._by_model.get(name, ()):
                self._take_row(name, scope, row)
                if not row["task"]:
                    explained = [was + now for was, now in zip(explained, _parts(row), strict=True)]
                    cost += _cost(row) or 0
            self._take_rest(name, scope, session, explained, cost, knows_cache=knows_cache)

    def _take_row(self, name: str, scope: Scope, row: dict[str, Any]) -> None:
        """Take the totals of a session with one model, provider and task."""
        route = event_key(*(str(row[column]) for column in _ROUTE))
        target, parts = f"{name}:{route:x}", _parts(row)
        moment = unix_ms(row["last_seen"]) or unix_ms(row["first_seen"])
        if moment is None:
            self.undated.note(target)
            return
        handed = None if row["task"] else self.totals.hand_over(name, target, parts)
        if handed:
            self._pass_over(target, scope, row, Step(handed, None), moment)
        self.count += target not in self.totals.entries
        if step := self.totals.step(target, parts, _cost(row)):
            self._keep(target, scope, row, step, moment)

    def _take_rest(
        self,
        name: str,
        scope: Scope,
        session: dict[str, Any],
        explained: list[int],
        cost: int,
        *,
        knows_cache: bool,
    ) -> None:
        """Take of a session's totals what its models' do not explain."""
        whole = _parts(session)
        parts = [max(0, part - known) for part, known in zip(whole, explained, strict=True)]
        all_cost = _cost(session)
        rest = None if all_cost is None else max(0, all_cost - cost)
        if not any(parts) and name not in self.totals.entries:
            return
        moment = self._last_use(name, session)
        if moment is None:
            self.undated.note(name)
            return
        self.count += name not in self.totals.entries
        if step := self.totals.step(name, parts, rest):
            self._keep(name, scope, session, step, moment, knows_cache=knows_cache)

    def _keep(
        self,
        name: str,
        scope: Scope,
        row: dict[str, Any],
        step: Step,
        moment: int,
        *,
        knows_cache: bool = True,
    ) -> None:
        calls = self.totals.step(f"{name}#calls", (total(row[_CALLS]),))
        growth = _growth(scope, row, step, moment, knows_cache=knows_cache)
        growth = growth._replace(requests=calls.growth[0] if calls else 1)
        placed = self.axes.place(name, growth)
        self.sightings[placed.key] = placed

    def _pass_over(
        self, name: str, scope: Scope, row: dict[str, Any], step: Step, moment: int
    ) -> None:
        """Pass over what was counted as the session's before its models were told apart."""
        growth = _growth(scope, row, step, moment, knows_cache=True)._replace(requests=0)
        passed = self.axes.pass_over(name, growth)
        self.sightings[passed.key] = passed

    def _last_use(self, name: str, session: dict[str, Any]) -> int | None:
        """Return when a session was last used, as its messages tell it or, without, its row."""
        told = [unix_ms(session["last_activity_at"])]
        if told[0] is None:
            rest = "WHERE session_id = ? ORDER BY timestamp DESC LIMIT 1"
            messages = rows_of(self._tables, "messages", ("timestamp",), rest, (name,))
            told = [unix_ms(message["timestamp"]) for message in messages]
        ends = (unix_ms(session["ended_at"]), unix_ms(session["started_at"]))
        return next((moment for moment in (*told, *ends) if moment is not None), None)


def _growth(
    scope: Scope, row: dict[str, Any], step: Step, moment: int, *, knows_cache: bool
) -> Sighting:
    """Return growth; its key is to come."""
    plain, output, cached, written, reasoning = step.growth
    tokens = Tokens(input=plain, output=output)
    if knows_cache:
        tokens = Tokens(plain, output, cached, written, min(reasoning, output))
    return sighting_of(
        0,
        moment,
        scope,
        ModelName(name_in(row["billing_provider"]), name_in(row["model"]) or "unknown"),
        tokens,
        offset=row[ROW],
        cost_nano=step.cost_nano,
        grade=Grade.DERIVED,
    )


def _parts(row: dict[str, Any]) -> list[int]:
    return [total(row[name]) or 0 for name in _PARTS]


def _cost(row: dict[str, Any]) -> int | None:
    """Return what was billed, else the estimate; 0 stands for a price that is not known."""
    return next((cost for name in _COSTS if (cost := nano(row[name]))), None)
