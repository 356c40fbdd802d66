"""Transcripts in an OpenClaw agent's database: one row of `transcript_events` for each entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.event import RequestFact, Sighting
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.pi_records import Entries, State
from tokwatch.sources.agents.pi_titles import first_words
from tokwatch.sources.beside import fields
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.text import safe_name

if TYPE_CHECKING:
    import sqlite3

_OVERLAP: Final = 256
"""Rows before the mark that are read again: an entry may have been replaced meanwhile."""
_AT_ONCE_BYTES: Final = 16 << 20
_TITLE_ROWS: Final = 64
_HAS_TABLE: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
_LAST: Final = "SELECT max(rowid) FROM transcript_events"
_ROWS: Final = (
    "SELECT rowid, session_id, event_json FROM transcript_events WHERE rowid > ? ORDER BY rowid"
)
_FIRST_ROWS: Final = (
    "SELECT event_json FROM transcript_events WHERE session_id = ? ORDER BY seq LIMIT ?"
)
_TABLE: Final = ("transcript_events",)

_decode = msgspec.json.Decoder().decode


class _Found(Struct):
    """What one read of a database found, all sessions together."""

    sightings: dict[int, Sighting] = field(default_factory=dict)
    facts: list[RequestFact] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def read_tables(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read the entries behind the mark, and a few before it."""
    mark = _mark_of(cursor.state)
    found, more, last = _Found(), False, 0
    with log.tables() as tables:
        if tables.execute(_HAS_TABLE, _TABLE).fetchone():
            last = tables.execute(_LAST).fetchone()[0] or 0
            mark, more = _read(source, tables, min(mark, last), found)
    state = json.dumps({"row": mark if more else last}).encode()
    return Reading(
        cursor=Cursor(path=cursor.path, source=source, state=state),
        sightings=list(found.sightings.values()),
        facts=tuple(found.facts),
        tally=found.tally,
        more=more,
    )


def title_of(path: Path, session: str) -> str:
    """Return the first words of a session in a database."""
    from tokwatch.sources.tables import open_tables

    try:
        with open_tables(path) as tables:
            rows = tables.execute(_FIRST_ROWS, (session, _TITLE_ROWS)).fetchall()
    except OSError:
        return ""
    return first_words(entry for (text,) in rows if (entry := _entry(text)) is not None)


def _read(source: str, tables: sqlite3.Connection, mark: int, found: _Found) -> tuple[int, bool]:
    """Take entries up to a limit; return the last row and whether rows are left."""
    sessions: dict[str, Entries] = {}
    taken = bad = lines = row = 0
    with closing(tables.execute(_ROWS, (mark - _OVERLAP,))) as rows:
        for row, session, text in _texts(rows):
            entries = sessions.get(session)
            if entries is None:
                entries = sessions[session] = _begin(source, tables, session)
            entry = _entry(text)
            before = entries.counts
            if entry is not None:
                entries.take(row, entry)
            if row <= mark:
                entries.counts = before  # counted when it was read first
                continue
            lines, bad, taken = lines + 1, bad + (entry is None), taken + len(text)
            if taken > _AT_ONCE_BYTES:
                break
    for entries in sessions.values():
        _gather(entries, found)
    found.tally += Tally(lines=lines, bad_lines=bad)
    return max(row, mark), taken > _AT_ONCE_BYTES


def _texts(rows: sqlite3.Cursor) -> Iterator[tuple[int, str, str]]:
    """Yield rows whose columns are of the types that the schema promises."""
    for row, session, text in rows:
        yield row, str(session), text if isinstance(text, str) else ""


def _begin(source: str, tables: sqlite3.Connection, session: str) -> Entries:
    """Return what takes a session's entries, once its header is taken."""
    entries = Entries(source, State(session=safe_name(session)))
    head = tables.execute(_FIRST_ROWS, (session, 1)).fetchone()
    header = _entry(head[0]) if head else None
    if header is not None and header.get("type") == "session":
        entries.take(0, header)
    return entries


def _gather(entries: Entries, found: _Found) -> None:
    """Add what a session's entries tell; of a request that was copied, its origin counts."""
    repeated = 0
    for key, sighting in entries.sightings.items():
        known = found.sightings.get(key)
        repeated += known is not None
        if known is None or known.copied > sighting.copied:
            # A copy never replaces what an earlier read told of the origin.
            offset = 0 if sighting.copied else sighting.offset
            found.sightings[key] = sighting._replace(offset=offset)
    found.facts += entries.facts
    found.tally += entries.counts + Tally(repeated=repeated)


def _entry(text: object) -> dict[str, Any] | None:
    """Return an entry; None where the text is none."""
    if not isinstance(text, str):
        return None
    try:
        entry = _decode(text)
    except NOT_JSON:
        return None
    return entry if isinstance(entry, dict) else None


def _mark_of(state: bytes) -> int:
    """Return the last row that was read."""
    try:
        row = fields(json.loads(state)).get("row") if state else 0
    except ValueError:
        return 0
    return row if isinstance(row, int) and not isinstance(row, bool) else 0
