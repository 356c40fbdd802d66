"""What rules of alerts look at: requests, sessions and what was told of them; frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.model.caching import CachedRequest

SessionKey = tuple[str, str]
"""Source and id."""


class WatchedRequest(NamedTuple):
    """One request as rules need it."""

    cached: CachedRequest
    kind: str
    """"main", the tool's name for a sort of sub-agent, or "sub-agent"."""
    user: str
    provider: str
    output: int
    nano: int
    """What it cost; 0 without a price."""
    unpriced: int
    """Tokens without a price."""
    window: int | None
    """Tokens of the context window, where the log tells them."""
    path: str
    """Its log; an imported one has its machine and a colon before it."""

    @property
    def session(self) -> SessionKey:
        """Whose it is."""
        return self.cached.source, self.cached.session


class Narrow(NamedTuple):
    """Which use a rule looks at; empty means all."""

    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is narrowed to; empty for all."""
        return ", ".join(name for names in self for name in names)


EVERYTHING: Final = Narrow()


class SessionTotal(NamedTuple):
    """What a session has cost so far, sub-agents included."""

    nano: int
    tokens: int


class TurnSoFar(NamedTuple):
    """The running turn of a session's main agent, and its last tool calls."""

    requests: int = 0
    nano: int = 0
    calls: tuple[int, ...] = ()
    """Digests of its tool calls, the oldest first."""
    call_key: int = 0
    """Event that made the newest of them."""


NO_TOTAL: Final = SessionTotal(0, 0)
NO_TURN: Final = TurnSoFar()


class ToldFact(NamedTuple):
    """One number that a log told of a request, or one failed attempt."""

    at_ms: int
    key: int
    """Of the event; 0 of an attempt without one."""
    name: str
    """One of `model.FACTS`, or "incident"."""
    value: int
    """For an incident 1 where a rate limit refused it, else 0."""
    project: str
    model: str
    kind: str
    user: str


OPTIMISATION: Final = "optimisation"
"""Name under which outcomes of optimisations are recorded as measures: 1 it worked, 0 no effect."""
MOST_OUTCOMES: Final = 100


class Outcomes(NamedTuple):
    """Of the newest optimisations, how many had no effect."""

    failed: int = 0
    tried: int = 0


class Estimates(NamedTuple):
    """Computed against logged costs, of requests that have both."""

    requests: int = 0
    off_nano: int = 0
    logged_nano: int = 0


class SourceFact(NamedTuple):
    """How one source does."""

    name: str
    title: str
    error: str
    last_ms: int
    active_days: int
    """Of the 14 days before its last request, those with use."""


class EndpointFact(NamedTuple):
    """How one endpoint does that is polled."""

    name: str
    error: str
    """Why it is left alone, with the part that fails; empty while it is not."""


class ModelGap(NamedTuple):
    """A model without a price."""

    model: str
    tokens: int
    events: tuple[int, ...]


class TokenEstimate(NamedTuple):
    """How far counted tokens of a model are off, as a calibration measured it."""

    model: str
    error: float
    pairs: int


NO_OUTCOMES: Final = Outcomes()


class SlowFacts(Struct, frozen=True):
    """What is read now and then: everything but requests and sessions."""

    told: tuple[ToldFact, ...] = ()
    estimates: Mapping[Narrow, Estimates] = field(default_factory=dict)
    outcomes: Outcomes = NO_OUTCOMES
    custom: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[SourceFact, ...] = ()
    endpoints: tuple[EndpointFact, ...] = ()
    gaps: tuple[ModelGap, ...] = ()
    token_estimates: tuple[TokenEstimate, ...] = ()
