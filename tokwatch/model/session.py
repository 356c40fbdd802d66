"""The nouns of one session: its requests in order, and the agents that belong to it.

Frozen values that store, analysis and screen share; standard library only.
"""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.caching import CachedRequest
from tokwatch.model.usage import CostMode


class SessionRequest(NamedTuple):
    """One request of a session, with all that is known of it."""

    cached: CachedRequest
    """Whose it is, when, and its prompt's tokens with the rates that they were priced at."""
    provider: str
    tier: str
    branch: str
    output: int
    output_rate: int
    """Nano-dollars a thousand tokens; 0 without a price."""
    reasoning: int
    web_searches: int
    is_final: int
    """0 where the counts are a lower bound."""
    computed_nano: int | None
    """None without a price."""
    logged_nano: int | None
    window: int | None
    """As logged."""
    path: str
    """Its log; nothing that could be opened where another machine told it."""
    offset: int

    @property
    def key(self) -> int:
        """Return the event's key."""
        return self.cached.key

    @property
    def instant_ms(self) -> int:
        """Return when it was answered."""
        return self.cached.instant_ms

    @property
    def prompt(self) -> int:
        """Return all tokens that were sent, as far as they are told."""
        told = self.cached
        return told.input + (told.cache_read or 0) + told.cache_write_5m + told.cache_write_1h

    @property
    def is_single(self) -> bool:
        """Tell whether the counts are one request's own, so that its prompt is a context."""
        return self.cached.requests == 1 and not self.cached.is_derived

    def cost_nano(self, mode: CostMode) -> int | None:
        """Return the cost that counts; None where there is none."""
        if mode is CostMode.DISPLAY:
            return self.logged_nano or 0
        if mode is CostMode.CALCULATE or self.logged_nano is None:
            return self.computed_nano
        return self.logged_nano


class Kin(NamedTuple):
    """An agent of a family of sessions: those that one session set to work, and theirs."""

    session: str
    agent: str
    """The sub-agent's id; empty for the session's own."""
    kind: str
    parent: str
    """The session that spawned this one; empty for the first one."""
