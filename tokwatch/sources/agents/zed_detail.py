"""Reads what the requests of Zed's threads are made of; docs/detail.md has the rules.

A thread does not tell when anything was said: all of it is told at the thread's last change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tokwatch.model.detail import Detail, Part
from tokwatch.model.event import event_key
from tokwatch.sources.agents.documents import document_of, objects_in
from tokwatch.sources.agents.zed import NAME
from tokwatch.sources.agents.zed_threads import TooLargeError, unpack
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.archive import MESSAGE_ROW, Rows, read_archive
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.columns import ROW, rows_of
from tokwatch.sources.conversation import At, Conversation
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, part_of, texts_of
from tokwatch.sources.tables import open_tables

_THREAD: Final = (ROW, "id", "updated_at", "data_type", "data")


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the threads that changed."""
    return read_archive(log, state, _Database)


def record_at(path: Path, offset: int) -> object:
    """Return a message, by its thread's row and its place, or a thread without its messages."""
    row, place = divmod(offset, MESSAGE_ROW)
    row, place = (row, place) if row else (place, -1)
    with open_tables(path) as tables:
        for told in rows_of(tables, "threads", _THREAD, "WHERE rowid = ?", (row,)):
            thread = _thread_in(told)
            if place < 0:
                return {name: value for name, value in thread.items() if name != "messages"}
            messages = thread.get("messages")
            listed = messages if isinstance(messages, list) else []
            return listed[place] if place < len(listed) else None
    return None


class _Database:
    """The threads of one database."""

    rows = (Rows("threads", session="id", at="updated_at", changed="updated_at"),)

    def __init__(self, tables: sqlite3.Connection) -> None:
        self._tables = tables
        self.parents = {
            str(row["id"]): row["parent_id"]
            for row in rows_of(tables, "threads", ("id", "parent_id"))
            if isinstance(row["parent_id"], str)
        }

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the messages of a thread."""
        talk.is_timed = False
        for row in rows_of(self._tables, "threads", _THREAD, "WHERE id = ?", (session,)):
            thread, moment = _thread_in(row), unix_ms(row["updated_at"]) or 0
            taker = _Talk(talk, session, thread)
            messages = thread.get("messages")
            for place, message in enumerate(messages if isinstance(messages, list) else []):
                taker.take(At(moment, agent, row[ROW] * MESSAGE_ROW + place), fields(message))


class _Talk:
    """Takes the messages of one thread in their order."""

    def __init__(self, talk: Conversation, session: str, thread: dict[str, Any]) -> None:
        self._talk = talk
        self._session = session
        self._told = fields(thread.get("request_token_usage"))
        listed = [fields(one) for one in thread.get("messages") or () if isinstance(one, dict)]
        self._last = dict(_last_answers(listed))
        """By prompt, its last answer: only of that the usage is told."""
        self._prompt = ""

    def take(self, at: At, message: dict[str, Any]) -> None:
        """Take one message, of this format or the one before it."""
        if "User" in message:
            self._prompt = plain(part(message, "User").get("id"))
            self._take_asked(at, list(_contents(message, "User")))
        elif "Agent" in message:
            self._take_answer(at, message)
        elif message.get("role") in ("user", "assistant"):
            self._take_old(at, message)

    def _take_asked(self, at: At, pieces: list[tuple[str, Any]]) -> None:
        for kind, value in pieces:
            if kind == "Text" and plain(value):
                self._talk.text(at, part_of(plain(value)), plain(value))
            elif kind == "Mention" and (text := plain(fields(value).get("content"))):
                self._talk.text(at, Part.ATTACHMENT, text)
            elif kind == "Image":
                self._talk.image(at, plain(fields(value).get("source")))

    def _take_answer(self, at: At, message: dict[str, Any]) -> None:
        agent = part(message, "Agent")
        is_told = self._prompt in self._told and self._last.get(self._prompt) is message
        key = event_key(NAME, self._session, f"prompt {self._prompt}") if is_told else 0
        answer = Answer(self._talk, at._replace(request=key), Response())
        for kind, value in _contents(message, "Agent"):
            if kind == "Text":
                answer.text(plain(value))
            elif kind == "Thinking":
                mark = plain(fields(value).get("signature"))
                answer.thought(plain(fields(value).get("text")), mark)
            elif kind == "RedactedThinking":
                answer.thought("", plain(value))
            elif kind == "ToolUse":
                told = fields(value)
                answer.call(plain(told.get("name")), told.get("input"), plain(told.get("id")))
        for identity, result in part(agent, "tool_results").items():
            self._take_result(at, identity, fields(result))

    def _take_result(self, at: At, identity: str, result: dict[str, Any]) -> None:
        content = result.get("content")
        listed = content if isinstance(content, list) else [content]
        texts = [
            text
            for one in listed
            for text in texts_of(
                one.get("Text") if isinstance(one, dict) and "Text" in one else one
            )
            if not (isinstance(one, dict) and "Image" in one)
        ]
        images = [
            plain(fields(one.get("Image")).get("source"))
            for one in listed
            if isinstance(one, dict) and "Image" in one
        ]
        is_error = result.get("is_error") is True
        self._talk.result(at, texts, images, identity, is_error=is_error)

    def _take_old(self, at: At, message: dict[str, Any]) -> None:
        """Take a message of version 0.1 or 0.2."""
        segments = [one for _, one in objects_in(message.get("segments"))]
        for _, result in objects_in(message.get("tool_results")):
            told = result.get("content")
            self._talk.result(
                *(at, list(texts_of(told)), list(images_of(told))),
                identity=plain(result.get("tool_use_id")),
                is_error=result.get("is_error") is True,
            )
        if message.get("role") == "user":
            self._take_asked(at, [("Text", one.get("text")) for one in segments])
            return
        answer = Answer(self._talk, at, Response())
        for one in segments:
            text = plain(one.get("text"))
            if one.get("type") == "thinking":
                answer.thought(text, plain(one.get("signature")))
            else:
                answer.text(text)
        for _, call in objects_in(message.get("tool_uses")):
            answer.call(plain(call.get("name")), call.get("input"), plain(call.get("id")))


def _thread_in(row: dict[str, Any]) -> dict[str, Any]:
    """Return a thread; an empty one where its row is damaged."""
    try:
        content = unpack(row["data_type"], row["data"])
    except TooLargeError:
        return {}
    return fields(document_of(content)) if content else {}


def _contents(message: dict[str, Any], role: str) -> Iterator[tuple[str, Any]]:
    """Yield the pieces of a message: what sort each one is, and what it holds."""
    for _, piece in objects_in(part(message, role).get("content")):
        yield from list(piece.items())[:1]


def _last_answers(messages: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each prompt's answers, the last one last."""
    prompt = ""
    for message in messages:
        prompt = plain(part(message, "User").get("id")) if "User" in message else prompt
        if "Agent" in message:
            yield prompt, message
