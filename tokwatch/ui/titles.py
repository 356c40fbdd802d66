"""Reads the titles of visible sessions in a thread; they are kept in memory only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from textual.app import App

from tokwatch.model.snapshot import SessionRow

Read = Callable[[Sequence[SessionRow]], dict[str, str]]
MOST_KEPT: Final = 2_000
"""Rows whose titles are remembered, of those read last; others are read again once they show."""


class TitleReader:
    """Asks for the titles of rows that are shown, each again only after its session went on."""

    def __init__(self, app: App[Any], read: Read, tell: Callable[[dict[str, str]], None]) -> None:
        self._app, self._read, self._tell = app, read, tell
        self._seen: dict[str, datetime] = {}
        """When a row had last changed as its title was read."""
        self._reading = False
        self.known: dict[str, str] = {}

    def look(self, rows: Sequence[SessionRow], *, again: bool = False) -> None:
        """Read the titles of rows never asked for; `again` also of those that went on since."""
        if self._reading:
            return
        wanted = tuple(row for row in rows if row.path and self._is_wanted(row, again))
        if wanted:
            self._reading = True
            self._app.run_worker(
                partial(self._in_thread, wanted), group="titles", thread=True, exit_on_error=False
            )

    def _is_wanted(self, row: SessionRow, again: bool) -> bool:
        seen = self._seen.get(row.key)
        return seen is None or (again and seen != row.last)

    def _in_thread(self, rows: Sequence[SessionRow]) -> None:
        titles: dict[str, str] = {}
        try:
            titles = self._read(rows)
        finally:
            self._app.call_from_thread(self._learn, rows, titles)

    def _learn(self, rows: Sequence[SessionRow], titles: Mapping[str, str]) -> None:
        self._reading = False
        read = {row.key: row.last for row in rows}
        seen = {key: last for key, last in self._seen.items() if key not in read} | read
        self._seen = dict(list(seen.items())[-MOST_KEPT:])
        found = {key: title for key, title in titles.items() if title and key in read}
        known = {key: title for key, title in (self.known | found).items() if key in self._seen}
        if known != self.known:
            self.known = known
            self._tell(dict(known))
