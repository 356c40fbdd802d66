"""The nouns of caching: what requests read from a cache and wrote to it, and where it broke.

Frozen values that store, analysis and screen share; standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from operator import add, attrgetter
from typing import Final, NamedTuple

from msgspec import Struct, field

SHORT_MS: Final = 5 * 60 * 1000
LONG_MS: Final = 60 * 60 * 1000
"""How long providers keep what was written, from its last use: the two kinds of writes."""


class Cause(StrEnum):
    """Why a request did not find in the cache what the one before it had there."""

    FIRST = "first request"
    """There is none before it: nothing was lost."""
    COMPACTION = "compaction"
    """The conversation was replaced by a summary, which is new to the cache."""
    SWITCH = "model switched"
    """Each model has a cache of its own."""
    IDLE = "idle"
    """More time passed than the cache lives without use."""
    PREFIX = "prefix changed"
    """It was still warm: system prompt, tools or history are no longer what was written."""
    MISSED = "provider's miss"
    """As a changed prefix, but where a provider caches by itself, it may also have missed."""


AVOIDABLE: Final = frozenset({Cause.SWITCH, Cause.IDLE, Cause.PREFIX, Cause.MISSED})
"""The causes that count as money lost: a first request has no choice, a compaction saves."""


class Chain(NamedTuple):
    """One agent's requests, one after the other: each sends the one before again."""

    source: str
    session: str
    agent: str


class CachedRequest(NamedTuple):
    """One request as its cache needs it: tokens by class, and what they cost."""

    key: int
    instant_ms: int
    first_ms: int
    """UTC, of the first sign of its answer."""
    source: str
    session: str
    agent: str
    project: str
    model: str
    requests: int
    """More than one, or none, for a sum of requests: nothing is told of each."""
    is_derived: int
    """1 where the counts are the growth of a total."""
    input: int
    cache_read: int | None
    """None where the source does not tell."""
    cache_write_5m: int
    cache_write_1h: int
    is_priced: int
    """1 where the rates are known: nano-dollars a thousand tokens, as it was priced."""
    input_rate: int
    read_rate: int
    write_5m_rate: int
    write_1h_rate: int

    @property
    def chain(self) -> Chain:
        """The agent whose request it is."""
        return Chain(self.source, self.session, self.agent)


class Break(NamedTuple):
    """One request that found less in the cache than the one before it had there."""

    key: int
    at_ms: int
    chain: Chain
    project: str
    model: str
    cause: Cause
    idle_ms: int
    """Since the request before; 0 for a first one."""
    ttl_ms: int
    """How long what was lost had been written for."""
    rewritten: int
    """Tokens that had been in the cache, and were sent anew."""
    lost_nano: int | None
    """What that cost above reading them; None without a price."""


class Warm(NamedTuple):
    """What an agent's last request left in the cache."""

    first_ms: int
    """When it was used last."""
    model: str
    prompt: int
    cached: int
    """Tokens of the prompt that the next request can read."""
    ttl_ms: int
    is_written: bool
    """Whether caching is asked for; else the provider does it by itself."""
    at_stake_nano: int | None
    """What it costs above reading to send all of it again; None without a price."""
    project: str
    unseen: int = 0
    """Requests since one last read from the cache or wrote to it."""
    unwritten: int = 0
    """Requests since one last wrote to it."""
    aside: int = 0
    """Smaller requests to another model since."""


class CacheSum(Struct, frozen=True):
    """What caching did over many requests; sums of it add up."""

    told: int = 0
    """Single requests of which it is known whether they read from the cache."""
    hits: int = 0
    """Those of them that did."""
    input: int = 0
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    blind_prompt: int = 0
    """Prompt tokens of sources that do not tell cache reads; not in the classes above."""
    unpriced: int = 0
    """Tokens read or written without a price; in no amount below."""
    saved_nano: int = 0
    """What reads cost less than input would have."""
    written_nano: int = 0
    """What writes cost."""
    premium_nano: int = 0
    """What writes cost above input; negative where they are cheaper."""
    breaks: int = 0
    """Avoidable ones."""
    rewritten: int = 0
    lost_nano: int = 0
    """What the avoidable breaks cost above reading."""
    long_nano: int = 0
    """What it would have cost more if all writes had been for an hour; negative is less."""
    short_nano: int = 0
    """The same if all had been for five minutes."""

    @property
    def prompt(self) -> int:
        """Prompt tokens of which it is known how much was read."""
        return self.input + self.read + self.write_5m + self.write_1h

    @property
    def token_rate(self) -> float | None:
        """Share of the prompt that was read from the cache; None where nothing is known."""
        return self.read / self.prompt if self.prompt else None

    @property
    def request_rate(self) -> float | None:
        """Share of the requests that read anything from the cache."""
        return self.hits / self.told if self.told else None

    @property
    def net_nano(self) -> int:
        """What caching saved after what writing cost above plain input."""
        return self.saved_nano - self.premium_nano

    def __add__(self, other: CacheSum) -> CacheSum:
        """Return the sums, field by field."""
        return CacheSum(*map(add, _figures(self), _figures(other)))


_figures = attrgetter(*CacheSum.__struct_fields__)
NO_CACHE: Final = CacheSum()


class CauseSum(NamedTuple):
    """All breaks of one cause."""

    breaks: int = 0
    rewritten: int = 0
    lost_nano: int = 0
    unpriced: int = 0
    """Breaks without a price."""


class SessionName(NamedTuple):
    """A session, all its agents together."""

    source: str
    session: str


class GatewaySum(NamedTuple):
    """What one gateway's logs tell of a cache of its own, or of prompts that it shortened."""

    source: str
    requests: int
    """Requests that its logs tell of."""
    hits: int
    """Those that it answered itself."""
    saved_nano: int
    """What its log says that they would have cost."""
    untold: int
    """Hits of which it does not say that."""
    shortened: int
    """Requests out of whose prompt it took tokens."""
    tokens_saved: int


class CachePart(Struct, frozen=True):
    """What caching did in one stretch of time."""

    sessions: Mapping[SessionName, CacheSum] = field(default_factory=dict)
    models: Mapping[str, CacheSum] = field(default_factory=dict)
    buckets: Mapping[int, CacheSum] = field(default_factory=dict)
    """By the start of a step of time."""
    projects: Mapping[SessionName, tuple[int, str]] = field(default_factory=dict)
    """When and where each session worked last."""
    causes: Mapping[Cause, CauseSum] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    """The costliest ones."""
    ends: Mapping[Chain, Warm] = field(default_factory=dict)
    """What each agent's last request left."""
