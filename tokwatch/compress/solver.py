"""Climbs the ladder of stages until a prompt fits its budget, and says so when it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.compress.apply import Work
from tokwatch.compress.draft import Span, outermost, rendered
from tokwatch.compress.ledger import Facts, ledger, retention
from tokwatch.compress.levels import Level, ladder, named
from tokwatch.compress.nouns import Ledger, Outcome, Prompt, Shape, StageRun
from tokwatch.compress.scene import Settings, Stage
from tokwatch.compress.shapes import written
from tokwatch.compress.stages import ALL
from tokwatch.compress.stages.phrases import LONGEST, MOST, WORDED

_OF_WORDING: Final = frozenset(stage.name for stage in ALL if stage.is_frugal) | {
    *("phrases", "wording", "labels")
}
FRUGAL: Final = tuple(stage.name for stage in ALL if stage.is_frugal)
REDUCTION: Final = 0.3
"""Share of the tokens that goes when nothing else is asked."""
_AGAIN: Final = {"phrases": 3, "wording": 2, "duplicates": 2, **dict.fromkeys(FRUGAL, 4)}
"""How often a stage may run while it still finds something: one phrase can hold another."""


class Aim(Struct, frozen=True):
    """What a compression is to reach, and how."""

    budget: int | None = None
    """Tokens; none: `reduction` says."""
    reduction: float = REDUCTION
    level: Level = Level.BALANCED
    is_blind: bool = False
    stages: tuple[str, ...] | None = None
    """Just these, in this order, as far as the budget asks; none: the level's ladder."""
    all_stages: bool = False
    """Run every stage, whether the budget is met or not."""
    keep: tuple[str, ...] = ()
    """Patterns of what must stay."""
    marks: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    """Spans that must stay, by part."""

    def tokens(self, before: int) -> int:
        """Return the budget in tokens."""
        return self.budget if self.budget is not None else int(before * (1 - self.reduction))


class Losses(NamedTuple):
    """What a compression cost the reader."""

    ledger: Ledger
    retention: float
    """From 0 to 1."""


def solve(prompt: Prompt, settings: Settings, aim: Aim, dropped: Sequence[int] = ()) -> Outcome:
    """Return a prompt within its budget, or as near to it as the stages come."""
    work = Work(prompt, settings, aim.keep, aim.marks, dropped)
    before = work.before
    budget = aim.tokens(before)
    stages = (
        named(aim.stages)
        if aim.stages is not None
        else ladder(aim.level, bool(settings.question), aim.is_blind)
    )
    runs = []
    for stage in stages:
        if work.total <= budget and not aim.all_stages:
            break
        runs.append(_climbed(work, stage, budget, aim.all_stages))
    texts = work.texts()
    return Outcome(
        *(prompt, written(prompt, texts, dropped), tuple(work.edits), tuple(runs)),
        *(before, work.total, budget),
        notes=(
            *_notes(prompt, settings, aim, work.total, budget),
            *_passed_over(prompt, {run.name for run in runs}),
        ),
        dropped=tuple(dropped),
    )


def _climbed(work: Work, stage: Stage, budget: int, is_all: bool) -> StageRun:
    run = work.run(stage, budget)
    for _ in range(_AGAIN.get(stage.name, 1) - 1):
        if not run.edits or (work.total <= budget and not is_all):
            break
        again = work.run(stage, budget)
        run = replace(run, after=again.after, edits=run.edits + again.edits)
        if not again.edits:
            break
    return replace(run, note="" if run.edits else run.note)


def _notes(prompt: Prompt, settings: Settings, aim: Aim, after: int, budget: int) -> list[str]:
    notes = [prompt.note] if prompt.note else []
    if after <= budget:
        return notes
    notes.append(f"{after:,} tokens are {after - budget:,} over the budget of {budget:,}.")
    if aim.stages is None and aim.level is not Level.LIGHT:
        if not settings.question and not aim.is_blind:
            notes.append(
                "Without a question nothing is extracted: which sentences matter cannot be told "
                "then. Ask one, or ask for the blind cover of rare facts."
            )
        elif prompt.shape is Shape.PLAIN:
            notes.append("What is left are instructions and what must stay.")
    if aim.stages is None and aim.level is not Level.AGGRESSIVE:
        notes.append(f"The level {aim.level} goes no further.")
    return notes


def _passed_over(prompt: Prompt, ran: set[str]) -> Iterator[str]:
    """Yield what was not looked at because it would take long."""
    if ran.isdisjoint(_OF_WORDING):
        return
    sizes = [len(part.text) for part in prompt.parts if part.kind in WORDED]
    if any(size > LONGEST for size in sizes) or sum(sizes) > MOST:
        yield (
            f"Wording is looked at in texts of up to {LONGEST:,} characters, {MOST:,} in all: "
            "longer ones are documents."
        )


def chosen(outcome: Outcome, rejected: frozenset[int]) -> str:
    """Return the text with all edits but those that were rejected, by number, and their groups."""
    return written(outcome.prompt, chosen_texts(outcome, rejected), outcome.dropped)


def chosen_texts(outcome: Outcome, rejected: frozenset[int]) -> list[str]:
    """Return the text of every part with all edits but those that were rejected."""
    by_part = _accepted(outcome, rejected)
    return [
        rendered(part.text, [outcome.edits[edit] for edit in by_part.get(number, ())])
        for number, part in enumerate(outcome.prompt.parts)
    ]


def shown(outcome: Outcome, rejected: frozenset[int] = frozenset()) -> list[int]:
    """Return the numbers of the edits that show, in the order of the text.

    Rejecting one of them brings back the earlier ones that it had taken in.
    """
    found: list[int] = []
    for _, numbers in sorted(_accepted(outcome, rejected).items()):
        found += [numbers[n] for n in outermost([outcome.edits[n] for n in numbers])]
    return found


def _accepted(outcome: Outcome, rejected: frozenset[int]) -> dict[int, list[int]]:
    """Return the numbers of the edits that stand, by part."""
    groups = {outcome.edits[number].group for number in rejected} - {""}
    by_part: dict[int, list[int]] = {}
    for number, edit in enumerate(outcome.edits):
        if number not in rejected and edit.group not in groups:
            by_part.setdefault(edit.part, []).append(number)
    return by_part


def losses(outcome: Outcome, rejected: frozenset[int] = frozenset()) -> Losses:
    """Return what is gone, and how much of what matters is still there."""
    gone = {n for message in outcome.dropped for n in outcome.prompt.messages[message].parts}
    texts = chosen_texts(outcome, rejected)
    after = [text for number, text in enumerate(texts) if number not in gone]
    old, new = Facts([part.text for part in outcome.prompt.parts]), Facts(after)
    return Losses(ledger(old, new), retention(old, new))
