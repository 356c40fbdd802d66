"""Asks a model of the user's choice for a summary or a rewriting: first told, then sent, checked.

Both block, for a thread; `stop` breaks off what was sent. No network here: that is `prompts`'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.compress.billed import tokens_of
from tokwatch.compress.limits import Limits
from tokwatch.compress.nouns import Prompt, Shape
from tokwatch.compress.shapes import read_prompt
from tokwatch.model.template import Failure
from tokwatch.prompts.gateway_model import Cost, gateway_of
from tokwatch.prompts.summarising import (
    Planned,
    planned_rewriting,
    planned_summary,
    rewrite,
    summarise,
    summary_tokens,
)
from tokwatch.tokens.estimate import Calibrations
from tokwatch.workbench.leaving import Measure, to_summarise
from tokwatch.workbench.meter import Meter
from tokwatch.workbench.parts import part_number
from tokwatch.workbench.state import Bench, Target
from tokwatch.workbench.written import Rewriting, SummaryWritten, digest

if TYPE_CHECKING:
    from tokwatch.config import Config

USUAL_PERCENT: Final = 50
"""Of its tokens that a rewriting may have where no target tells."""
LEAST_PERCENT, MOST_PERCENT = 10, 90


class Wanted(Struct, frozen=True):
    """What would be asked for; nothing is sent yet."""

    planned: Planned
    prompt: Prompt
    bench: Bench
    now_ms: int
    messages: tuple[int, ...] = ()
    """That a summary would stand for; empty: a rewriting is wanted."""
    part: int = 0
    percent: int = 0
    removed: int = 0
    """Tokens that it would take away, of the model whose prompt it is."""
    behind: int = 0
    """Tokens of the prompt behind them, without its own."""

    @property
    def is_summary(self) -> bool:
        """Tell a summary from a rewriting."""
        return bool(self.messages)

    @property
    def words(self) -> str:
        """Return what is wanted."""
        if self.is_summary:
            first, last = self.messages[0] + 1, self.messages[-1] + 1
            return f"a summary in place of {len(self.messages)} messages, {first} to {last}"
        part = self.prompt.parts[self.part]
        what = "the prompt" if self.prompt.shape is Shape.PLAIN else f"message {part.message + 1}"
        return f"{what} rewritten in about {self.percent} % of its tokens"


class Came(NamedTuple):
    """What came back."""

    bench: Bench | None
    """The state with it; None where it is not taken."""
    told: str
    cost: Cost
    missing: tuple[str, ...] = ()
    """What had to stay and did not; of a summary files that are named behind it."""
    failure: Failure = Failure.NONE


def wanted_summary(bench: Bench, config: Config, known: Calibrations, now_ms: int) -> Wanted:
    """Return what a summary of the messages that leave would send; raise where there is none."""
    gateway = gateway_of(config)
    prompt, meter = read_prompt(bench.text), Meter(bench.model, config, known)
    scale = meter.scale(bench.text, tokens_of(prompt, meter.raw, meter.wrapping))
    by = Measure(meter.raw, scale, meter.wrapping)
    context = config.context
    usual = Limits(context.max_messages, context.max_tokens, context.reserve_tokens)
    messages = to_summarise(
        prompt, bench, by, usual, config.summary.messages, summary_tokens(config)
    )
    planned = planned_summary(gateway, config, prompt, messages, now_ms)
    gone = scale.of(_tokens(prompt, meter, messages)) - summary_tokens(config)
    later = set(range(messages[0], len(prompt.messages))) - set(messages)
    behind = scale.of(_tokens(prompt, meter, later))
    return Wanted(planned, prompt, bench, now_ms, messages, removed=gone, behind=behind)


def _tokens(prompt: Prompt, meter: Meter, messages: Iterable[int]) -> int:
    parts = (part for number in messages for part in prompt.messages[number].parts)
    return sum(meter.raw(prompt.parts[part].text) for part in parts)


def wanted_rewriting(
    bench: Bench, config: Config, known: Calibrations, part: int | None, percent: int, now_ms: int
) -> Wanted:
    """Return what rewriting a part would send: of a chat the newest of the user, unless named."""
    gateway = gateway_of(config)
    prompt = read_prompt(bench.text)
    number = part_number(prompt, part)
    text = prompt.parts[number].text
    planned = planned_rewriting(gateway, config, text, percent, now_ms, bench.keep)
    meter = Meter(bench.model, config, known)
    scale = meter.scale(bench.text, meter.raw(text))
    gone = scale.of(meter.raw(text)) * (100 - percent) // 100
    behind = scale.of(sum(meter.raw(one.text) for one in prompt.parts[number + 1 :]))
    return Wanted(planned, prompt, bench, now_ms, (), number, percent, gone, behind)


def percent_of(target: Target, before: int) -> int:
    """Return how much of its tokens a rewriting may have so that the target is met."""
    if target.tokens is not None:
        percent = target.tokens * 100 // max(1, before)
    elif target.reduction is not None:
        percent = round(100 * (1 - target.reduction))
    else:
        percent = USUAL_PERCENT
    return max(LEAST_PERCENT, min(MOST_PERCENT, percent))


class Asking:
    """One question to the model."""

    def __init__(self, wanted: Wanted, config: Config) -> None:
        self.wanted, self._config = wanted, config
        self._is_stopped = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None

    def ask(self, told: Callable[[str], None]) -> Came | None:
        """Send it and return what came of it; None where it was broken off."""
        try:
            return asyncio.run(self._ask(told))
        except asyncio.CancelledError:
            return None

    def stop(self) -> None:
        """Break it off; from any thread."""
        self._is_stopped = True
        if self._running is not None:
            loop, task = self._running
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(task.cancel)

    async def _ask(self, told: Callable[[str], None]) -> Came:
        task = asyncio.current_task()
        assert task is not None
        self._running = (asyncio.get_running_loop(), task)
        if self._is_stopped:
            raise asyncio.CancelledError
        return await (self._summary(told) if self.wanted.is_summary else self._rewriting(told))

    async def _summary(self, told: Callable[[str], None]) -> Came:
        one = self.wanted
        found, cost = await summarise(
            one.planned, self._config, one.prompt, one.messages, one.now_ms, told
        )
        written = SummaryWritten(
            *(found.text, found.replaced, found.originals, digest(one.prompt, one.messages)),
            *(one.planned.gateway.model, cost.nano),
        )
        words = "The summary stands in their place; O opens them again, u takes it back."
        return Came(replace(one.bench, summary=written), words, cost, found.missing_files)

    async def _rewriting(self, told: Callable[[str], None]) -> Came:
        one = self.wanted
        old = one.prompt.parts[one.part].text
        found, cost = await rewrite(
            *(one.planned, self._config, one.part, old, one.percent, one.now_ms),
            *(one.bench.keep, told),
        )
        if not found.is_faithful:
            words = f"It lost {len(found.missing)} of what must stay: it is not taken."
            return Came(None, words, cost, found.missing, Failure.LOST)
        if len(found.text) >= len(old):
            return Came(None, "It is no shorter: it is not taken.", cost)
        written = Rewriting(one.part, old, found.changes, one.planned.gateway.model, cost.nano)
        words = "All that must stay is there. n walks its changes, x rejects one, u takes it back."
        return Came(one.bench.rewrote(written), words, cost)
