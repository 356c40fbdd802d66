"""From a count in an encoding to a model's own tokens: exact, calibrated, or a known ratio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from math import ceil

from msgspec import Struct

from tokwatch.tokens.calibrated import BY_LENGTH, WARN_ABOVE, Calibration, Kind
from tokwatch.tokens.families import Content, content_of, family_of, generation


class Basis(StrEnum):
    """How a number of tokens is known."""

    EXACT = "exact"
    """By the model's own tokenizer, or by its provider."""
    CALIBRATED = "calibrated"
    """By your own logs."""
    RATIO = "ratio"
    """By what is known of the model's family."""
    UNKNOWN = "unknown"
    """By another maker's tokenizer: nothing is known of this one."""
    CHARACTERS = "characters"
    """By the length of the text, while no tokenizer is loaded."""


class Counted(Struct, frozen=True):
    """Tokens of a text for a model, and how well they are known."""

    tokens: int
    basis: Basis
    error: float | None = None
    """Mean absolute relative error; None where it was not measured, 0 where the count is exact."""
    pairs: int = 0
    """How many measurements it rests on."""

    @property
    def is_exact(self) -> bool:
        """Tell whether it is no estimate."""
        return self.basis is Basis.EXACT

    @property
    def is_doubtful(self) -> bool:
        """Tell whether its error is above what is warned of."""
        return self.error is not None and self.error > WARN_ABOVE


Calibrations = Mapping[str, Calibration]
"""By the generation of a model, or the name of a family."""


def for_model(
    model: str,
    counted: int,
    text: str,
    calibrations: Calibrations | None = None,
    calls: int = 0,
) -> Counted:
    """Return the tokens of a text for a model, from its count in the encoding of its family."""
    family = family_of(model)
    if family.is_own:
        return Counted(counted, Basis.EXACT, 0.0)
    found = calibration_of(model, calibrations or {})
    if found is not None:
        told = found.tokens(counted, calls)
        return Counted(told, Basis.CALIBRATED, found.error, found.pairs)
    content = content_of(text) if family.by_content else Content.PROSE
    return Counted(
        ceil(counted * family.factor_of(content)),
        Basis.RATIO if family.is_known else Basis.UNKNOWN,
    )


def calibration_of(model: str, calibrations: Calibrations) -> Calibration | None:
    """Return what the user's logs tell of a model: of itself, else of its family."""
    return calibrations.get(generation(model)) or calibrations.get(family_of(model).name)


def of_prompts(found: Iterable[Calibration]) -> dict[str, Calibration]:
    """Return those calibrations that are of counted prompts, by model."""
    return {
        one.model: one for one in found if one.kind is Kind.PROMPT and one.encoding != BY_LENGTH
    }


def of_lengths(found: Iterable[Calibration]) -> dict[str, Calibration]:
    """Return those calibrations that correct what is estimated by length, by model."""
    return {
        one.model: one for one in found if one.kind is Kind.PROMPT and one.encoding == BY_LENGTH
    }


def by_characters(text: str, chars_per_token: float) -> Counted:
    """Return an estimate by the length of a text alone."""
    return Counted(ceil(len(text) / chars_per_token), Basis.CHARACTERS)
