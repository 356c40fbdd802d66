"""What the workbench stands at: a prompt, what it is to become, and what was accepted; frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.compress.levels import WAYS, Level, ladder
from tokwatch.compress.limits import Limits
from tokwatch.compress.nouns import Kind
from tokwatch.compress.solver import REDUCTION
from tokwatch.compress.stages import ALL
from tokwatch.errors import TokwatchError
from tokwatch.model.template import TERSE_FROM
from tokwatch.workbench.written import (
    REWRITING,
    SUMMARY,
    Rewriting,
    SummaryWritten,
    spent_nano,
)

MOST_UNDO: Final = 200
"""Steps that can be taken back."""
MOST_CHARS: Final = 40_000_000
"""Of the texts that are remembered for that; the newest step is, however long it is."""
_AMOUNT: Final = re.compile(r"([\d][\d,_]*(?:\.\d+)?)\s*([kKmM%]?)(?:\s*tokens?)?")
_TIMES: Final = {"": 1, "k": 1000, "m": 1_000_000}

EditKey = tuple[str, int, int, int]
"""Names an edit whatever stands before it: stage, part, hash of its words, which of the equal."""


def whole(stage: str) -> EditKey:
    """Return the name of all edits of a stage together."""
    return stage, -1, 0, 0


class Choice(NamedTuple):
    """A stage in its place, and whether it is to run."""

    name: str
    is_on: bool


class Target(Struct, frozen=True):
    """What a prompt is to become: so many tokens, or without a share of them."""

    tokens: int | None = None
    reduction: float | None = REDUCTION
    """None, and no tokens: every stage that is on runs."""
    name: str = ""
    """Whence the tokens are, where the user did not type them."""

    @property
    def is_set(self) -> bool:
        """Tell whether there is something to reach."""
        return self.tokens is not None or self.reduction is not None

    def __str__(self) -> str:
        if self.tokens is not None:
            return self.name or f"{self.tokens:,}"
        return "all" if self.reduction is None else f"{self.reduction:.0%}"


class Cached(Struct, frozen=True):
    """Where a text stands in the context of a logged session."""

    last_ms: int
    """When the session sent it last."""
    after: int
    """Tokens of the context behind the text."""
    before: int = 0
    """Tokens of the context before it."""
    requests: int = 0
    """Requests that the session has made."""
    is_hour: bool = False
    """Whether the session writes its cache for an hour."""


class Origin(Struct, frozen=True):
    """Where a prompt came from."""

    name: str = ""
    file: str = ""
    """Of what was opened from a file; where it is saved first."""
    project: str = ""
    kind: Kind = Kind.PLAIN
    """What plain text is: a tool's result and an answer are nobody's to reword."""
    cached: Cached | None = None
    note: str = ""
    """What is worth telling of how it was read."""
    template: str = ""
    """Name of the template that it is."""
    variant: str = ""
    """Which wording of it."""
    version: int = 0
    context: int = 0
    """Tokens of context that the wording was chosen by."""
    tags: tuple[str, ...] = ()
    """Of the template."""
    terse_from: int = TERSE_FROM


class Bench(Struct, frozen=True):
    """One state of the workbench."""

    text: str = ""
    origin: Origin = field(default_factory=Origin)
    model: str = ""
    question: str = ""
    target: Target = field(default_factory=Target)
    level: Level = Level.BALANCED
    is_blind: bool = False
    chosen: tuple[Choice, ...] = ()
    """Stages as the user has put them; empty: as the level has them."""
    rejected: frozenset[EditKey] = frozenset()
    keep: tuple[str, ...] = ()
    """Patterns of what must stay."""
    examples: int = 2
    keep_results: int = 3
    language: str = ""
    """Of the phrases; empty: told by the text's commonest words."""
    likeness: int = 95
    repeated_lines: int = 4
    chunk_tokens: int = 500
    every_number: int = 10
    """As `Settings` has them."""
    limits: Limits | None = None
    """Which messages of a chat stay."""
    summary: SummaryWritten | None = None
    """What a model wrote for the messages that leave."""
    rewritings: tuple[Rewriting, ...] = ()

    @property
    def stages(self) -> tuple[Choice, ...]:
        """Return all stages in their order: those of the level first, the others switched off."""
        if self.chosen:
            return self.chosen
        steps = ladder(self.level, bool(self.question.strip()), self.is_blind)
        names = list(dict.fromkeys(stage.name for stage in steps))
        others = [stage.name for stage in ALL if stage.name not in names]
        return tuple([Choice(name, True) for name in names] + [Choice(n, False) for n in others])

    @property
    def spent_nano(self) -> int | None:
        """What a model cost for it; None where none was asked, or no price is known."""
        return spent_nano(self.summary, self.rewritings)

    @property
    def way(self) -> str:
        """Return the way in which a long prompt is handed over, where the stages are one's."""
        on = tuple(one.name for one in self.chosen if one.is_on)
        return next((name for name, stages in WAYS.items() if stages == on), "")

    def by_way(self, name: str) -> Bench:
        """Return the workbench with the stages of a way."""
        on = WAYS[name]
        off = [stage.name for stage in ALL if stage.name not in on]
        stages = [Choice(one, True) for one in on] + [Choice(one, False) for one in off]
        return replace(self, chosen=tuple(stages))

    def tuned(self, taken: Mapping[str, int | str]) -> Bench:
        """Return the workbench with stages set in another way, by the names of its fields."""
        return replace(self, **taken)

    def limited(self, limits: Limits | None) -> Bench:
        """Return the workbench with other limits; a summary of what leaves is then another one."""
        if limits == self.limits:
            return self
        return replace(self, limits=limits, summary=None)

    def rewrote(self, found: Rewriting) -> Bench:
        """Return the workbench with a part as a model rewrote it, in place of an older one."""
        others = tuple(one for one in self.rewritings if one.part != found.part)
        return replace(self, rewritings=(*others, found))

    def switched(self, name: str) -> Bench:
        """Return the workbench with a stage switched on or off; what a model wrote goes."""
        if name == REWRITING:
            return replace(self, rewritings=())
        if name == SUMMARY:
            return replace(self, summary=None)
        if name not in {one.name for one in self.stages}:
            return self.limited(None)
        stages = tuple(
            one._replace(is_on=not one.is_on) if one.name == name else one for one in self.stages
        )
        return replace(self, chosen=stages)

    def moved(self, name: str, places: int) -> Bench:
        """Return the workbench with a stage earlier or later."""
        stages = list(self.stages)
        at = next(place for place, one in enumerate(stages) if one.name == name)
        to = max(0, min(len(stages) - 1, at + places))
        stages.insert(to, stages.pop(at))
        return replace(self, chosen=tuple(stages))

    def kept(self, text: str) -> Bench:
        """Return the workbench with words that no stage may touch, or without that mark again."""
        pattern = re.escape(text)
        if pattern in self.keep:
            return replace(self, keep=tuple(one for one in self.keep if one != pattern))
        return replace(self, keep=(*self.keep, pattern))

    def refused(self, keys: frozenset[EditKey]) -> Bench:
        """Return the workbench with edits rejected; accepted again where all of them were."""
        if keys <= self.rejected:
            return replace(self, rejected=self.rejected - keys)
        return replace(self, rejected=self.rejected | keys)


class Course(Struct, frozen=True):
    """The states of a workbench: what was, what is, and what was taken back."""

    now: Bench = field(default_factory=Bench)
    past: tuple[Bench, ...] = ()
    future: tuple[Bench, ...] = ()

    def to(self, bench: Bench) -> Course:
        """Return the course with a further state."""
        if bench == self.now:
            return self
        return Course(bench, _recent((*self.past[-MOST_UNDO + 1 :], self.now)))

    def undone(self) -> Course:
        """Return the course one step back, as far as there is one."""
        if not self.past:
            return self
        return Course(self.past[-1], self.past[:-1], (self.now, *self.future))

    def redone(self) -> Course:
        """Return the course one step forward again."""
        if not self.future:
            return self
        return Course(self.future[0], (*self.past, self.now), self.future[1:])


def _recent(states: tuple[Bench, ...]) -> tuple[Bench, ...]:
    """Return the newest states, of large prompts as many as there is memory for."""
    chars, text = 0, ""
    for number in range(len(states) - 1, -1, -1):
        if states[number].text is not text:
            text = states[number].text
            chars += len(text)
        if chars > MOST_CHARS:
            return states[min(number + 1, len(states) - 1) :]
    return states


def target_of(text: str, named: dict[str, int] | None = None) -> Target:
    """Return a target as it was typed: `30%`, `2,000`, `2k`, `all`, or the name of a room."""
    asked = text.strip()
    if not asked:
        return Target()
    if asked.lower() in ("all", "none", "-"):
        return Target(None, None)
    for name, tokens in (named or {}).items():
        if name.lower() == asked.lower():
            return Target(tokens, None, name)
    found = _AMOUNT.fullmatch(asked)
    if found is None:
        rooms = "".join(f", {name}" for name in named or {})
        raise TokwatchError(f"No target: {asked}", f"30%, 2000, 2k, all{rooms}.")
    number = float(found[1].replace(",", "").replace("_", ""))
    if found[2] == "%":
        if not 0 < number < 100:
            raise TokwatchError(f"No target: {asked}", "Between 0 and 100 % can go.")
        return Target(None, number / 100)
    return Target(max(1, int(number * _TIMES[found[2].lower()])), None)
