"""Reads what the requests of an OpenCode session of before version 1.2 are made of.

Each message is a file, and each of its parts. The file of a session's last answer tells all of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from tokwatch.model.detail import Detail
from tokwatch.sources.agents.documents import document_at, document_of
from tokwatch.sources.agents.opencode_detail import Row, by_time, key_of
from tokwatch.sources.agents.opencode_files import session_beside
from tokwatch.sources.agents.opencode_records import Messages
from tokwatch.sources.agents.opencode_talk import Talk
from tokwatch.sources.archive import MESSAGE_ROW
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.columns import columns_of, rows_of
from tokwatch.sources.conversation import At, Conversation, Memory
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.tables import open_tables
from tokwatch.sources.text import name_in

_ENDING: Final = ".json"
_TABLES: Final = ("message", "session_message")


def read_file(source: str, log: LogFile) -> Detail:
    """Read the whole session of a message, if this is its last answer."""
    own, folder = fields(document_of(log.document())), log.path.parent
    session, storage = name_in(own.get("sessionID")) or folder.name, folder.parent.parent
    if not _is_answer(source, own) or _is_followed(source, log.path):
        return Detail()
    if _is_moved(storage.parent, session):
        return Detail()
    parents: dict[str, str] = {}
    about = session_beside(storage, session, parents)
    place = place_of(session, parents)
    talk = Conversation(Memory(), place.session)
    taker, messages = Talk(talk), Messages(source)
    for row in sorted(_messages_in(folder), key=by_time):
        key = key_of(messages.find(row.data, (row.id, session), 0), about, source)
        at = At(row.created_ms, place.agent, row.offset)
        taker.take(at, row.data, parts_beside(storage, row.id), key)
    return replace(talk.detail(b""), anew=((place.session, place.agent),))


def file_record(path: Path, offset: int) -> object:
    """Return a message with its parts: that of a file, or by its place in the folder."""
    if offset >= MESSAGE_ROW:
        place, names = offset - MESSAGE_ROW, _names_in(path.parent)
        if place >= len(names):
            return None
        path = path.parent / names[place]
    message = document_at(path)
    if not isinstance(message, dict):
        return None
    name = plain(message.get("id")) or path.stem
    return {"message": message, "parts": parts_beside(path.parents[2], name)}


def parts_beside(storage: Path, message: str) -> list[dict[str, Any]]:
    """Return the parts of a message in their order."""
    folder = storage / "part" / os.path.basename(message)
    found = (document_at(folder / name) for name in _names_in(folder))
    parts = [one for one in found if isinstance(one, dict)]
    return sorted(parts, key=lambda one: plain(one.get("id")))


def _messages_in(folder: Path) -> Iterator[Row]:
    """Yield the messages of a session."""
    for place, name in enumerate(_names_in(folder)):
        data = fields(document_at(folder / name))
        created = unix_ms(part(data, "time").get("created")) or 0
        identity = plain(data.get("id")) or name.removesuffix(_ENDING)
        yield Row(created, MESSAGE_ROW + place, identity, "", data)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(_ENDING))
    except OSError:
        return []


def _is_answer(source: str, message: dict[str, Any]) -> bool:
    """Tell a message that counts as a request."""
    is_answer = message.get("role") == "assistant"
    return is_answer and Messages(source).find(message, ("m", "s"), 0) is not None


def _is_followed(source: str, path: Path) -> bool:
    """Tell whether a later message of the session counts as a request, too."""
    later = [name for name in _names_in(path.parent) if name > path.name]
    found = (fields(document_at(path.parent / name)) for name in reversed(later))
    return any(_is_answer(source, message) for message in found)


def _is_moved(folder: Path, session: str) -> bool:
    """Tell whether a database has taken over the session."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".db")]
    except OSError:
        return False
    for name in names:
        try:
            with open_tables(folder / name) as tables:
                for table in _TABLES:
                    if "session_id" in columns_of(tables, table):
                        rest = "WHERE session_id = ? LIMIT 1"
                        if any(rows_of(tables, table, ("session_id",), rest, (session,))):
                            return True
        except OSError:
            continue
    return False
