"""Summaries and rewritings by a gateway's model: told before what is sent, checked when they come.

For the command and the workbench's screen: `planned_summary` and `planned_rewriting` say what
would be sent and cost, `summarise` and `rewrite` do it; cancelling breaks them off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from tokwatch.compress.rewrite import (
    Rewritten,
    Summary,
    rewrite_request,
    rewritten,
    summarized,
    summary_request,
)
from tokwatch.prompts.gateway_answer import Answer
from tokwatch.prompts.gateway_model import Cost, Gateway, ask, estimated, paid

if TYPE_CHECKING:
    from tokwatch.compress.nouns import Prompt
    from tokwatch.config import Config

_SPARE: Final = 4
"""So many times what is asked for a model may write before it is cut."""
_LEAST_ANSWER: Final = 1024

Told = Callable[[str], None]
"""Gets an answer piece by piece."""


class Planned(Struct, frozen=True):
    """What would be sent: nothing is, until somebody allows it."""

    gateway: Gateway
    chars: int
    answer_tokens: int
    cost: Cost

    @property
    def words(self) -> str:
        """Return what asking does, for who has to allow it."""
        key = f" under the key of {self.gateway.key_name}" if self.gateway.key_name else ""
        return (
            f"This sends {self.chars:,} characters to {self.gateway.shown} for "
            f"{self.gateway.model}{key}; {self.cost}."
        )

    @property
    def most_tokens(self) -> int:
        """Return how much the model may write."""
        return max(_LEAST_ANSWER, self.answer_tokens * _SPARE)


class Summarised(NamedTuple):
    """A summary, what it stands for, and what it cost."""

    summary: Summary
    cost: Cost


class Rewrote(NamedTuple):
    """A rewriting, checked, and what it cost."""

    rewritten: Rewritten
    cost: Cost


def summary_tokens(config: Config) -> int:
    """Return what a summary takes in the chat: its words, and the line that tells what it is."""
    return config.summary.words * 3 // 2 + 20


def planned_summary(
    gateway: Gateway, config: Config, prompt: Prompt, messages: Sequence[int], now_ms: int
) -> Planned:
    """Return what a summary of some messages would send and cost."""
    request = summary_request(prompt, messages, config.summary.words)
    return _planned(gateway, config, request, summary_tokens(config), now_ms)


def planned_rewriting(
    gateway: Gateway,
    config: Config,
    text: str,
    percent: int,
    now_ms: int,
    keep: Sequence[str] = (),
) -> Planned:
    """Return what rewriting a text to so many percent of its tokens would send and cost."""
    request = rewrite_request(text, percent, keep)
    from tokwatch.tokens.counting import ModelCounter

    tokens = ModelCounter(gateway.model, config, {}).counted(text).tokens
    return _planned(gateway, config, request, ceil(tokens * percent / 100), now_ms)


async def summarise(
    planned: Planned,
    config: Config,
    prompt: Prompt,
    messages: Sequence[int],
    now_ms: int,
    told: Told = lambda text: None,
) -> Summarised:
    """Return a model's summary of messages; files that it forgot are named behind it."""
    asked = _Asked(planned, told)
    summary = await summarized(prompt, messages, asked, config.summary.words)
    if summary.missing_files:
        files = ", ".join(summary.missing_files)
        summary = summary._replace(text=f"{summary.text}\nFiles: {files}")
    return Summarised(summary, asked.cost(config, now_ms))


async def rewrite(
    planned: Planned,
    config: Config,
    part: int,
    text: str,
    percent: int,
    now_ms: int,
    keep: Sequence[str] = (),
    told: Told = lambda text: None,
) -> Rewrote:
    """Return a part as a model rewrites it; `is_faithful` says whether it may be taken."""
    asked = _Asked(planned, told)
    found = await rewritten(part, text, percent, asked, keep)
    return Rewrote(found, asked.cost(config, now_ms))


def _planned(
    gateway: Gateway, config: Config, request: str, answer_tokens: int, now_ms: int
) -> Planned:
    cost = estimated(gateway, config, request, answer_tokens, now_ms)
    return Planned(gateway, len(request), answer_tokens, cost)


class _Asked:
    """Asks the model once, and keeps what it answered."""

    def __init__(self, planned: Planned, told: Told) -> None:
        self._planned = planned
        self._told = told
        self._answer: Answer | None = None

    async def __call__(self, text: str) -> str:
        self._answer = await ask(self._planned.gateway, text, self._planned.most_tokens, self._told)
        return self._answer.text

    def cost(self, config: Config, now_ms: int) -> Cost:
        """Return what was paid."""
        planned = self._planned
        if self._answer is None:
            return planned.cost
        return paid(planned.gateway, config, self._answer, planned.cost, now_ms)
