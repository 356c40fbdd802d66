"""Reads what a model answers, streamed or at once, as Anthropic and OpenAI write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple  # Any: a provider's JSON

from msgspec import Struct, field

from tokwatch.errors import TokwatchError

_CUT: Final = ("max_tokens", "length", "model_context_window_exceeded")
"""Reasons to stop that leave an answer unfinished."""
_KIND: Final = re.compile(r"[A-Za-z_]{1,60}")


class Billed(NamedTuple):
    """Tokens that the provider says it billed; disjoint."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0


class Answer(NamedTuple):
    """A whole answer."""

    text: str
    billed: Billed | None
    """None where the gateway does not tell."""


class Reading(Struct):
    """An answer while it comes in, line by line."""

    texts: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    stopped: str = ""
    is_ended: bool = False
    loose: list[str] = field(default_factory=list)
    """Lines that belong to no event: of an answer that came at once."""

    def take(self, line: str) -> str:
        """Read a line and return the text that it brings."""
        name, colon, value = line.partition(":")
        if not colon or name not in ("data", "event", "id", "retry", ""):
            self.loose.append(line)
            return ""
        if name != "data":
            return ""
        if value.strip() == "[DONE]":
            self.is_ended = True
            return ""
        before = len(self.texts)
        self._event(_decoded(value))
        return "".join(self.texts[before:])

    def whole(self) -> Answer:
        """Return the answer; raise where it is not all there."""
        body = "\n".join(self.loose).strip()
        if body and not self.texts and not self.is_ended:
            self._at_once(_decoded(body))
        if self.stopped in _CUT:
            raise TokwatchError("The model ran out of room: its answer is not whole.")
        if not self.is_ended:
            raise TokwatchError("The answer broke off before its end.")
        text = "".join(self.texts)
        if not text.strip():
            raise TokwatchError("The answer is empty.")
        return Answer(text, billed(self.usage))

    def _event(self, told: Mapping[str, Any]) -> None:
        _refuse_error(told)
        match told.get("type"):
            case "message_start":
                self.usage |= _table(_table(told.get("message")).get("usage"))
            case "content_block_delta":
                self._add(_table(told.get("delta")).get("text"))
            case "message_delta":
                self.stopped = str(_table(told.get("delta")).get("stop_reason") or "")
                self.usage |= _table(told.get("usage"))
            case "message_stop":
                self.is_ended = True
            case _:
                self._choices(told, "delta")

    def _choices(self, told: Mapping[str, Any], part: str) -> None:
        self.usage |= _table(told.get("usage"))
        choices = told.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            self._add(_table(_table(choice).get(part)).get("content"))
            self.stopped = str(_table(choice).get("finish_reason") or self.stopped)

    def _at_once(self, told: Mapping[str, Any]) -> None:
        _refuse_error(told)
        self.usage |= _table(told.get("usage"))
        content = told.get("content")
        for block in content if isinstance(content, list) else ():
            self._add(_table(block).get("text"))
        self.stopped = str(told.get("stop_reason") or "")
        self._choices(told, "message")
        self.is_ended = bool(self.stopped)

    def _add(self, text: object) -> None:
        if isinstance(text, str) and text:
            self.texts.append(text)


def billed(usage: Mapping[str, Any]) -> Billed | None:
    """Return what a usage record bills; None where it tells nothing."""
    if "prompt_tokens" in usage:
        details = _table(usage.get("prompt_tokens_details"))
        read = _number(details.get("cached_tokens"))
        prompt = _number(usage.get("prompt_tokens"))
        return Billed(max(0, prompt - read), read, 0, _number(usage.get("completion_tokens")))
    if "input_tokens" in usage:
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        counts = [_number(usage.get(name)) for name in (*names, "output_tokens")]
        return Billed(*counts)
    return None


def _refuse_error(told: Mapping[str, Any]) -> None:
    """Raise for an error that the model's side tells of; its words may quote what was sent."""
    error = told.get("error")
    if error:
        kind = str(_table(error).get("type") or _table(error).get("code") or "")
        named = f": {kind}" if _KIND.fullmatch(kind) else ""
        raise TokwatchError(f"The gateway answered with an error{named}.")


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise TokwatchError("The answer cannot be understood.")
    return told


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number else 0  # type: ignore[return-value] # told by is_number
