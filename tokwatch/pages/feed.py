"""The live feed: one line for each request as it lands, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokwatch.analysis.feed import FeedFacts, FeedLine, Flying, feed_lines, finished_agents
from tokwatch.model import EventFact, Scope, SessionFact, Slice
from tokwatch.pages.sight import Sight
from tokwatch.store.read import events, facts_by_request, flights, sessions, turns

MOST: Final = 500
"""Requests that the feed holds; older ones are found on the other screens."""
MOST_SESSIONS: Final = 40
"""Sessions whose agents have lines of their own, the newest."""
FLIGHT_MS: Final = 3_600_000
"""What was sent longer ago was not answered, or its log does not tell."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The newest lines of the shown range."""

    lines: tuple[FeedLine, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class FeedAsk:
    """Asks for the newest requests, and what goes on around them."""

    def answer(self, sight: Sight) -> FeedPage:
        """Return the feed of the shown range."""
        found = events(sight.view, sight.slice, MOST)
        agents = sessions(sight.view, sight.slice, MOST_SESSIONS)
        facts = FeedFacts(
            sight.at_ms,
            found,
            agents,
            _finished(sight, agents, found),
            _flights(sight),
            facts_by_request(sight.view, [event.key for event in found]),
        )
        return FeedPage(feed_lines(facts, sight.rows, is_whole=len(found) < MOST), sight.at_ms)


def _finished(
    sight: Sight, agents: list[SessionFact], found: list[EventFact]
) -> frozenset[tuple[str, str, str]]:
    """Return the agents of which a log tells that they are done."""
    listed = [fact.first_ms for fact in agents if fact.agent or (fact.parent and fact.kind)]
    if not listed or not found:
        return frozenset()
    since_ms = max(min(listed), found[-1].instant_ms - FLIGHT_MS)
    told = turns(sight.view, Slice(since_ms - 1, sight.at_ms + 1))
    return finished_agents(
        ((one.of.source, one.of.session, one.turn.agent), one.turn.begin_ms, one.turn.finished)
        for one in told
    )


def _flights(sight: Sight) -> list[Flying]:
    """Return what is in flight at the moment; of a moment in the past that is not known."""
    if sight.at_ms < sight.now_ms:
        return []
    told = flights(sight.view, Slice(sight.at_ms - FLIGHT_MS, sight.at_ms + 1))
    return [
        Flying(
            one.flight.identity,
            one.flight.instant_ms,
            Scope(one.of.source, one.of.session, one.flight.agent),
            one.flight.model,
        )
        for one in told
    ]
