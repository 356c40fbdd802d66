"""Measures and whose they are: a user sees those that carry the user's name."""

from __future__ import annotations

from tokwatch.model import Measure
from tokwatch.store.read_measures import USER


def of_user(measure: Measure, user: str) -> Measure:
    """Return a measure that carries a user's name, unless it carries another one already."""
    if not user or any(tag == USER for tag, _ in measure.tags):
        return measure
    return measure._replace(tags=tuple(sorted((*measure.tags, (USER, user)))))
