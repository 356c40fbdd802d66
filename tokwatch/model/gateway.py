"""A line of the overview about an endpoint: how it does, and what it told of the last while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from tokwatch.model.endpoint import EndpointHealth


class Gateway(Struct, frozen=True):
    """One configured endpoint; what it does not tell is None."""

    health: EndpointHealth
    tokens_per_minute: float | None = None
    """Of the last minutes, as its counters grew."""
    requests_per_minute: float | None = None
    hit_rate: float | None = None
    """Cache reads as a share of prompt tokens, of the last 24 hours."""
    running: float | None = None
    waiting: float | None = None
    spend_nano: int | None = None
    """Of the last 24 hours, as it says itself."""
    left_nano: int | None = None
    """What is left of the tightest of its budgets and credits."""
