"""Reads what the requests of Goose's sessions are made of; docs/detail.md has the rules.

A request's row in the ledger names no message: they belong together by their times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.detail import Compaction, Detail, Part
from tokwatch.model.event import event_key
from tokwatch.sources.agents.delegates import DELEGATES
from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.agents.goose import NAME
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.archive import MESSAGE_ROW, Rows, message_row, read_archive
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.columns import ROW, rows_of
from tokwatch.sources.conversation import At, Conversation, decoded
from tokwatch.sources.counts import count, unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pairing import paired
from tokwatch.sources.pieces import image_in, images_of, take_asked, take_said, texts_of
from tokwatch.sources.tables import open_tables

_CARRIED: Final = "carried_forward"
_MESSAGE: Final = (ROW, "role", "content_json", "created_timestamp", "metadata_json")
_LEDGER: Final = (*(ROW, "created_timestamp", "output_tokens", "cost_source", "is_compaction"),)
_RESPONSES: Final = ("toolResponse",)


class _Message(NamedTuple):
    """One row of a session's messages."""

    at_ms: int
    offset: int
    role: str
    pieces: list[dict[str, Any]]
    is_summary: bool


class _Request(NamedTuple):
    key: int
    at_ms: int
    output: int


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, _Database)


def record_at(path: Path, offset: int) -> object:
    """Return the message or the ledger's row that an offset names; None where there is none."""
    row = message_row(offset)
    table, columns = ("usage_ledger", _LEDGER) if row is None else ("messages", _MESSAGE)
    with open_tables(path) as tables:
        rest = "WHERE rowid = ?"
        for told in rows_of(tables, table, columns, rest, (offset if row is None else row,)):
            if row is not None:
                told["content_json"] = decoded(plain(told["content_json"]))
            return told
    return None


class _Database:
    """The sessions of one database."""

    rows = (Rows("messages", at="created_timestamp", changed=""),)

    def __init__(self, tables: sqlite3.Connection) -> None:
        self._tables = tables
        about = list(rows_of(tables, "sessions", ("id", "parent_session_id", "provider_name")))
        self.parents = {
            str(row["id"]): row["parent_session_id"]
            for row in about
            if isinstance(row["parent_session_id"], str)
        }
        self._delegated = {str(row["id"]) for row in about if row["provider_name"] in DELEGATES}

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the messages of a session; those of other agents are in their own logs."""
        if session in self._delegated:
            return
        messages, requests = list(self._messages(session)), list(self._requests(session))
        begun = [one for place, one in enumerate(messages) if _begins(messages, place)]
        pairs = paired([one.at_ms for one in begun], [one.at_ms for one in requests])
        of = {begun[place].offset: requests[request] for place, request in pairs}
        taker = _Talk(talk)
        for message in messages:
            taker.take(message, agent, of.get(message.offset))

    def _messages(self, session: str) -> Iterator[_Message]:
        rest = "WHERE session_id = ? ORDER BY created_timestamp, rowid"
        for row in rows_of(self._tables, "messages", _MESSAGE, rest, (session,)):
            about = fields(decoded(plain(row["metadata_json"])))
            is_own = about.get("userVisible") is False and about.get("agentVisible") is not False
            pieces = [one for _, one in objects_in(decoded(plain(row["content_json"])))]
            moment = unix_ms(row["created_timestamp"]) or 0
            yield _Message(moment, MESSAGE_ROW + row[ROW], plain(row["role"]), pieces, is_own)

    def _requests(self, session: str) -> Iterator[_Request]:
        rest = "WHERE session_id = ? ORDER BY created_timestamp, rowid"
        for row in rows_of(self._tables, "usage_ledger", _LEDGER, rest, (session,)):
            if row["cost_source"] != _CARRIED and not row["is_compaction"]:
                key = event_key(NAME, session, str(row[ROW]), str(row["created_timestamp"]))
                moment = unix_ms(row["created_timestamp"]) or 0
                yield _Request(key, moment, count(row["output_tokens"]))


class _Talk:
    """Takes the messages of one session in their order."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._responses: dict[int, Response] = {}
        self._answer: Answer | None = None
        """The answer that the last message was a part of."""
        self._was_summary = False

    def take(self, message: _Message, agent: str, request: _Request | None) -> None:
        """Take one message; an answer may be several of them."""
        at = At(message.at_ms, agent, message.offset)
        is_first, self._was_summary = not self._was_summary, message.is_summary
        if message.is_summary:
            self._take_summary(at, message, is_first=is_first)
        elif message.role == "assistant":
            self._take_answer(at, message, request)
        else:
            self._answer = None
            self._take_asked(at, message)

    def _take_answer(self, at: At, message: _Message, request: _Request | None) -> None:
        known = self._answer
        if known is None:
            key = 0 if request is None else request.key
            known = self._answer = answer_of(self._talk, self._responses, at._replace(request=key))
        known.at = at._replace(request=known.at.request)
        output = 0 if request is None else request.output
        for piece in message.pieces:
            call = part(part(piece, "toolCall"), "value")
            if name := plain(call.get("name")):
                # An extension's tools are those of an MCP server.
                name = f"mcp__{name}" if "__" in name else name
                known.call(name, call.get("arguments"), plain(piece.get("id")))
            else:
                take_said(known, [piece])
        known.size(0, output)
        known.end()

    def _take_asked(self, at: At, message: _Message) -> None:
        results = [one for one in message.pieces if one.get("type") in _RESPONSES]
        for one in results:
            told = part(one, "toolResult")
            value = told.get("value") if told.get("status") == "success" else told.get("error")
            content = part(told, "value").get("content") or value
            is_error = told.get("status") == "error" or part(told, "value").get("isError") is True
            found = (list(texts_of(content)), list(images_of(content)), plain(one.get("id")))
            self._talk.result(at, *found, is_error=is_error)
        if not results:
            take_asked(self._talk, at, message.pieces)

    def _take_summary(self, at: At, message: _Message, *, is_first: bool) -> None:
        """Take what a compaction left, of which the user sees nothing."""
        self._answer = None
        if is_first:
            self._talk.compaction(Compaction(at.instant_ms, at.agent, None, None, "", at.offset))
        for piece in message.pieces:
            if text := plain(piece.get("text")):
                self._talk.text(at, Part.SUMMARY, text)
            elif piece.get("type") == "image":
                self._talk.image(at, image_in(piece))


def _begins(messages: list[_Message], place: int) -> bool:
    """Tell whether a message is the first one of an answer."""
    one, before = messages[place], messages[place - 1] if place else None
    is_answer = one.role == "assistant" and not one.is_summary
    return is_answer and (before is None or before.is_summary or before.role != "assistant")
