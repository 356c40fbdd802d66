"""The lines of the live feed: requests as they landed, agents that started and finished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.context import context
from tokwatch.analysis.session_rows import IDLE_MS, LIVE_MS, Agent, RowRules
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.snapshot import Context
from tokwatch.model.stored import EventFact, SessionFact
from tokwatch.model.units import WINDOW_TOKENS
from tokwatch.model.usage import NO_USAGE, Usage

MAIN: Final = "main"


class What(StrEnum):
    """What a line tells."""

    REQUEST = "request"
    FLIGHT = "in flight"
    """A request that was sent and not answered so far."""
    STARTED = "started"
    FINISHED = "finished"
    """An agent's last answer asked for nothing more."""
    QUIET = "quiet"
    """An agent has sent nothing for a while, and no log tells that it finished."""
    ENDED = "ended"
    """A session was not used for an hour."""


class Flying(NamedTuple):
    """A request in flight, and whose it is."""

    identity: int
    at_ms: int
    scope: Scope
    model: str


class Helped(Struct, frozen=True):
    """What optimised a request, as far as a log tells."""

    from_cache: bool = False
    """Whether a gateway answered from its response cache."""
    saved_nano: int = 0
    """What it would have cost without that."""
    saved_tokens: int = 0
    """Prompt tokens that a gateway took out."""


UNHELPED: Final = Helped()


class FeedLine(Struct, frozen=True):
    """One line of the feed."""

    what: What
    at_ms: int
    key: str
    scope: Scope
    kind: str
    """"main", or the sort of sub-agent."""
    model: ModelName
    usage: Usage
    """The request's; of a line about an agent, the agent's in all its life."""
    context: Context | None = None
    """How full the window was with this request."""
    helped: Helped = UNHELPED
    event: EventFact | None = None
    """The request itself, for a line about one."""


class FeedFacts(Struct, frozen=True):
    """What the feed is made from."""

    at_ms: int
    events: Sequence[EventFact] = ()
    """The newest first."""
    agents: Sequence[SessionFact] = ()
    finished: Collection[Agent] = ()
    """Agents whose last turn has its answer."""
    flights: Sequence[Flying] = ()
    told: Mapping[int, Mapping[str, int]] | None = None
    """What logs tell of requests beside their tokens, by event key and name."""


def feed_lines(facts: FeedFacts, rules: RowRules, *, is_whole: bool) -> tuple[FeedLine, ...]:
    """Return the lines, the newest first; what is in flight stands above them all.

    Agents have lines where those fall into the time of the listed requests; `is_whole` tells that
    all requests of the range are listed, so that this is the range.
    """
    known = {(fact.source, fact.session, fact.agent): fact for fact in facts.agents}
    lines = [_request(event, known, facts, rules) for event in facts.events]
    since_ms = 0 if is_whole or not facts.events else facts.events[-1].instant_ms
    lines += (line for line in _agents(facts) if since_ms <= line.at_ms <= facts.at_ms)
    lines.sort(key=lambda line: (-line.at_ms, _ORDER.get(line.what, 0), line.key))
    return (*(_flight(one, known) for one in reversed(facts.flights)), *lines)


_ORDER: Final = {What.REQUEST: 1, What.STARTED: 2}
"""At one instant an agent starts, makes its request, and ends: the newest first."""


def _kind(scope: Scope, fact: SessionFact | None) -> str:
    """Return the sort of agent."""
    if fact is not None and fact.kind:
        return fact.kind
    return "sub-agent" if scope.agent else MAIN


def _request(
    event: EventFact, known: Mapping[Agent, SessionFact], facts: FeedFacts, rules: RowRules
) -> FeedLine:
    fact = known.get(event.scope[:3])
    return FeedLine(
        *(What.REQUEST, event.instant_ms, str(event.key), event.scope, _kind(event.scope, fact)),
        *(event.model, event.usage),
        context_of(event, fact, rules),
        _helped((facts.told or {}).get(event.key, {})),
        event,
    )


def context_of(event: EventFact, fact: SessionFact | None, rules: RowRules) -> Context | None:
    """Return how full the window was; None of a sum of requests, whose prompts are not known."""
    usage = event.usage
    if usage.requests != 1 or usage.derived:
        return None
    largest = fact.largest_prompt if fact and fact.last_model == event.model else 0
    return context(
        replace(
            _NOBODY,
            source=event.scope.source,
            path=event.path,
            last_model=event.model,
            window=event.window,
            context_tokens=usage.prompt,
            largest_prompt=max(largest, usage.prompt if usage.prompt > WINDOW_TOKENS else 0),
        ),
        rules.windows,
        warning=rules.warning,
        critical=rules.critical,
    )


_NOBODY: Final = SessionFact(
    *("", "", "", "", "", "", "", 0, 0, ()), ModelName("", ""), None, None, 0, "", NO_USAGE
)


def _helped(told: Mapping[str, int]) -> Helped:
    if not told:
        return UNHELPED
    return Helped(
        bool(told.get("response_cache_hit")),
        told.get("response_cache_nano", 0),
        told.get("tokens_saved", 0),
    )


def _agents(facts: FeedFacts) -> Iterator[FeedLine]:
    """Yield a line for the start of each agent, and one for its end where that is known."""
    for fact in facts.agents:
        name = (fact.source, fact.session, fact.agent)
        scope = Scope(*name, fact.project, fact.branch)
        about = (scope, _kind(scope, fact), fact.last_model, fact.usage)
        yield FeedLine(What.STARTED, fact.first_ms, "\0".join((*name, "started")), *about)
        what = _end(fact, facts.at_ms - fact.last_ms, name in facts.finished)
        if what is not None:
            yield FeedLine(what, fact.last_ms, "\0".join((*name, "ended")), *about)


def _end(fact: SessionFact, age_ms: int, is_finished: bool) -> What | None:
    """Return how an agent ended; None while it may go on."""
    if not fact.agent and not (fact.parent and fact.kind):
        return What.ENDED if age_ms >= IDLE_MS else None
    if is_finished:
        return What.FINISHED
    return What.QUIET if age_ms >= LIVE_MS else None


def _flight(one: Flying, known: Mapping[Agent, SessionFact]) -> FeedLine:
    fact = known.get(one.scope[:3])
    scope = one.scope._replace(project=fact.project if fact else "")
    return FeedLine(
        *(What.FLIGHT, one.at_ms, f"flight {one.identity}", scope, _kind(scope, fact)),
        *(ModelName("", one.model), NO_USAGE),
    )


def finished_agents(
    turns: Iterable[tuple[Agent, int, bool]],
) -> frozenset[Agent]:
    """Return the agents whose last turn is finished; of each turn its begin is given."""
    last: dict[Agent, tuple[int, bool]] = {}
    for agent, begin_ms, is_finished in turns:
        if agent not in last or begin_ms >= last[agent][0]:
            last[agent] = (begin_ms, is_finished)
    return frozenset(agent for agent, (_, is_finished) in last.items() if is_finished)
