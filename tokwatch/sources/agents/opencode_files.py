"""OpenCode's files of before version 1.2: one for each message, one for each session."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from tokwatch.model.reading import Cursor, Lineage, Reading
from tokwatch.sources.agents.documents import document_of
from tokwatch.sources.agents.opencode_records import Messages, Session
from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.text import name_in


def read_file(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read one message.

    An original claims the key of its copies, which lie in files that this read does not see.
    """
    messages = Messages(source)
    found = document_of(log.document())
    record = found if isinstance(found, dict) else None
    begin_ms = None
    if record is None or record.get("role") == "assistant":
        told = record or {}
        names = (told.get("id") or log.path.stem, told.get("sessionID") or log.path.parent.name)
        if message := messages.find(record, names, 0):
            parents: dict[str, str] = {}
            session = session_beside(log.path.parents[2], message.session, parents)
            begin_ms = session.created_ms or None
            if message.created_ms < session.created_ms:
                messages.take_copy(message, session, parents, is_told=False)
            else:
                messages.take(message, session, parents)
                messages.claim(message.copy_key(source), message.key(source))
    return Reading(
        cursor=Cursor(path=cursor.path, source=source),
        lineage=Lineage(begin_ms=begin_ms),
        sightings=list(messages.sightings.values()),
        notes=tuple(messages.notes),
        tally=messages.tally(),
    )


def title_beside(path: Path, session: str) -> str:
    """Return the title of a session whose message is in this file."""
    return plain(read_object(_session_file(path.parents[2], session)).get("title"))


def session_beside(storage: Path, session: str, parents: dict[str, str]) -> Session:
    """Return what is told of a session, and note its ancestors."""
    about = read_object(_session_file(storage, session))
    name, record = session, about
    while (parent := plain(record.get("parentID"))) and parent not in parents:
        parents[name] = parent
        name, record = parent, read_object(_session_file(storage, parent))
    created_ms = unix_ms(part(about, "time").get("created"))
    return Session(created_ms or 0, name_in(about.get("directory")))


@lru_cache(maxsize=1024)
def _session_file(storage: Path, session: str) -> Path:
    """Return where a session's own file lies, in the folder of its project."""
    folder = storage / "session"
    name = f"{session}.json"
    if os.path.basename(name) == name:
        try:
            for project in sorted(os.listdir(folder)):
                if (folder / project / name).is_file():
                    return folder / project / name
        except OSError:
            pass
    return folder / "none.json"
