"""better-ccflare's rows: usage of each request, and the response's id from its payload."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from tokwatch.model.event import ModelName, RequestFact, Scope, Sighting, event_key, response_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.beside import read_object
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.gateways.ccflare import NAME, PRODUCT
from tokwatch.sources.gateways.ccflare_payloads import Heard, heard_in
from tokwatch.sources.gateways.ccflare_query import ANY_PAYLOAD, LAST_ROW, Columns, rows_query
from tokwatch.sources.gateways.usage import Tokens
from tokwatch.sources.gateways.witness import (
    facts_of,
    first_text,
    key_of,
    milliseconds,
    status_of,
    unanswered,
    witness,
)
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.text import safe_name
from tokwatch.words import counted

PAGE_ROWS: Final = 500
_OVERLAP_MS: Final = 10 * 60 * 1000
"""Rows are updated in place while an answer is coming in."""
_PAYLOAD_MS: Final = 2_000
"""A row's payload is written so soon after the row."""
_UNCOUNTED: Final = "count_tokens"


class _State(msgspec.Struct):
    """How far the rows were read."""

    row: int = 0
    """Rows up to here were seen, where the tool has not renumbered them since."""
    until_ms: int = 0
    """The newest row's time: those shortly before may have changed."""
    page: int = 0
    """Where a reading of many rows goes on."""
    keys: dict[str, tuple[int, str]] = {}
    """Row -> time, and the response's id it was told with: a payload that comes late, or goes,
    changes no key."""


_decode_state = msgspec.json.Decoder(_State).decode


def read_rows(log: LogFile, cursor: Cursor) -> Reading:
    """Read the rows that are new or may have changed."""
    state = _decode_state(cursor.state) if cursor.state else _State()
    with log.tables() as database:
        columns = Columns.of(database)
        if not columns.is_known:
            names = field_names(dict.fromkeys(columns.requests))
            tally = Tally(unknown=int(bool(names)), sample=names)
            return Reading(cursor=Cursor(cursor.path, NAME, state=cursor.state), tally=tally)
        place = (state.row, state.until_ms - _OVERLAP_MS, state.page, PAGE_ROWS)
        rows = database.execute(rows_query(columns), place).fetchall()
        last, newest_ms = database.execute(LAST_ROW).fetchone()
        has_payloads = columns.payloads and database.execute(ANY_PAYLOAD).fetchone() is not None
    page = _Page(state, safe_name(log.path.stem), instant_ms(newest_ms) if has_payloads else None)
    for row in rows:
        page.take(dict(zip(columns.names, row, strict=True)))
    state.page = rows[-1][0] if len(rows) == PAGE_ROWS else 0
    state.row = state.row if state.page else last or 0
    return page.reading(cursor)


class _Page:
    """One read of some rows."""

    def __init__(self, state: _State, log_name: str, newest_ms: int | None) -> None:
        self._state = state
        self._log_name = log_name
        self._newest_ms = newest_ms
        self._sightings: list[Sighting] = []
        self._facts: list[RequestFact] = []
        self._lines = self._undated = 0

    def take(self, row: dict[str, object]) -> None:
        """Take one row: an answer, a failure, or neither."""
        is_new = count(row["rowid"]) > self._state.row
        self._lines += is_new
        tokens, status = _tokens(row), status_of(row["status_code"])
        if tokens is None and (status is None or _UNCOUNTED in str(row["path"])):
            return
        moment, request = instant_ms(row["timestamp"]), str(row["id"])
        if moment is None:
            self._undated += is_new
            return
        self._state.until_ms = max(self._state.until_ms, moment)
        heard = heard_in(row)
        if tokens is not None and heard is None and self._may_wait(moment, request):
            return
        response = self._response(request, moment, heard)
        key = response_key(response) if response else event_key(NAME, request)
        self._tell(key, moment, row, tokens, heard)
        self._facts += facts_of(
            key,
            duration_ms=milliseconds(row["response_time_ms"]),
            retries=count(row["failover_attempts"]),
            http_status=status,
        )

    def reading(self, cursor: Cursor) -> Reading:
        """Return what was found, and where the next read goes on."""
        state = self._state
        horizon = state.until_ms - 2 * _OVERLAP_MS
        state.keys = {name: told for name, told in state.keys.items() if told[0] >= horizon}
        return Reading(
            cursor=Cursor(path=cursor.path, source=NAME, state=msgspec.json.encode(state)),
            sightings=self._sightings,
            facts=tuple(self._facts),
            tally=Tally(lines=self._lines, undated=self._undated),
            more=state.page > 0,
        )

    def _tell(
        self,
        key: int,
        moment: int,
        row: dict[str, object],
        tokens: Tokens | None,
        heard: Heard | None,
    ) -> None:
        session = heard.session if heard else ""
        scope = Scope(
            *(NAME, session or self._log_name, "", first_text(row["project"])),
            tag=first_text(row["account"]),
            key=key_of(row["api_key_name"]),
        )
        model = _model(row)
        if tokens is None:
            self._sightings.append(unanswered(key, moment, scope, model, count(row["rowid"])))
            return
        if heard and tokens.cache_write_5m:
            long = min(heard.long_writes, tokens.cache_write_5m)
            tokens = tokens._replace(
                cache_write_5m=tokens.cache_write_5m - long, cache_write_1h=long
            )
        self._sightings.append(
            witness(
                *(key, moment, scope, model, tokens, count(row["rowid"])),
                logged_nano=nano(row["cost_usd"]) or None,
            )
        )

    def _may_wait(self, moment: int, request: str) -> bool:
        """Tell whether a row's payload may still come: then the row waits for the next read."""
        if self._newest_ms is None or request in self._state.keys:
            return False
        return moment > self._newest_ms - _PAYLOAD_MS

    def _response(self, request: str, moment: int, heard: Heard | None) -> str:
        """Return the response's id that a row was first told with."""
        told = self._state.keys.get(request)
        response = told[1] if told else (heard.response if heard else "")
        self._state.keys[request] = (moment, response)
        return response


def _tokens(row: dict[str, object]) -> Tokens | None:
    """Return the counts of a row that has any; there, what is missing was 0.

    The prompt's total tells whether input includes the cache, as it does with some providers.
    """
    prompt, fresh = count(row["prompt_tokens"]), count(row["input_tokens"])
    read, written = count(row["cache_read_input_tokens"]), count(row["cache_creation_input_tokens"])
    output = count(row["output_tokens"]) or count(row["completion_tokens"])
    if not (prompt or fresh or read or written or output):
        return None
    if prompt and prompt >= read + written:
        fresh = prompt - read - written
    return Tokens(fresh, read, written, 0, output)


def _model(row: dict[str, object]) -> ModelName:
    name = first_text(row["model"]) or "unknown"
    return ModelName("anthropic" if name.startswith("claude") else "", name)


def retention(folder: Path) -> str:
    """Return in words when requests are deleted; "" where there is no database."""
    if not (folder / f"{PRODUCT}.db").is_file():
        return ""
    settings = folder / f"{PRODUCT}.json"
    period = counted(count(read_object(settings).get("request_retention_days")) or 90, "day")
    return (
        f"better-ccflare deletes requests after {period}; tokwatch keeps what it has read."
        f' "request_retention_days" in {settings} sets another number'
    )
