"""The noun of calibration that store, screen and commands share."""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import Final, NamedTuple

WARN_ABOVE: Final = 0.20
"""An error above this is warned of."""


BY_LENGTH: Final = "bytes/4"
"""The encoding of calibrations of what is estimated by length."""


class Kind(StrEnum):
    """Which side of a request was measured."""

    PROMPT = "prompt"
    ANSWER = "answer"


class Calibration(NamedTuple):
    """How billed tokens follow from counted ones: `a * tokens + b * calls`, and how well."""

    model: str
    """A generation such as `claude-sonnet-4-5`, or the name of a family of models."""
    kind: Kind
    encoding: str
    """In which tokens were counted, or `BY_LENGTH`."""
    a: float
    b: float
    pairs: int
    dropped: int
    """Pairs that were left out: they hold what no log shows."""
    sessions: int
    error: float
    """Mean absolute relative error on sessions that the fit has not seen."""
    p90: float
    """Nine of ten errors are below it."""
    raw_error: float
    """The error of the count as it is."""
    fitted_ms: int

    def tokens(self, counted: int, calls: int = 0) -> int:
        """Return the tokens as billed of a text with so many counted ones and calls of tools."""
        return ceil(self.a * counted + self.b * calls)

    @property
    def is_doubtful(self) -> bool:
        """Tell whether its error is above what is warned of."""
        return self.error > WARN_ABOVE
