"""Zed's threads: the usage of each prompt's last request, and a total of all requests.

A thread says nothing of when its requests were made, so they belong to the instant of its last
change. What its total grew by is told as the requests that explain it, and a rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.zed import NAME
from tokwatch.sources.agents.zed_threads import Thread, TooLargeError, Usage, thread_in, unpack
from tokwatch.sources.columns import ROW, columns_of, hold, rows_of
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.growth import RunningTotals, read_state, state_of
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in

_AT_ONCE: Final = 200
_COLUMNS: Final = (
    *(ROW, "id", "parent_id", "folder_paths", "updated_at", "created_at", "data_type", "data"),
)
_NEEDED: Final = frozenset(("id", "updated_at", "data"))
_BEHIND: Final = (
    f"WHERE updated_at > ? OR (updated_at = ? AND id >= ?) ORDER BY updated_at, id LIMIT {_AT_ONCE}"
)


def read(log: LogFile, cursor: Cursor) -> Reading:
    """Read the threads that changed since the last one read, and that one again."""
    state = read_state(cursor.state)
    with log.tables() as tables:
        hold(tables)
        columns = columns_of(tables, "threads")
        if columns and not columns >= _NEEDED:
            tally = Tally(unknown=1, sample=field_names(dict.fromkeys(columns)))
            return Reading(cursor=Cursor(cursor.path, NAME, state=cursor.state), tally=tally)
        zed = _Zed(state, is_same=bool(cursor.inode))
        more = zed.take(tables)
    return Reading(
        cursor=Cursor(
            cursor.path,
            NAME,
            state=zed.state(),
        ),
        sightings=list(zed.sightings.values()),
        stretches=tuple(zed.axes.stretches),
        tally=zed.tally(),
        more=more,
    )


class _Told(NamedTuple):
    """A part of a thread's growth."""

    prompt: str
    """Empty where it is a stretch of the thread's total."""
    usage: Usage
    grade: Grade
    is_final: bool = True
    """False where the thread's total does not hold it: then its prompt had more requests."""


class _Zed:
    """One read of one database."""

    def __init__(self, state: dict[str, Any], *, is_same: bool) -> None:
        self.sightings: dict[int, Sighting] = {}
        self.totals = RunningTotals(state.get("totals"))
        self.axes = Axes(NAME, state.get("axes"))
        self.asked: dict[str, int] = _object(state.get("asked"))
        """By thread, a digest of the last prompt that was counted."""
        self.parents: dict[str, str] = _object(state.get("parents"))
        """By sub-agent's thread; in the table they stand behind the threads' content."""
        mark = state.get("mark") if is_same else None
        is_mark = isinstance(mark, list) and [type(part) for part in mark] == [str, str]
        self.mark: list[str] = mark if isinstance(mark, list) and is_mark else ["", ""]
        """Instant and name of the last thread."""
        self.count = self._bad = self._large = self._undated = 0
        self._is_new = True

    def state(self) -> bytes:
        """Return what the next read needs."""
        told = {"totals": self.totals.entries, "axes": self.axes.entries}
        return state_of(mark=self.mark, asked=self.asked, parents=self.parents, **told)

    def tally(self) -> Tally:
        """Return the counts of this read."""
        return Tally(
            lines=self.count,
            bad_lines=self._bad,
            oversized_lines=self._large,
            undated=self._undated,
        )

    def take(self, tables: sqlite3.Connection) -> bool:
        """Take the threads behind the mark; tell whether there are more."""
        begin = at, name = tuple(self.mark)
        taken = 0
        for row in rows_of(tables, "threads", _COLUMNS, _BEHIND, (at, at, name)):
            taken += 1
            # The one at the mark was counted by the read before, and is looked at again.
            self._is_new = (row["updated_at"], str(row["id"])) != begin
            self.count += self._is_new and str(row["id"]) not in self.totals.entries
            self._take_row(row)
            if isinstance(row["updated_at"], str):
                self.mark = [row["updated_at"], str(row["id"])]
        return taken == _AT_ONCE and tuple(self.mark) != begin

    def _take_row(self, row: dict[str, Any]) -> None:
        try:
            content = unpack(row["data_type"], row["data"])
        except TooLargeError:
            self._large += self._is_new
            return
        thread = None if content is None else thread_in(content)
        if thread is None:
            self._bad += self._is_new
            return
        moment = unix_ms(row["updated_at"]) or unix_ms(row["created_at"])
        if moment is None:
            self._undated += self._is_new and (any(thread.total) or bool(thread.prompts))
            return
        name = str(row["id"])
        if isinstance(row["parent_id"], str):
            self.parents[name] = row["parent_id"]
        scope = Scope(NAME, *place_of(name, self.parents), _first_folder(row["folder_paths"]))
        model = ModelName(thread.provider, thread.model)
        for told in self._growth(name, thread):
            one = sighting_of(
                event_key(NAME, name, f"prompt {told.prompt}"),
                moment,
                scope,
                model,
                Tokens(*told.usage),
                offset=row[ROW],
                grade=told.grade,
                is_final=told.is_final,
            )
            # Without a total all prompts are told at each look: their names tell them apart.
            placed = self.axes.place(name, one) if self._is_total_known(name) else one
            self.sightings[placed.key] = placed
        if thread.prompts:
            self.asked[name] = _digest(thread.prompts[-1][0])

    def _growth(self, name: str, thread: Thread) -> Iterator[_Told]:
        """Yield a thread's growth: what the requests that explain it leave of it, then these."""
        # Versions that keep no total write zeros: a total that was told before still stands.
        step = self.totals.step(name, [part or None for part in thread.total])
        rest = Usage(*step.growth) if step else Usage()
        is_live = name in self.asked or len(thread.prompts) == 1
        if is_live and any(rest) and rest in [usage for _, usage in thread.prompts]:
            yield _Told("", rest, Grade.RECORD)
            return
        told: list[_Told] = []
        for prompt, usage in self._new_prompts(name, thread):
            told.append(_Told(prompt, usage, Grade.RECORD, rest.covers(usage)))
            rest = rest.less(usage)
        if any(rest):
            yield _Told("", rest, Grade.DERIVED)
        yield from told

    def _new_prompts(self, name: str, thread: Thread) -> list[tuple[str, Usage]]:
        """Return the prompts behind the last one that was counted; all, without a total."""
        if name not in self.asked or not self._is_total_known(name):
            return list(thread.prompts)
        digests = [_digest(prompt) for prompt, _ in thread.prompts]
        if self.asked[name] not in digests:
            return []  # the thread was cut back: its total goes on, and tells the growth
        return list(thread.prompts[digests.index(self.asked[name]) + 1 :])

    def _is_total_known(self, name: str) -> bool:
        return any(self.totals.entries[name][1:])


def _digest(prompt: str) -> int:
    return event_key(prompt) & 0xFFFFFFFF


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first_folder(paths: object) -> str:
    """Return the first of a thread's folders."""
    return name_in(paths.split("\n")[0]) if isinstance(paths, str) else ""
