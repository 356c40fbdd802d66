"""What `tokwatch compress` does: one text, once, with the engine, counted as a model counts.

No network here and no clock: summaries and rewritings come from `summarising` and are put in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.compress.billed import tokens_of
from tokwatch.compress.levels import Level
from tokwatch.compress.limits import Kept, Limits, Strategy, limited, with_summary
from tokwatch.compress.nouns import Outcome, Prompt, Shape
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import REDUCTION, Aim, solve
from tokwatch.errors import ConfigError
from tokwatch.prompts.summarising import summary_tokens
from tokwatch.tokens.estimate import Calibrations, Counted
from tokwatch.workbench.meter import Meter, Scale
from tokwatch.workbench.tuning import read_rules

if TYPE_CHECKING:
    from tokwatch.compress.rewrite import Rewritten, Summary
    from tokwatch.config import Config


class Order(Struct, frozen=True):
    """What is asked of one compression; tokens are the model's own."""

    model: str = ""
    question: str = ""
    budget: int | None = None
    reduction: float | None = None
    level: Level | None = None
    stages: tuple[str, ...] | None = None
    keep: tuple[str, ...] = ()
    is_blind: bool = False
    limits: Limits | None = None
    """Which messages of a chat stay."""

    @property
    def is_staged(self) -> bool:
        """Tell whether stages run: a strategy alone only leaves messages out."""
        asked = (self.budget, self.reduction, self.level, self.stages)
        return self.limits is None or any(one is not None for one in asked)

    @property
    def most(self) -> int | None:
        """Return the tokens that are aimed at; None where a share of them is to go, or nothing."""
        if self.budget is not None or self.reduction is not None or not self.is_staged:
            return self.budget
        if self.limits is None or self.limits.tokens is None:
            return None
        return max(1, self.limits.tokens - self.limits.reserve)

    @property
    def is_open(self) -> bool:
        """Tell whether there is no target: stages that were named all run."""
        return not self.is_staged or (
            self.stages is not None and self.most is None and self.reduction is None
        )


class Compressed(Struct, frozen=True):
    """What came of it; tokens are the model's own."""

    order: Order
    outcome: Outcome
    text: str
    counted: Counted
    """The original, and how its tokens are known."""
    after: int
    budget: int | None
    """None where there was no target."""
    stages: tuple[tuple[str, int], ...]
    """What saved something, each with its tokens."""
    kept: Kept | None = None
    notes: tuple[str, ...] = ()
    is_rewritten: bool = False

    @property
    def before(self) -> int:
        """Return the tokens of the original."""
        return self.counted.tokens

    @property
    def is_met(self) -> bool:
        """Tell whether it is what was asked for."""
        if self.budget is not None:
            return self.after <= self.budget
        return self.kept is None or self.kept.fits

    @property
    def edits(self) -> int:
        """Return how many changes were made."""
        return len(self.outcome.edits) + len(self.outcome.dropped) + self.is_rewritten


class Press:
    """One text, read and counted once, which can be compressed in more than one way."""

    def __init__(self, text: str, order: Order, config: Config, known: Calibrations) -> None:
        """Read the text; raise for what is none."""
        self.order = order
        self.prompt: Prompt = read_prompt(text)
        self._config = config
        self._summary_tokens = summary_tokens(config)
        self._meter = Meter(order.model, config, known)
        raw = tokens_of(self.prompt, self._meter.raw, self._meter.wrapping)
        self._scale: Scale = self._meter.scale(text, raw)

    @property
    def is_chat(self) -> bool:
        """Tell whether the text is made of messages."""
        return self.prompt.shape is not Shape.PLAIN

    def kept(self, way: Strategy | None = None, *, has_summary: bool = False) -> Kept | None:
        """Return which messages stay, by the strategy asked for or another one.

        Raise where a summary is asked for that nobody writes.
        """
        limits = self.order.limits
        if limits is None:
            return None
        if way is not None:
            limits = replace(limits, strategy=way)
        if limits.strategy is Strategy.SUMMARY and not has_summary:
            raise ConfigError(
                "A summary is written by a model.",
                "--summarise sends the messages that it stands for to [workbench] gateway.",
            )
        scaled = replace(
            limits,
            tokens=None if limits.tokens is None else self._scale.back(limits.tokens),
            reserve=self._scale.back(limits.reserve),
        )
        is_long = len(self.prompt.messages) >= self._config.summary.messages
        is_wanted = has_summary and (is_long or limits.strategy is Strategy.SUMMARY)
        if not is_wanted:
            return self._limited(scaled)
        whole = self._limited(replace(scaled, strategy=Strategy.IMPORTANT))
        if not whole.dropped:
            return whole
        if scaled.messages is not None:
            scaled = replace(scaled, messages=max(1, scaled.messages - 1))
        return self._limited(scaled, self._scale.back(self._summary_tokens))

    def _limited(self, limits: Limits, summary_tokens: int = 0) -> Kept:
        meter = self._meter
        return limited(self.prompt, limits, meter.raw, summary_tokens, meter.wrapping)

    def pressed(self, kept: Kept | None) -> Compressed:
        """Return the text without the messages that go, within its target as far as that goes."""
        order, scale = self.order, self._scale
        most = order.most
        if most is not None and kept is not None and kept.strategy is Strategy.SUMMARY:
            most = max(1, most - self._summary_tokens)
        dropped = kept.dropped if kept else ()
        outcome = solve(self.prompt, self._settings(), self._aim(most), dropped)
        after = scale.of(outcome.after)
        stages = [(run.name, scale.of(run.saved)) for run in outcome.runs if run.saved > 0]
        if kept and kept.dropped:
            gone = scale.counted.tokens - after - sum(saved for _, saved in stages)
            stages.insert(0, (str(kept.strategy), gone))
        budget = None if order.is_open else scale.of(outcome.budget)
        return Compressed(
            *(order, outcome, outcome.text, scale.counted, after),
            budget=budget,
            stages=tuple(stages),
            kept=kept,
            notes=_notes(outcome, budget),
        )

    def summarised(self, pressed: Compressed, summary: Summary) -> Compressed:
        """Return a shortened chat with the summary of what left it."""
        assert pressed.kept is not None
        tokens = self._scale.of(self._meter.raw(summary.text) + self._meter.wrapping.message)
        name, saved = pressed.stages[0]
        return replace(
            pressed,
            text=with_summary(pressed.text, self.prompt, pressed.kept, summary.text),
            after=pressed.after + tokens,
            budget=self.order.most if pressed.budget is not None else None,
            stages=((name, saved - tokens), *pressed.stages[1:]),
        )

    def rewritten(self, pressed: Compressed, found: Rewritten) -> Compressed:
        """Return a text as a model rewrote it; as it was where that lost something or is longer."""
        if found.missing:
            told = f"The rewriting lost {len(found.missing)} of what must stay: it is not taken."
            return replace(pressed, notes=(*pressed.notes, told))
        after = self._scale.of(self._meter.raw(found.text))
        if after >= pressed.after:
            told = "The rewriting is no shorter: it is not taken."
            return replace(pressed, notes=(*pressed.notes, told))
        return replace(
            pressed,
            text=found.text,
            after=after,
            stages=(*pressed.stages, ("rewriting", pressed.after - after)),
            notes=(),
            is_rewritten=True,
        )

    def _settings(self) -> Settings:
        told = self._config.workbench
        return Settings(
            self._meter.raw,
            self.order.question.strip(),
            examples=self._config.chunk.examples,
            chunk_tokens=self._config.chunk.tokens,
            lingua_folder=str(Path(told.lingua).expanduser()) if told.lingua else "",
            rules=tuple(read_rules(file) for file in told.rules),
            wrapping=self._meter.wrapping,
        )

    def _aim(self, most: int | None) -> Aim:
        order = self.order
        return Aim(
            None if most is None else self._scale.back(most),
            REDUCTION if order.reduction is None else order.reduction,
            order.level or Level.AGGRESSIVE,
            order.is_blind,
            order.stages if order.is_staged else (),
            all_stages=order.is_open,
            keep=order.keep,
        )


def _notes(outcome: Outcome, budget: int | None) -> tuple[str, ...]:
    """Return what the engine tells; how far it is over its budget the command tells itself."""
    if budget is None:
        return (outcome.prompt.note,) if outcome.prompt.note else ()
    return tuple(note for note in outcome.notes if "over the budget" not in note)
