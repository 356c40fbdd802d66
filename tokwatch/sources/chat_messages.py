"""Messages as OpenAI's interface has them, which several tools keep as they are."""

from __future__ import annotations

from typing import Any

from tokwatch.model.detail import Part
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.beside import plain
from tokwatch.sources.conversation import At, Conversation, raw
from tokwatch.sources.pieces import images_of, pieces_of, take_asked, take_call, take_said, texts_of

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details")


def take_message(talk: Conversation, at: At, message: dict[str, Any]) -> None:
    """Take one message, which is all of an answer where it is one."""
    content = message.get("content")
    match message.get("role"):
        case "system":
            talk.system(at, "", raw("".join(texts_of(content))))
        case "user":
            own = Part.ATTACHMENT if message.get("injected") is True else None
            take_asked(talk, at, content, sort=own)
        case "assistant":
            _take_answer(talk, at, message)
        case "tool":
            texts, images = list(texts_of(content)), list(images_of(content))
            talk.result(at, texts, images, plain(message.get("tool_call_id")), is_error=False)


def _take_answer(talk: Conversation, at: At, message: dict[str, Any]) -> None:
    talk.turns.answered(at)
    answer = Answer(talk, at, Response())
    thoughts = ("".join(texts_of(message.get(name))) for name in _THOUGHTS)
    answer.thought(next(filter(None, thoughts), ""))
    take_said(answer, message.get("content"))
    calls = message.get("tool_calls")
    for call in pieces_of(calls) if isinstance(calls, list) else ():
        take_call(answer, call)
    answer.end(goes_on=message.get("finish_reason") == "length")
