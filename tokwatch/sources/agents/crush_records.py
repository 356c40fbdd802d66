"""Crush's sessions: a running cost, and the tokens of the last request only.

A sub-agent's cost is added to its parent's when it is done, so a session's own cost is what its
sub-agents' leave of it, and is never taken back. Times are seconds, whatever the schema says.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.crush import NAME
from tokwatch.sources.columns import ROW, columns_of, hold, rows_of
from tokwatch.sources.counts import nano, unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.growth import read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in
from tokwatch.sources.undated import Undated

_SESSION: Final = (
    *(ROW, "id", "parent_session_id", "title", "prompt_tokens", "completion_tokens", "cost"),
    *("updated_at", "created_at"),
)
_ANSWERS: Final = "WHERE session_id = ? AND role = 'assistant' AND rowid > ?"
_LAST_ANSWER: Final = "WHERE session_id = ? AND role = 'assistant' ORDER BY rowid DESC LIMIT 1"
_NEEDED: Final = frozenset(("id", "prompt_tokens", "completion_tokens"))


class _Look(NamedTuple):
    """What one look at a session found; the next one begins there."""

    prompt: int = 0
    completion: int = 0
    cost_nano: int = 0
    """The highest own cost so far."""
    answer: int = 0
    """Row of the last finished answer."""
    title: int = 0
    """Tells one title from another, without keeping either."""


_NEVER: Final = _Look()


def read(log: LogFile, cursor: Cursor) -> Reading:
    """Read what changed of each session since the last look."""
    state = read_state(cursor.state)
    with log.tables() as tables:
        hold(tables)
        columns = columns_of(tables, "sessions")
        if columns and not columns >= _NEEDED:
            tally = Tally(unknown=1, sample=field_names(dict.fromkeys(columns)))
            return Reading(cursor=Cursor(cursor.path, NAME, state=cursor.state), tally=tally)
        crush = _Crush(tables, _project(log.path), state)
        crush.take()
    return Reading(
        cursor=Cursor(cursor.path, NAME, state=crush.state()),
        sightings=list(crush.sightings.values()),
        stretches=tuple(crush.axes.stretches),
        tally=Tally(lines=crush.count, undated=crush.undated.count),
    )


class _Crush:
    """One look at one project's sessions."""

    def __init__(self, tables: sqlite3.Connection, project: str, state: dict[str, Any]) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.axes = Axes(NAME, state.get("axes"))
        self.undated = Undated(state.get("undated"))
        self.count = 0
        self._tables = tables
        self._project = project
        looks = state.get("looks")
        before = looks if isinstance(looks, dict) else {}
        self.looks = {name: look for name, entry in before.items() if (look := _look_in(entry))}

    def state(self) -> bytes:
        """Return what the next look needs."""
        return state_of(looks=self.looks, axes=self.axes.entries, undated=self.undated.names)

    def take(self) -> None:
        """Take every session that changed."""
        rows = {str(row["id"]): row for row in rows_of(self._tables, "sessions", _SESSION)}
        parents: dict[str, str] = {}
        of_children: dict[str, int] = {}
        for name, row in rows.items():
            if isinstance(parent := row["parent_session_id"], str) and parent in rows:
                parents[name] = parent
                of_children[parent] = of_children.get(parent, 0) + (nano(row["cost"]) or 0)
        for name, row in rows.items():
            self._take_session(name, row, parents, of_children.get(name, 0))

    def _take_session(
        self, name: str, row: dict[str, Any], parents: dict[str, str], of_children: int
    ) -> None:
        before = self.looks.get(name, _NEVER)
        cost = nano(row["cost"]) or 0
        now = before._replace(
            prompt=total(row["prompt_tokens"]) or 0,
            completion=total(row["completion_tokens"]) or 0,
            cost_nano=max(before.cost_nano, cost - of_children),
        )
        if now == before:
            return
        moment = unix_ms(row["updated_at"]) or unix_ms(row["created_at"])
        if moment is None:
            self.undated.note(name)
            return
        answers = self._answers_since(name, before.answer)
        now = now._replace(
            answer=max((before.answer, *answers)), title=event_key(str(row["title"])) & 0xFFFF
        )
        self.count += name not in self.looks
        self.looks[name] = now
        growth = sighting_of(
            0,
            moment,
            Scope(NAME, *place_of(name, parents), self._project),
            self._model(name),
            _tokens(before, now, is_answer=bool(answers)),
            offset=row[ROW],
            requests=max(1, len(answers)),
            cost_nano=now.cost_nano - before.cost_nano if cost else None,
            grade=Grade.DERIVED,
            is_final=len(answers) <= 1,
        )
        placed = self.axes.place(name, growth)
        self.sightings[placed.key] = placed

    def _answers_since(self, name: str, row: int) -> list[int]:
        """Return the rows of a session's answers that were finished since."""
        answers = rows_of(self._tables, "messages", (ROW, "finished_at"), _ANSWERS, (name, row))
        return [answer[ROW] for answer in answers if answer["finished_at"] is not None]

    def _model(self, name: str) -> ModelName:
        """Return the model of a session's last answer."""
        for row in rows_of(self._tables, "messages", ("model", "provider"), _LAST_ANSWER, (name,)):
            return ModelName(name_in(row["provider"]), name_in(row["model"]) or "unknown")
        return ModelName("", "unknown")


def _tokens(before: _Look, now: _Look, *, is_answer: bool) -> Tokens:
    """Return the tokens of a session's last request; None where only the cost changed."""
    prompt, completion = now.prompt, now.completion
    if (prompt, completion) == (before.prompt, before.completion):
        return Tokens()
    is_more = prompt >= before.prompt and completion >= before.completion
    if before != _NEVER and is_more and not is_answer and now.title != before.title:
        # What it took to find a title is added to the last request's.
        return Tokens(prompt - before.prompt, completion - before.completion)
    return Tokens(prompt, completion)


def _look_in(entry: object) -> _Look | None:
    """Return a look as the state holds it."""
    if not isinstance(entry, list) or len(entry) != len(_NEVER):
        return None
    return _Look(*entry) if all(type(part) is int for part in entry) else None


def _project(path: Path) -> str:
    """Return the folder that a database in its data folder belongs to."""
    folder = path.parent
    return name_in(str(folder.parent if folder.name == ".crush" else folder))
