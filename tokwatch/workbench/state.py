"""What the workbench stands at: a prompt, what it is to become, and what was accepted; frozen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from tokwatch.compress.levels import Level, ladder
from tokwatch.compress.solver import REDUCTION
from tokwatch.compress.stages import ALL as EVERY
from tokwatch.errors import TokwatchError

MOST_UNDO: Final = 200
"""Steps that can be taken back."""
_AMOUNT: Final = re.compile(r"([\d][\d,_]*(?:\.\d+)?)\s*([kKmM%]?)(?:\s*tokens?)?")
_TIMES: Final = {"": 1, "k": 1000, "m": 1_000_000}

ALL: Final = tuple(stage for stage in EVERY if stage.name != "llmlingua")
"""Every stage but the one that needs a model of the user's."""
EditKey = tuple[str, int, int, int]
"""Names an edit whatever stands before it: stage, part, hash of its words, which of the equal."""


def whole(stage: str) -> EditKey:
    """Return the name of all edits of a stage together."""
    return stage, -1, 0, 0


class Choice(NamedTuple):
    """A stage in its place, and whether it is to run."""

    name: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Target:
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


@dataclass(frozen=True, slots=True)
class Cached:
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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a prompt came from."""

    name: str = ""
    file: str = ""
    """Of what was opened from a file; where it is saved first."""
    project: str = ""
    cached: Cached | None = None
    note: str = ""
    """What is worth telling of how it was read."""


@dataclass(frozen=True, slots=True)
class Bench:
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
    examples: int = 3
    keep_results: int = 3

    @property
    def stages(self) -> tuple[Choice, ...]:
        """Return all stages in their order: those of the level first, the others switched off."""
        if self.chosen:
            return self.chosen
        steps = ladder(self.level, bool(self.question.strip()), self.is_blind)
        names = list(dict.fromkeys(stage.name for stage in steps))
        others = [stage.name for stage in ALL if stage.name not in names]
        return tuple([Choice(name, True) for name in names] + [Choice(n, False) for n in others])

    def switched(self, name: str) -> Bench:
        """Return the workbench with a stage switched on or off."""
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


@dataclass(frozen=True, slots=True)
class Course:
    """The states of a workbench: what was, what is, and what was taken back."""

    now: Bench = field(default_factory=Bench)
    past: tuple[Bench, ...] = ()
    future: tuple[Bench, ...] = ()

    def to(self, bench: Bench) -> Course:
        """Return the course with a further state."""
        if bench == self.now:
            return self
        return Course(bench, (*self.past[-MOST_UNDO + 1 :], self.now))

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
