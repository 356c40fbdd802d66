"""Reads what Crush's sessions are made of; which request an answer is of, nothing tells."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from tokwatch.model.detail import Compaction, Delegation, Detail, Part
from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.archive import MESSAGE_ROW, Rows, message_row, read_archive
from tokwatch.sources.beside import part, plain
from tokwatch.sources.columns import ROW, rows_of
from tokwatch.sources.conversation import At, Conversation, decoded, hash_of
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import part_of, subject_in, texts_of
from tokwatch.sources.tables import open_tables
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_MESSAGE: Final = (ROW, "role", "parts", "created_at", "finished_at", "is_summary_message")
_SESSION: Final = (
    *(ROW, "id", "parent_session_id", "message_count", "prompt_tokens", "completion_tokens"),
    *("cost", "updated_at", "created_at"),
)
_DELEGATES: Final = ("agent", "agentic_fetch")
_CALL_MARK: Final = "$$"
"""Before the call that a sub-agent's session is named by."""
_CANCELLED: Final = ("canceled", "cancelled")


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, _Database)


def record_at(path: Path, offset: int) -> object:
    """Return the message or the session that an offset names; None where there is none."""
    row = message_row(offset)
    table, columns = ("sessions", _SESSION) if row is None else ("messages", _MESSAGE)
    with open_tables(path) as tables:
        rest = "WHERE rowid = ?"
        for told in rows_of(tables, table, columns, rest, (offset if row is None else row,)):
            if row is not None:
                told["parts"] = decoded(plain(told["parts"]))
            return told
    return None


class _Database:
    """The sessions of one project."""

    rows = (Rows("messages", at="created_at", changed="updated_at"),)

    def __init__(self, tables: sqlite3.Connection) -> None:
        self._tables = tables
        self.parents = {
            str(row["id"]): row["parent_session_id"]
            for row in rows_of(tables, "sessions", ("id", "parent_session_id"))
            if isinstance(row["parent_session_id"], str)
        }

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the messages of a session, and which call set it to work."""
        taker = _Talk(talk)
        rest = "WHERE session_id = ? ORDER BY created_at, rowid"
        for place, row in enumerate(rows_of(self._tables, "messages", _MESSAGE, rest, (session,))):
            at = At(unix_ms(row["created_at"]) or 0, agent, MESSAGE_ROW + row[ROW])
            call = hash_of(session.rpartition(_CALL_MARK)[2]) if _CALL_MARK in session else 0
            if agent and call and not place:
                talk.delegation(Delegation(at.instant_ms, agent, agent, "", 0, at.offset, call))
            parts = [one for _, one in objects_in(decoded(plain(row["parts"])))]
            if row["is_summary_message"]:
                taker.take_summary(at, row, parts)
            else:
                taker.take(at, plain(row["role"]), parts)


class _Talk:
    """Takes the messages of one session in their order."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._running: dict[int, At] = {}

    def take(self, at: At, role: str, parts: list[dict[str, Any]]) -> None:
        """Take one message."""
        if role == "assistant":
            self._take_answer(at, parts)
            return
        texts = [plain(part(one, "data").get("text")) for one in parts]
        if role == "user" and any(text and part_of(text) is Part.USER for text in texts):
            self._talk.turns.begin(at)
        for one in parts:
            self._take_asked(at, plain(one.get("type")), part(one, "data"))

    def take_summary(self, at: At, row: dict[str, Any], parts: list[dict[str, Any]]) -> None:
        """Take the answer that sums everything up, and stands in its place."""
        self._talk.turns.answered(at)
        finished = unix_ms(row["finished_at"])
        if finished is None:
            return
        at = at._replace(instant_ms=max(at.instant_ms, finished))
        self._talk.compaction(Compaction(at.instant_ms, at.agent, None, None, "", at.offset))
        for one in parts:
            if one.get("type") == "text":
                self._talk.text(at, Part.SUMMARY, plain(part(one, "data").get("text")))

    def _take_asked(self, at: At, kind: str, data: dict[str, Any]) -> None:
        text = plain(data.get("text"))
        if kind == "tool_result":
            identity, is_error = plain(data.get("tool_call_id")), data.get("is_error") is True
            images = [plain(data.get("data"))] if plain(data.get("data")) else []
            texts = list(texts_of(data.get("content")))
            block = self._talk.result(at, texts, images, identity, is_error=is_error)
            if began := self._running.pop(hash_of(identity), None):
                self._tell(hash_of(identity), began, block.tokens if block else 0)
        elif kind == "text" and text:
            self._talk.text(at, part_of(text), text)
        elif kind == "binary" and plain(data.get("MIMEType")).startswith("image/"):
            self._talk.image(at, plain(data.get("Data")))
        elif kind == "image_url":
            self._talk.image(at, plain(data.get("url")))

    def _take_answer(self, at: At, parts: list[dict[str, Any]]) -> None:
        self._talk.turns.answered(at)
        answer, trouble = Answer(self._talk, at, Response()), ""
        for one in parts:
            data = part(one, "data")
            match one.get("type"):
                case "text":
                    answer.text(plain(data.get("text")))
                case "reasoning":
                    answer.thought(plain(data.get("thinking")), plain(data.get("signature")))
                case "tool_call":
                    self._take_call(answer, data)
                case "finish":
                    trouble = self._trouble(data)
        answer.end(trouble)

    def _take_call(self, answer: Answer, data: dict[str, Any]) -> None:
        told, name = data.get("input"), plain(data.get("name"))
        block = answer.call(name, told, plain(data.get("id")), subject_in(told))
        if block is not None and block.call and name in _DELEGATES:
            self._running[block.call] = answer.at
            self._tell(block.call, answer.at, 0)

    def _tell(self, call: int, at: At, tokens: int) -> None:
        told = Delegation(at.instant_ms, at.agent, "", "agent", tokens, at.offset, call)
        self._talk.delegation(told)

    def _trouble(self, data: dict[str, Any]) -> str:
        """Return why an answer broke off, in the words of incidents."""
        reason = plain(data.get("reason"))
        if reason in _CANCELLED:
            return INTERRUPTED
        message = f"{plain(data.get('message'))} {plain(data.get('details'))}"
        return trouble_of(status_in(message), message) if reason == "error" else ""
