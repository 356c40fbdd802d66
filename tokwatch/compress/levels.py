"""The ladder: which stages a level may use, the least risky first."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from tokwatch.compress.scene import Stage
from tokwatch.compress.stages import BY_NAME
from tokwatch.errors import TokwatchError


class Level(StrEnum):
    """How far compression may go."""

    LIGHT = "light"
    """Nothing that a reader would miss."""
    BALANCED = "balanced"
    """Wording too; and, to a question, only what answers it."""
    AGGRESSIVE = "aggressive"
    """Whatever it takes, short of what has to be asked for."""


_LOSSLESS: Final = ("terminal", "blanks", "repeats", "json")
_PRESENTED: Final = (
    *(
        "tables",
        "base64",
        "duplicates",
        "spacing",
        "rulers",
        "line-numbers",
        "log-lines",
        "aliases",
    ),
)
_WORDED: Final = ("phrases", "wording", "examples", "articles", "copulas", "light-words", "labels")
_FOLDED: Final = ("frames", "near-duplicates")
_CUT: Final = ("comments", "clear-results", "skeletons", "connectives")


WAYS: Final = {
    "direct": (*_LOSSLESS, *_PRESENTED, "phrases"),
    "focused-examples": (*_LOSSLESS, *_PRESENTED, "examples", "extract", "phrases"),
    "progressive-disclosure": (*_LOSSLESS, *_PRESENTED, "outline", "phrases"),
}
"""Ways to hand over a long prompt, each as the stages that make it."""


def ladder(level: Level, has_question: bool, is_blind: bool) -> tuple[Stage, ...]:
    """Return the stages of a level in order.

    What a question picks is taken word for word, so it comes before any rewording.
    """
    names = [*_LOSSLESS, *_PRESENTED]
    if level is Level.LIGHT:
        names.append("phrases")
        return _stages(names)
    names += _FOLDED
    if has_question:
        names.append("extract")
    if is_blind:
        names.append("cover")
    names += _WORDED
    if level is Level.AGGRESSIVE:
        names += _CUT
    return _stages(names)


def named(names: tuple[str, ...]) -> tuple[Stage, ...]:
    """Return the stages that the user names, in the user's order; raise for a name unknown."""
    for name in names:
        if name not in BY_NAME:
            hint = f"There are {', '.join(BY_NAME)}."
            raise TokwatchError(f"There is no stage {name}.", hint)
    return _stages(names)


def _stages(names: tuple[str, ...] | list[str]) -> tuple[Stage, ...]:
    return tuple(BY_NAME[name] for name in names if name in BY_NAME)
