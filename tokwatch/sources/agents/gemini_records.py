"""Gemini CLI's chats: tokens of each message, whose session and project they belong to."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.documents import document_of, objects_in
from tokwatch.sources.beside import fields, part, plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "gemini-cli"
_PARTS: Final = ("input", "output", "cached", "thoughts", "tool", "total")
_CHATS: Final = "chats"
_UNIQUE: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MARKER_BYTES: Final = 4096


class _State(Struct):
    """What later reads of the same chat need to know."""

    session: str = ""
    """The file's first: a resume writes others."""
    begin_ms: int = 0
    project: str = ""
    named: bool = False
    """True once the project was looked for."""


class _Place(NamedTuple):
    """What a chat's path tells."""

    project: Path | None
    """`tmp/<project>`; None where the chat lies elsewhere."""
    parent: str
    """The session that started this agent; "" for a session's own chat."""


_decode_state = msgspec.json.Decoder(_State).decode


def place_of(path: Path) -> _Place:
    """Return the project's folder, and for `chats/<session>/<agent>.jsonl` the session."""
    folder = path.parent
    if folder.name == _CHATS:
        return _Place(folder.parent, "")
    if folder.parent.name == _CHATS:
        return _Place(folder.parent.parent, folder.name)
    return _Place(None, "")


class Chat:
    """One read of one chat."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Prepare to go on where the cursor left."""
        self._log = log
        self._place = place_of(log.path)
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        self._found: dict[int, Sighting] = {}
        self._notes: dict[AgentNote, None] = {}
        # The marks are spelt in every record that matters; prompts and tool output have none.
        self._records = Records(log.lines, b'"tokens"', b'"sessionId"', b'"directories"')

    def read(self) -> Reading:
        """Read what is new: the lines behind the cursor, or a whole document."""
        if not self._state.named and self._place.project is not None:
            self._state.named = True
            self._state.project = safe_name(project_of(self._place.project))
        document = Tally()
        if self._log.path.suffix == ".json":
            document = self._take_document()
        else:
            for offset, record in self._records:
                self._take(offset, record)
        return Reading(
            cursor=Cursor(
                path=str(self._log.path), source=NAME, state=msgspec.json.encode(self._state)
            ),
            lineage=Lineage(session=self._scope().session),
            sightings=list(self._found.values()),
            notes=tuple(self._notes),
            tally=self._records.tally() + document,
        )

    def _take_document(self) -> Tally:
        """Take a chat of the older form, which is one JSON document; count its messages."""
        found = document_of(self._log.document())
        if found is None:
            return Tally(bad_lines=1)
        self._take_header(fields(found))
        messages = objects_in(fields(found).get("messages"))
        for place, message in messages:
            self._take_message(place, message, Grade.RECORD)
        return Tally(lines=len(messages))

    def _take(self, offset: int, record: dict[str, Any]) -> None:
        """Take a header, a patch or a message."""
        patch = record.get("$set")
        if isinstance(patch, dict):
            self._take_header(patch)
            # A checkpoint repeats messages; one that it alone holds counts all the same.
            for _, message in objects_in(patch.get("messages")):
                self._take_message(offset, message, Grade.ECHO)
        elif "tokens" in record:
            self._take_message(offset, record, Grade.RECORD)
        else:
            self._take_header(record)
            for _, message in objects_in(record.get("messages")):
                self._take_message(offset, message, Grade.RECORD)

    def _take_header(self, header: dict[str, Any]) -> None:
        """Take whose chat this is; only the first session's id and beginning count."""
        state = self._state
        if not state.session and (session := name_in(header.get("sessionId"))):
            state.session = session
            state.begin_ms = instant_ms(header.get("startTime")) or 0
            if header.get("kind") == "subagent" and not self._place.parent:
                self._notes[AgentNote(session, "", "sub-agent")] = None
        folders = header.get("directories")
        if not state.project and isinstance(folders, list) and folders:
            state.project = name_in(folders[0])

    def _take_message(self, offset: int, message: dict[str, Any], grade: Grade) -> None:
        """Take a message's tokens; its last record in the file counts."""
        self._take_agents(message.get("toolCalls"))
        if message.get("tokens") is None:
            return
        tokens = self._records.counts_of(message["tokens"], _PARTS, message)
        if tokens is None:
            return
        moment = self._records.dated(instant_ms(message.get("timestamp")))
        if moment is None:
            return
        key = message_key(self._own(), offset, plain(message.get("id")))
        first = moment
        if (earlier := self._found.get(key)) is not None:
            if earlier.grade > grade:
                return
            self._records.repeated += 1
            first = min(first, earlier.first_ms)
        self._found[key] = self._sighting(key, moment, first, tokens, message, grade, offset)

    def _sighting(
        self,
        key: int,
        moment: int,
        first: int,
        tokens: dict[str, Any],
        message: dict[str, Any],
        grade: Grade,
        offset: int,
    ) -> Sighting:
        whole, output, cached, thoughts, tool, _ = (count(tokens.get(name)) for name in _PARTS)
        cached = min(cached, whole)
        name = name_in(message.get("model")) or "unknown"
        # An imported session begins with messages from before its own beginning.
        copied = int(moment < self._state.begin_ms)
        scope, model = self._scope(), model_name(name)
        return Sighting(
            *(key, moment, first, scope, model, 1, whole - cached + tool, cached, 0, 0),
            *(output + thoughts, thoughts, 0, None, None, grade, 1, copied, offset),
        )

    def _take_agents(self, calls: object) -> None:
        """Take the sort of each agent that a message's tool calls started."""
        for _, call in objects_in(calls):
            agent = name_in(call.get("agentId"))
            kind = plain(part(call, "args").get("agent_name")) or plain(call.get("name"))
            if agent and kind and not self._place.parent:
                self._notes[AgentNote(self._own(), agent, safe_name(kind))] = None

    def _own(self) -> str:
        """Return this chat's own session id."""
        return self._state.session or safe_name(self._log.path.stem)

    def _scope(self) -> Scope:
        parent = safe_name(self._place.parent)
        session, agent = (parent, self._own()) if parent else (self._own(), "")
        return Scope(NAME, session, agent, self._state.project)


def message_key(session: str, offset: int, name: str) -> int:
    """Return a message's key; a unique id names it in every chat it was copied to."""
    if _UNIQUE.fullmatch(name):
        return event_key(NAME, name)
    return event_key(NAME, session, name or f"at {offset}")


def model_name(name: str) -> ModelName:
    """Return the model, with its provider where the name tells it."""
    return ModelName("google" if name.startswith("gemini") else "", name)


def project_of(folder: Path) -> str:
    """Return the working directory that a project's folder stands for, else the folder's name.

    The folder is named by a short name or by the directory's SHA-256.
    """
    try:
        with open(folder / ".project_root", "rb") as file:
            root = file.read(_MARKER_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        root = ""
    if root:
        return root
    known = part(read_object(folder.parent.parent / "projects.json"), "projects")
    for path, name in known.items():
        digest = sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
        if folder.name in (name, digest):
            return path
    return folder.name
