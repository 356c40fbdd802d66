"""The response ids of requests that were logged unfinished: read from their logs, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.audit.raw import LogProblem, whole_record
from tokwatch.config import Config
from tokwatch.model.event import response_key
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Slice
from tokwatch.sources import source_named
from tokwatch.sources.identity import names_response
from tokwatch.store.read.unfinished import Unfinished, unfinished
from tokwatch.store.store import open_existing
from tokwatch.store.view import open_view

MOST: Final = 200
"""Records that are looked at; the newest."""
REST_MS: Final = 5 * 60_000
"""One that is younger may still be going on."""
_MOST_CHARS: Final = 200
_DEPTH: Final = 12


class UnfinishedResponses:
    """Finds ids of responses; a record is read once while this lives."""

    def __init__(self, config: Config, days: int) -> None:
        """Look so many days back into the store of these settings."""
        self._config = config
        self._days = days
        self._known: dict[int, str] = {}

    def since(self, now_ms: int) -> tuple[str, ...]:
        """Return the ids of requests whose answers were logged unfinished, the newest first."""
        database = open_existing(self._config.store.url, self._config.data)
        if database is None:
            return ()
        try:
            view = open_view(database, self._config.general.workspace)
            found = unfinished(view, Slice(now_ms - self._days * DAY_MS, now_ms - REST_MS), MOST)
        finally:
            database.close()
        self._known = {one.key: self._known.get(one.key) or _id_of(one) for one in found}
        return tuple(own_id for own_id in self._known.values() if own_id)


def _id_of(one: Unfinished) -> str:
    """Return the id in a record that gave the request its key; "" where the record is gone."""
    try:
        record = whole_record(one.path, one.offset, source_named(one.source))
    except LogProblem:
        return ""
    return next((text for text in _ids(record, _DEPTH) if response_key(text) == one.key), "")


def _ids(value: object, depth: int) -> Iterator[str]:
    """Yield the texts of a record that are named like responses."""
    if isinstance(value, str):
        if len(value) <= _MOST_CHARS and names_response(value):
            yield value
    elif depth and isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _ids(part, depth - 1)
