"""What the workbench asks its worker, and the pieces in which the answer comes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.compress.nouns import Risk, Shape
from tokwatch.compress.solver import Losses
from tokwatch.errors import TokwatchError
from tokwatch.tokens.estimate import Calibrations, Counted
from tokwatch.workbench.laid import Line, pictured
from tokwatch.workbench.packed import Packed, packed
from tokwatch.workbench.rows import Rows, rows_of, spots_of
from tokwatch.workbench.state import Bench, EditKey
from tokwatch.workbench.work import Desk
from tokwatch.workbench.worked import StageSum, Worked

_SAID: Final = 400
"""Characters of a change's words that are handed over."""
_AT_ONCE: Final = 2_000
"""Tokens up to which what is lost is known so soon that the first sums tell it."""


class Question(Struct, frozen=True):
    """A state, and for what room its picture is to be."""

    number: int
    bench: Bench
    width: int = 80
    is_split: bool = True
    calibrations: Calibrations = field(default_factory=dict)
    looked_at: EditKey | None = None
    """The change that is looked at."""


class ChangeTold(NamedTuple):
    """One change, as it is listed."""

    key: EditKey
    toggle: EditKey
    """By which it is rejected and accepted, with those that belong to it."""
    stage: str
    reason: str
    risk: Risk
    tokens: int
    is_rejected: bool
    old: str
    new: str
    line: int
    """Where it begins in the picture."""
    part: int = 0
    """Of which part of the prompt it is."""


class Tally(Struct, frozen=True):
    """The tokens of the prompt as it is; comes before anything else."""

    number: int
    counted: Counted


class Sums(Struct, frozen=True):
    """What came of a state, but for its lines."""

    number: int
    bench: Bench
    counted: Counted
    before: int
    after: int
    budget: int | None
    is_met: bool
    shape: Shape
    parts: int
    edits: int
    rejected: int
    stages: tuple[StageSum, ...]
    first_change: int
    notes: tuple[str, ...]
    text: str
    ms: int = 0
    """How long it took."""
    losses: Losses | None = None

    @property
    def saved(self) -> int:
        """Tokens that are gone."""
        return self.before - self.after

    @property
    def share(self) -> float:
        """Share of the tokens that is gone."""
        return self.saved / self.before if self.before else 0.0


class Lines(Struct, frozen=True):
    """The picture."""

    number: int
    lines: Packed[Line]
    changes: Packed[ChangeTold]
    chosen: int | None
    """Number of the change that was looked at; None where it is no longer there."""


class Problem(Struct, frozen=True):
    """Why nothing came of a state."""

    number: int
    message: str
    hint: str = ""


Answer = Tally | Sums | Lines | Problem


class Worker:
    """Answers one question after the other; for one thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows: tuple[Worked, Rows] | None = None

    def answers(self, asked: Question) -> Iterator[Answer]:
        """Yield the tokens, what came of the state, its lines, then what it costs the reader."""
        try:
            yield Tally(asked.number, self._desk.counted(asked.bench))
            begun = time.perf_counter()
            worked = self._desk.worked(asked.bench)
            ms = round((time.perf_counter() - begun) * 1000)
            if worked.before <= _AT_ONCE:
                yield sums_of(asked.number, self._desk.with_losses(worked), ms)
                yield self._lines(asked, worked)
                return
            yield sums_of(asked.number, worked, ms)
            yield self._lines(asked, worked)
            yield sums_of(asked.number, self._desk.with_losses(worked), ms)
        except TokwatchError as error:
            yield Problem(asked.number, error.message, error.hint)
        except (RecursionError, MemoryError) as error:
            yield Problem(asked.number, f"This text is too much: {type(error).__name__}.")
        except Exception as error:  # a worker's top: shown
            yield Problem(asked.number, f"It failed: {type(error).__name__}.")

    def _lines(self, asked: Question, worked: Worked) -> Lines:
        if self._rows is None or self._rows[0] is not worked:
            self._rows = (worked, rows_of(worked))
        picture = pictured(self._rows[1], asked.width, is_split=asked.is_split)
        changes = list(_told(worked, picture.places))
        at = next((n for n, one in enumerate(changes) if one.key == asked.looked_at), None)
        return Lines(asked.number, packed(picture.lines), packed(changes), at)


def sums_of(number: int, worked: Worked, ms: int) -> Sums:
    """Return what came of a state as it is handed over."""
    outcome = worked.outcome
    return Sums(
        *(number, worked.bench, worked.counted, worked.before, worked.after, worked.budget),
        *(worked.is_met, outcome.prompt.shape, len(outcome.prompt.parts)),
        edits=len(outcome.edits),
        rejected=len(worked.rejected),
        stages=worked.stages,
        first_change=worked.first_change,
        notes=tuple(note for note in outcome.notes if "over the budget" not in note),
        text=worked.text,
        ms=ms,
        losses=worked.losses,
    )


def _told(worked: Worked, places: dict[int, int]) -> Iterator[ChangeTold]:
    edits, prompt = worked.outcome.edits, worked.prompt
    for part, spot in spots_of(worked):
        edit, number = edits[spot.change], spot.change
        yield ChangeTold(
            *(worked.keys[number], worked.toggles[number], edit.stage, edit.reason, edit.risk),
            *(round(edit.tokens * worked.factor), spot.is_rejected),
            prompt.parts[part].text[spot.start : spot.end][:_SAID],
            spot.replacement[:_SAID],
            places.get(spot.change, 0),
            part,
        )
