"""Counts tokens for one model: raw in its family's encoding, and what that is in its own."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from tokwatch.compress.billed import BARE, Wrapping
from tokwatch.tokens.counter import PieceCounter
from tokwatch.tokens.counting import count_by_file, count_in, own_file
from tokwatch.tokens.estimate import (
    Basis,
    Calibrations,
    Counted,
    calibration_of,
    for_model,
)
from tokwatch.tokens.families import family_of

if TYPE_CHECKING:
    from tokwatch.config import Config

_SHORT: Final = 2000
"""Characters up to which a text is counted at once, and not by its pieces."""


class Meter:
    """A model's count, for one thread; loading it takes a moment."""

    def __init__(self, model: str, config: Config, calibrations: Calibrations) -> None:
        self.model = model
        self._calibrations = calibrations
        file = own_file(model, config.tokens.tokenizer) if model else None
        self._is_own = file is not None
        if file is not None:
            self._count = count_by_file(file)
        else:
            self._count = count_in(family_of(model).encoding, config.data)
        self._pieces = PieceCounter(self._count)

    def raw(self, text: str) -> int:
        """Return the tokens in the encoding that it is counted with."""
        if self._is_own or len(text) <= _SHORT:
            return self._count(text)
        return self._pieces.count(text)

    @property
    def wrapping(self) -> Wrapping:
        """Return what the model's provider adds to the texts of a chat, as it is counted."""
        return BARE if self._is_own else wrapping_of(self.model, self._calibrations)

    def scale(self, text: str, raw: int) -> Scale:
        """Return what makes raw tokens of a text tokens of the model."""
        if self._is_own or not self.model:
            return Scale(1.0, Counted(raw, Basis.EXACT, 0.0))
        counted = for_model(self.model, raw, text, self._calibrations)
        return Scale(counted.tokens / raw if raw else 1.0, counted)


def wrapping_of(model: str, calibrations: Calibrations) -> Wrapping:
    """Return what a model's provider adds to a chat: by your own logs, else by its family."""
    if not model:
        return BARE
    family = family_of(model)
    found = None if family.is_own else calibration_of(model, calibrations)
    if found is not None and found.a:
        return Wrapping(call=round(found.b / found.a))
    return Wrapping(family.message, family.call, family.message)


class Scale:
    """How many tokens of a model one counted token is, and how well that is known."""

    def __init__(self, factor: float, counted: Counted) -> None:
        self.factor, self.counted = factor, counted

    def of(self, raw: int) -> int:
        """Return tokens of the model."""
        return raw if self.factor == 1.0 else ceil(raw * self.factor - 1e-6)

    def back(self, tokens: int) -> int:
        """Return the counted tokens that so many of the model allow."""
        return int(tokens / self.factor) if self.factor else tokens
