"""The live feed: one line for each request as it lands, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokwatch.model import EventFact
from tokwatch.pages.sight import Sight
from tokwatch.store.read import events

MOST: Final = 500
"""Lines that the feed holds; older requests are found on the other screens."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The newest requests of the shown range."""

    events: tuple[EventFact, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class FeedAsk:
    """Asks for the newest requests."""

    def answer(self, sight: Sight) -> FeedPage:
        """Return the feed of the shown range."""
        return FeedPage(tuple(events(sight.view, sight.slice, MOST)), sight.at_ms)
