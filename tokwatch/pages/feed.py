"""The live feed: one line for each request as it lands, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.analysis.budgets.standing import Use, left_after
from tokwatch.analysis.feed import FeedFacts, FeedLine, Flying, What, feed_lines, finished_agents
from tokwatch.budgets.budgeting import standings
from tokwatch.budgets.reading import last_part
from tokwatch.model.event import Scope
from tokwatch.model.facets import Amount
from tokwatch.model.stored import EventFact, SessionFact
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import events, facts_by_request, flights, sessions, turns

MOST: Final = 500
"""Requests that the feed holds; older ones are found on the other screens."""
KEPT_MS: Final = 10_000
"""Budgets are read again after so long where no request has landed."""
MOST_SESSIONS: Final = 40
"""Sessions whose agents have lines of their own, the newest."""
FLIGHT_MS: Final = 3_600_000
"""What was sent longer ago was not answered, or its log does not tell."""


class LeftOf(Struct, frozen=True):
    """What is left of a budget."""

    budget: str
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The newest lines of the shown range."""

    lines: tuple[FeedLine, ...]
    at_ms: int
    left: Mapping[str, LeftOf] = field(default_factory=dict)
    """By request, what was left after it of the tightest budget that counts it."""


@dataclass(frozen=True, slots=True)
class FeedAsk:
    """Asks for the newest requests, and what goes on around them."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

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
        lines = feed_lines(facts, sight.rows, is_whole=len(found) < MOST)
        return FeedPage(lines, sight.at_ms, self._left(sight, lines))

    def _left(self, sight: Sight, lines: Sequence[FeedLine]) -> Mapping[str, LeftOf]:
        """Return what was left of budgets after each request."""
        config, at_ms = sight.config, sight.at_ms
        if not (config.budget or config.split):
            return {}
        newest = lines[0].key if lines else ""
        found = self.memory.recall(
            "budgets",
            (newest, config.budget, config.split) if at_ms >= sight.now_ms else at_ms,
            sight.now_ms,
            KEPT_MS,
            lambda: standings(sight.view, config, at_ms, sight.calendar),
        )
        units = {one.name: one.unit for one in found}
        uses = [_use(line, sight) for line in lines if line.what is What.REQUEST]
        left = left_after(found, uses)
        return {key: LeftOf(name, units[name], amount) for key, (name, amount) in left.items()}


def _use(line: FeedLine, sight: Sight) -> Use:
    usage, scope = line.usage, line.scope
    names = {
        "project": (scope.project, last_part(scope.project)),
        "model": (line.model.name,),
        "agent": (line.kind, scope.agent),
        "user": (scope.user,),
        "key": (scope.key,),
        "tag": (scope.tag,),
        "source": (scope.source,),
        "session": (scope.session,),
    }
    amount = Amount(
        *(usage.requests, usage.input, usage.cache_read, usage.cache_write, usage.output),
        usage.cost_nano(sight.mode),
    )
    told = {dimension: frozenset(named) for dimension, named in names.items()}
    return Use(line.key, line.at_ms, amount, told)


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
