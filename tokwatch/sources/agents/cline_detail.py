"""Reads what the requests of a task of Cline before 4.1, Roo Code or Kilo Code are made of.

The conversation stands in a file beside the messages that tell the usage; docs/detail.md has the
rules.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from tokwatch.model.detail import Compaction, Detail, Part
from tokwatch.model.event import event_key
from tokwatch.sources.agents.documents import document_at, document_of, objects_in
from tokwatch.sources.answering import Response, answer_of
from tokwatch.sources.archive import MESSAGE_ROW, message_row
from tokwatch.sources.beside import fields, plain
from tokwatch.sources.conversation import At, Conversation, Memory, raw
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pairing import paired
from tokwatch.sources.pieces import image_in, is_image, part_of, pieces_of, take_result, take_said
from tokwatch.sources.text import safe_name
from tokwatch.sources.troubles import INTERRUPTED

_HISTORY: Final = "api_conversation_history.json"
_PROMPT: Final = re.compile(r"<(task|feedback|user_message|answer)>")
_RESULT: Final = re.compile(r"\[(\w{1,80})(?: for .{0,2000}?)?\] Result:\s*", re.DOTALL)
_NOTICE: Final = re.compile(r"\[(ERROR|TASK RESUMPTION|Response interrupted)")
_RESULTS: Final = ("tool_result",)


def read_detail(source: str, log: LogFile) -> Detail:
    """Read a task's conversation whole."""
    shown = [one for _, one in objects_in(document_of(log.document()))]
    history = objects_in(document_at(log.path.with_name(_HISTORY)))
    session = safe_name(log.path.parent.name)
    talk = Conversation(Memory())
    _Task(talk, source, session, shown).take(history)
    return talk.detail(b"")


def record_at(path: Path, offset: int) -> object:
    """Return the message that an offset names, of either file; None where there is none."""
    index = message_row(offset)
    file = path if index is None else path.with_name(_HISTORY)
    return dict(objects_in(document_at(file))).get(offset if index is None else index)


class _Task:
    """Takes the conversation of one task."""

    def __init__(
        self, talk: Conversation, source: str, session: str, shown: list[dict[str, Any]]
    ) -> None:
        self._talk = talk
        self._responses: dict[int, Response] = {}
        asked = [one for one in shown if one.get("say") == "api_req_started"]
        self._begun = [instant_ms(one.get("ts")) or 0 for one in asked]
        self._keys = [event_key(source, session, "api_req_started", str(ms)) for ms in self._begun]
        self._told = [fields(document_of(raw(plain(one.get("text"))))) for one in asked]
        self._condensed = [
            fields(one.get("contextCondense")) for one in shown if one.get("contextCondense")
        ]

    def take(self, history: list[tuple[int, dict[str, Any]]]) -> None:
        """Take all messages, each answer with its request."""
        answers = [one for one in history if _is_answer(one[1])]
        ended = [instant_ms(message.get("ts")) or 0 for _, message in answers]
        if not all(ended) and len(ended) != len(self._begun):
            ended = []  # nothing tells which answer is of which request
        of = {answers[end][0]: begun for begun, end in paired(self._begun, ended)} if ended else {}
        for index, message in history:
            place = of.get(index)
            moment = instant_ms(message.get("ts"))
            # A request counts when it began, which is not when it was answered.
            moment = moment or (None if place is None else self._begun[place] + 1)
            memory = self._talk.memory
            memory.last_ms = max(memory.last_ms, moment or min(self._begun, default=0))
            at = At(memory.last_ms, "", MESSAGE_ROW + index)
            if message.get("isSummary") is True:
                self._take_summary(at, message)
            elif message.get("role") == "assistant":
                self._take_answer(at, message, place)
            else:
                self._take_asked(at, pieces_of(message.get("content")))

    def _take_answer(self, at: At, message: dict[str, Any], place: int | None) -> None:
        told = {} if place is None else self._told[place]
        at = at._replace(request=0 if place is None else self._keys[place])
        answer = answer_of(self._talk, self._responses, at)
        thought = plain(message.get("reasoning_content")) or plain(message.get("reasoning"))
        answer.thought(thought)
        take_said(answer, message.get("content"))
        answer.size(0, count(told.get("tokensOut")))
        answer.end(INTERRUPTED if told.get("cancelReason") == "user_cancelled" else "")

    def _take_asked(self, at: At, pieces: list[dict[str, Any]]) -> None:
        """Take what was sent: what the user said, what tools answered, and the surroundings."""
        if any(_PROMPT.search(plain(piece.get("text"))[:4000]) for piece in pieces):
            self._talk.turns.begin(at)
        tool = ""
        for piece in pieces:
            text = plain(piece.get("text"))
            named = _RESULT.match(text)
            if piece.get("type") in _RESULTS:
                take_result(self._talk, at, piece)
            elif is_image(piece):
                self._talk.image(at, image_in(piece), tool=tool)
            elif named:
                # Tools that are called in words answer in words: first which one it was.
                tool = safe_name(named[1])
                if text[named.end() :]:
                    self._add_result(at, tool, text[named.end() :])
                    tool = ""
            elif tool and part_of(text) is Part.USER:
                self._add_result(at, tool, text)
                tool = ""
            elif text:
                is_notice = _NOTICE.match(text)
                self._talk.text(at, Part.ATTACHMENT if is_notice else part_of(text), text)

    def _add_result(self, at: At, tool: str, text: str) -> None:
        self._talk.turns.called(at)
        self._talk.text(at, Part.TOOL_RESULT, text, tool=tool)

    def _take_summary(self, at: At, message: dict[str, Any]) -> None:
        """Take what a condensed history is replaced by."""
        told = self._condensed.pop(0) if self._condensed else {}
        names = ("prevContextTokens", "newContextTokens")
        before, after = (count(told.get(name)) or None for name in names)
        self._talk.compaction(Compaction(at.instant_ms, "", before, after, "", at.offset))
        for piece in pieces_of(message.get("content")):
            if text := plain(piece.get("text")):
                self._talk.text(at, Part.SUMMARY, text)


def _is_answer(message: dict[str, Any]) -> bool:
    return message.get("role") == "assistant" and message.get("isSummary") is not True
