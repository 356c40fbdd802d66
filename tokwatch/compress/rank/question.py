"""How much every unit of a text has to say to a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokwatch.compress.rank.features import Features, features
from tokwatch.compress.rank.units import Form, Units

_PROSE: Final = Features(
    unit=1.0,
    block=0.9,
    near=0.8,
    wide=0.05,
    block_covered=0.6,
    pairs=0.5,
    block_pairs=0.3,
    block_fed=0.3,
    answer=0.25,
    title=0.2,
    speaker=0.0,
    around=0.1,
    region=0.0,
    fed_region=0.0,
    lead=0.15,
    length=0.1,
)
_DIALOGUE: Final = Features(
    unit=0.1,
    block=0.1,
    near=0.35,
    wide=0.5,
    block_covered=0.1,
    pairs=0.1,
    block_pairs=0.1,
    block_fed=0.5,
    answer=0.0,
    title=0.3,
    speaker=0.3,
    around=0.8,
    region=1.1,
    fed_region=0.8,
    lead=0.05,
    length=0.25,
)
_WEIGHTS: Final[Mapping[Form, Features]] = {
    Form.PROSE: _PROSE,
    Form.DIALOGUE: _DIALOGUE,
    Form.LINES: _PROSE,
}
_BESIDE: Final = 0.6
"""What a unit gains of its better neighbour in the same block: an answer may stand beside."""


def relevance(of: Units, question: str) -> list[float]:
    """Return a score for every unit, higher where it matters more to the question."""
    weights = _WEIGHTS[of.form]
    scores = [
        sum(weight * value for weight, value in zip(weights, row, strict=True))
        for row in features(of, question)
    ]
    return scores if of.form is Form.DIALOGUE else _with_neighbours(of, scores)


def _with_neighbours(of: Units, scores: list[float]) -> list[float]:
    found = []
    for number, score in enumerate(scores):
        beside = [
            scores[other]
            for other in (number - 1, number + 1)
            if 0 <= other < len(scores) and of.block_of[other] == of.block_of[number]
        ]
        found.append(score + _BESIDE * max(beside, default=0.0))
    return found
