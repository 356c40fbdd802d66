"""What logs tell of the limits of a plan: a measure's name, and its tags.

Sources write it, the costs screen reads it; standard library only.
"""

from __future__ import annotations

from typing import Final

from tokwatch.model import Measure

PLAN_LIMIT: Final = "plan limit used"
"""Percent of a limit that a plan sets for a length of time."""
UNIT: Final = "%"


def limit_measure(
    source: str, instant_ms: int, used_percent: float, minutes: int, resets_s: int, origin: str
) -> Measure:
    """Return what a log told of a limit at an instant."""
    tags = (("minutes", str(minutes)), ("resets", str(resets_s)), ("source", source))
    return Measure(PLAN_LIMIT, instant_ms, used_percent, UNIT, tags, origin)
