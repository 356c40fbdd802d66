"""The order in which suggestions are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokwatch.model.suggestion import Suggestion, SuggestionState

ORDER: Final = (
    SuggestionState.NEW,
    SuggestionState.ACCEPTED,
    SuggestionState.DONE,
    SuggestionState.DISMISSED,
)


def listed(found: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Return suggestions, those that ask for something first; within a state as they are ranked."""
    return tuple(sorted(found, key=lambda one: ORDER.index(one.state)))
