"""What came of one state of the workbench, and the names of its edits."""

from __future__ import annotations

from collections import Counter as Tallies
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from tokwatch.compress.nouns import Outcome, Prompt, Risk
from tokwatch.compress.solver import Losses
from tokwatch.tokens.estimate import Counted
from tokwatch.workbench.state import Bench, EditKey


class StageSum(NamedTuple):
    """What a stage did, or would do."""

    name: str
    is_on: bool
    risk: Risk
    saved: int
    """Tokens of the model, without the rejected edits."""
    edits: int
    rejected: int
    is_run: bool
    """Whether it has run; it has not where it is off, or the target was met before."""
    would: int | None = None
    """What it would save at the end, where that was tried."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of one state of the workbench."""

    bench: Bench
    outcome: Outcome
    """Of the stages, with what leaves and what a model wrote among the edits."""
    counted: Counted
    """The original, and how its tokens are known."""
    before: int
    after: int
    budget: int | None
    text: str
    keys: tuple[EditKey, ...]
    """Of every edit, by number."""
    toggles: tuple[EditKey, ...]
    """By which each is rejected: of a group the first one's."""
    rejected: frozenset[int]
    shown: tuple[int, ...]
    """Numbers of the edits that stand, in the order of the text."""
    stages: tuple[StageSum, ...]
    losses: Losses | None = None
    """None until it was looked for."""
    first_change: int = 0
    """Tokens of the prompt before the first change that stands."""
    texts: tuple[str, ...] = field(default=(), repr=False)
    """Of every part, as it is now."""
    fits: bool = True
    """Whether what stays of a chat is within its limits."""

    @property
    def prompt(self) -> Prompt:
        """The original."""
        return self.outcome.prompt

    @property
    def saved(self) -> int:
        """Tokens that are gone."""
        return self.before - self.after

    @property
    def is_met(self) -> bool:
        """Tell whether the target is reached with what was accepted."""
        return self.fits and (self.budget is None or self.after <= self.budget)

    @property
    def factor(self) -> float:
        """Tokens of the model for each that was counted."""
        return self.before / self.outcome.before if self.outcome.before else 1.0

    @property
    def share(self) -> float:
        """Share of the tokens that is gone."""
        return self.saved / self.before if self.before else 0.0


def edit_keys(outcome: Outcome) -> tuple[EditKey, ...]:
    """Return names of edits that hold when the text elsewhere is another one."""
    seen: Tallies[tuple[str, int, int]] = Tallies()
    found = []
    for edit in outcome.edits:
        words = outcome.prompt.parts[edit.part].text[edit.start : edit.end]
        of = (edit.stage, edit.part, _hash(f"{words}\0{edit.replacement}"))
        found.append((*of, seen[of]))
        seen[of] += 1
    return tuple(found)


def toggles_of(outcome: Outcome, keys: Sequence[EditKey]) -> tuple[EditKey, ...]:
    """Return the names by which edits are rejected: of a group that of the first."""
    first: dict[str, EditKey] = {}
    return tuple(
        first.setdefault(edit.group, key) if edit.group else key
        for edit, key in zip(outcome.edits, keys, strict=True)
    )


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
