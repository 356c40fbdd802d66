"""What Qwen Code notes of every call beside its answers: times, and the session's own totals.

The notes include calls that no transcript shows: compressions, memories, agents without a
transcript. They are kept as the session's ledger, never as requests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from tokwatch.model.event import Sighting
from tokwatch.model.reading import LedgerLine
from tokwatch.sources.beside import plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.text import name_in

RESPONSE: Final = "qwen-code.api_response"
_AFTER_MS: Final = 1000
"""A call's own record follows its note within so long."""
_UNSAFE: Final = re.compile(r"[^a-zA-Z0-9_-]")
"""What Qwen Code itself takes out of a name before it makes a file of it."""


class Call(Struct):
    """One noted call; `input` is the whole prompt."""

    model: str
    input: int
    cached: int
    candidates: int
    output: int
    reasoning: int
    duration_ms: int
    first_token_ms: int


class _Sums(Struct):
    input: int = 0
    cache_read: int = 0
    output: int = 0
    reasoning: int = 0

    def add(self, call: Call) -> None:
        cached = min(call.cached, call.input)
        self.input += call.input - cached
        self.cache_read += cached
        self.output += call.output
        self.reasoning += min(call.reasoning, call.output)


class SessionTotals(Struct):
    """The sums of all noted calls of a transcript, by model as its answers name it."""

    sums: dict[str, _Sums] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """A model as notes name it -> as answers do, where that differs."""
    pending: Call | None = None
    """The last call, until its answer is told."""
    last_ms: int = 0

    def take(self, event: dict[str, Any], path: Path) -> None:
        """Take a note of a call; any other note is nothing."""
        moment = instant_ms(event.get("event.timestamp"))
        if event.get("event.name") != RESPONSE or moment is None:
            return
        self._settle()
        self.last_ms = max(self.last_ms, moment)
        call = _call(event)
        if event.get("subagent_name"):
            self._add(_agents_model(event, path) or self.names.get(call.model, call.model), call)
        else:
            self.pending = call

    def answered(self, told: Sighting, prompt: int) -> dict[str, int]:
        """Settle the pending call by an answer; return its times if it is the answer's."""
        call, self.pending = self.pending, None
        self.last_ms = max(self.last_ms, told.instant_ms)
        if call is None:
            return {}
        if (call.input, call.output) != (prompt, told.output):
            self.pending = call
            self._settle()
            return {}
        if call.model != told.model.name:
            self.names[call.model] = told.model.name
        self._add(told.model.name, call)
        times = {"duration_ms": call.duration_ms, "first_token_ms": call.first_token_ms}
        return {name: value for name, value in times.items() if value}

    def lines(self, session: str) -> tuple[LedgerLine, ...]:
        """Return the totals as ledger lines; a call whose answer may follow is not in them."""
        until_ms = self.last_ms + _AFTER_MS
        return tuple(
            LedgerLine(
                *(session, model, until_ms, sums.input, sums.cache_read, 0, 0),
                *(sums.output, sums.reasoning, 0, 0),
            )
            for model, sums in self.sums.items()
        )

    def _settle(self) -> None:
        """Add a call that no answer follows."""
        if self.pending is not None:
            self._add(self.names.get(self.pending.model, self.pending.model), self.pending)
            self.pending = None

    def _add(self, model: str, call: Call) -> None:
        self.sums.setdefault(model, _Sums()).add(call)


def billed_output(prompt: int, candidates: int, thoughts: int, total: int) -> int:
    """Return output with reasoning: told apart from it by Gemini, inside it by anyone else.

    The record's own total tells which.
    """
    if thoughts <= candidates and total == prompt + candidates:
        return candidates
    return candidates + thoughts


def _call(event: dict[str, Any]) -> Call:
    prompt, candidates, thoughts, cached, total = (
        count(event.get(f"{name}_token_count"))
        for name in ("input", "output", "thoughts", "cached_content", "total")
    )
    return Call(
        name_in(event.get("model")) or "unknown",
        prompt,
        cached,
        candidates,
        billed_output(prompt, candidates, thoughts, total),
        thoughts,
        count(event.get("duration_ms")),
        count(event.get("ttft_ms")),
    )


def _agents_model(event: dict[str, Any], path: Path) -> str:
    """Return the model that an agent's own transcript is counted with; "" where it has none."""
    agent = _UNSAFE.sub("_", plain(event.get("subagent_id")))
    if not agent:
        return ""
    folder = path.parent.parent / "subagents" / path.stem
    return name_in(read_object(folder / f"agent-{agent}.meta.json").get("model"))
