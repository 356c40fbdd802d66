"""What happened in the last hours: the sessions with which the screen opens."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tokwatch.demo.agent import Desk
from tokwatch.demo.desks import (
    CHECKOUT,
    CODEX_ROLE,
    CODEX_WINDOW,
    DOCS,
    EXPLORE,
    GENERAL,
    INFRA,
    MOBILE,
    PAYMENTS,
    REPORTS,
)


class SubAgent(Struct, frozen=True):
    """What it is, and from when to when it works, in minutes ago."""

    kind: str
    begin: float
    end: float


class Scene(Struct, frozen=True):
    """A session; all times are minutes ago. One that ends now goes on live."""

    desk: Desk
    begin: float
    end: float
    gap_seconds: float
    context: int
    """Tokens that the context comes to at the end."""
    misses: tuple[float, float] = (0, 0)
    """From when to when every request misses the cache."""
    sub_agents: tuple[SubAgent, ...] = ()


SCRIPT: Final = (
    Scene(CHECKOUT, 55, 0, 22, 140_000, misses=(29, 20), sub_agents=(SubAgent(EXPLORE, 41, 36),)),
    Scene(
        MOBILE, 52, 0, 20, 240_000, sub_agents=(SubAgent(GENERAL, 31, 19), SubAgent(EXPLORE, 4, 0))
    ),
    Scene(PAYMENTS, 45, 0, 20, CODEX_WINDOW * 88 // 100),
    Scene(DOCS, 70, 17, 40, 96_000),
    Scene(INFRA, 185, 100, 55, 170_000, sub_agents=(SubAgent(CODEX_ROLE, 160, 148),)),
    Scene(REPORTS, 225, 165, 60, 185_000),
)
