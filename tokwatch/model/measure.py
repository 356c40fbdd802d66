"""Measures: one observed value of something other than tokens, and whose it is."""

from __future__ import annotations

from typing import Final, NamedTuple

USER: Final = "user"
"""The tag that says whose a measure is."""


class Measure(NamedTuple):
    """One observed value of something other than tokens: a test score, a build's seconds.

    Texts are safe names; a value that is no finite number is not an observation.
    """

    name: str
    instant_ms: int
    value: float
    unit: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Sorted; `user` says whose it is where users may see only their own."""
    origin: str = ""
    """Where it was observed: the same name, instant and tags from there are the same again."""


def of_user(measure: Measure, user: str) -> Measure:
    """Return a measure that carries a user's name, unless it carries another one already."""
    if not user or any(tag == USER for tag, _ in measure.tags):
        return measure
    return measure._replace(tags=tuple(sorted((*measure.tags, (USER, user)))))
