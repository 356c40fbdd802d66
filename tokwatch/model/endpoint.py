"""What endpoints tell: usage in buckets of time, and how the polling of each part does."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.measure import Measure


class Bucket(NamedTuple):
    """What one report of an endpoint says was used in one stretch of time by one group.

    It is an aggregate: it is never added to events, and reports overlap one another.
    Token classes are disjoint; None is unknown or not part of the report.
    """

    report: str
    """Which report, such as "usage" or "cost"."""
    begin_ms: int
    """UTC."""
    width_ms: int
    model: str = ""
    provider: str = ""
    project: str = ""
    """The provider's project, workspace or team."""
    user: str = ""
    key: str = ""
    """The name or id of a key, never the key."""
    tier: str = ""
    item: str = ""
    """What a line of cost is for, where it is for no model alone."""
    requests: int | None = None
    input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    web_searches: int | None = None
    cost_nano: int | None = None


COUNTED: Final = Bucket._fields[10:]
"""The fields of a bucket that add up."""


class Replaced(NamedTuple):
    """A range of a report that was told whole: what the store holds of it goes."""

    report: str
    since_ms: int
    until_ms: int


class PollState(StrEnum):
    """The circuit breaker of one part of an endpoint."""

    CLOSED = "closed"
    """It is polled."""
    OPEN = "open"
    """It failed so often that it is left alone for a while."""
    HALF_OPEN = "half-open"
    """One request finds out whether it answers again."""


class EndpointState(Struct, frozen=True):
    """How the polling of one part of an endpoint does; the cursor says where to go on."""

    name: str
    part: str
    kind: str = ""
    state: PollState = PollState.CLOSED
    failures: int = 0
    """One after the other, up to now."""
    error: str = ""
    """What the last failure was, without address, key or what was answered."""
    note: str = ""
    """Why it tells nothing although nothing failed."""
    tried_ms: int | None = None
    succeeded_ms: int | None = None
    next_ms: int = 0
    """When it is polled next."""
    newest_ms: int | None = None
    """Up to when it has told what was used."""
    requests: int = 0
    """HTTP requests ever sent."""
    bytes: int = 0
    """Bytes ever received, heads of answers included."""
    unchanged: int = 0
    """Answers that said "not modified"."""
    bad: int = 0
    """Records that could not be read."""
    paused: bool = False
    cursor: str = ""

    @property
    def is_failing(self) -> bool:
        """Tell whether it wants a look."""
        return bool(self.error)


class ReportSpan(NamedTuple):
    """A report of an endpoint, and when the first and the last of its buckets begin."""

    endpoint: str
    report: str
    first_ms: int
    last_ms: int


class ReportSum(NamedTuple):
    """What one report of an endpoint says of a range, in all."""

    endpoint: str
    report: str
    buckets: int
    first_ms: int
    last_ms: int
    """Begin of its newest bucket."""
    requests: int | None
    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    web_searches: int | None
    cost_nano: int | None

    @property
    def tokens(self) -> int:
        """All tokens that it knows of."""
        return sum(count or 0 for count in self[6:11])


CLOCK: Final = "clock_ahead_seconds"
"""By how much the endpoint's clock is ahead of this machine's; told while they differ."""
GAUGES: Final = {
    "requests_running": "running",
    "requests_waiting": "waiting",
    "kv_cache_share": "KV cache",
    "cache_hit_share": "cache hits",
    "context_share": "context",
    "context_tokens": "context tokens",
    "budget_left_usd": "budget left",
    "credits_left_usd": "credits left",
    "limit_usd": "limit",
    "spent_usd": "spent",
    "spent_today_usd": "spent today",
    "spent_week_usd": "spent this week",
    "spent_month_usd": "spent this month",
    "requests_left": "requests left",
    "tokens_left": "tokens left",
    "tokens_per_minute_limit": "tokens a minute at most",
    "requests_per_minute_limit": "requests a minute at most",
    "deployment_state": "deployment",
    "ready": "ready",
    "models_loaded": "models loaded",
    "window_tokens": "window",
    "memory_bytes": "memory",
    "video_memory_bytes": "video memory",
    "tokens_saved": "tokens saved",
    CLOCK: "clock ahead by",
}
"""Measures that endpoints tell, and what they are called on the screen."""


class EndpointHealth(Struct, frozen=True):
    """One configured endpoint: how its parts do, and what it told last."""

    name: str
    kind: str
    title: str
    address: str
    on: bool
    parts: tuple[EndpointState, ...]
    """All that are polled, also those that never were yet."""
    sums: tuple[ReportSum, ...] = ()
    """Of the last day, or of all time: as it was asked for."""
    gauges: tuple[Measure, ...] = ()
    """The newest value of each, of the last minutes."""

    @property
    def is_paused(self) -> bool:
        """Tell whether the user paused it."""
        return any(part.paused for part in self.parts)

    @property
    def worst(self) -> EndpointState | None:
        """The part that wants a look first; None where all do well."""
        failing = [part for part in self.parts if part.is_failing]
        return max(failing, key=lambda part: part.failures, default=None)
