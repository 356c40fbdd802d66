"""What logs tell of the limits of a plan: a measure's name, and its tags.

Sources write it, the costs screen reads it; standard library only.
"""

from __future__ import annotations

from typing import Final

from tokwatch.model.measure import Measure

PLAN_LIMIT: Final = "plan limit used"
"""Percent of a limit that a plan sets for a length of time."""
UNIT: Final = "%"


def limit_measure(
    source: str,
    instant_ms: int,
    used_percent: float,
    minutes: int,
    resets_s: int,
    origin: str,
    name: str = "",
) -> Measure:
    """Return what a log told of a limit at an instant; one beside others of its length is named."""
    named = (("name", name),) if name else ()
    tags = (("minutes", str(minutes)), *named, ("resets", str(resets_s)), ("source", source))
    return Measure(PLAN_LIMIT, instant_ms, used_percent, UNIT, tags, origin)


def limit_name(minutes: int) -> str:
    """Return what a limit for a length of time is called: 5h, 7d."""
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}min"
