"""Literal pages of the cache screen."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from tests.ui.literal import NOW, dollars
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config.sections import ResponseCache
from tokwatch.model.caching import (
    LONG_MS,
    SHORT_MS,
    Break,
    CacheSum,
    Cause,
    CauseSum,
    Chain,
    GatewaySum,
    SessionName,
    Warm,
)
from tokwatch.model.repeats import KeyKind, Outcome
from tokwatch.model.usage import Slice
from tokwatch.pages.cache import (
    CachePage,
    Course,
    ModelCache,
    SessionCache,
    WarmChain,
)
from tokwatch.pages.response_cache import ResponsePage, Simulation

SICK = Chain("claude-code", "7f3a1111-0000-4000-8000-0000000004c1", "")
CALM = Chain("claude-code", "b01e2222-0000-4000-8000-0000000009d2", "")
SUB = Chain("claude-code", CALM.session, "a9")
CODEX = Chain("codex", "5512aaaa-0000-4000-8000-00000000e077", "")
STEPS = 49


def ago(**units: float) -> int:
    """Return an instant so long before the literal now."""
    moment: datetime = NOW - timedelta(**units)
    return epoch_ms(moment)


def of(
    read: int, lost: float = 0.0, *, requests: int = 40, write: int = 40_000, **told: int
) -> CacheSum:
    """Return a sum of so many tokens read, and dollars lost."""
    figures = {
        "told": requests,
        "hits": requests - (4 if lost else 1),
        "input": read // 50,
        "read": read,
        "write_5m": write,
        "saved_nano": read * 4_500,
        "written_nano": write * 6_250,
        "premium_nano": write * 1_250,
        "breaks": 3 if lost else 0,
        "rewritten": 460_000 if lost else 0,
        "lost_nano": dollars(lost),
        "long_nano": write * 3_750 - dollars(lost) // 3,
        "short_nano": 0,
    }
    return CacheSum(**{**figures, **told})


def course() -> Course:
    """Return four hours by the five minutes, with a hole and a fall."""
    sums: list[CacheSum | None] = []
    for step in range(STEPS):
        fall = 0.6 if 38 <= step <= 42 else 0.0
        read = int(1_000_000 * (0.95 - fall + 0.03 * math.sin(step)))
        known = None if 20 <= step <= 23 else of(read, 0.4 if fall else 0.0, write=1_000_000 - read)
        sums.append(known)
    return Course(ago(hours=4), 300_000, tuple(sums))


def broke(
    number: int,
    minutes: float,
    cause: Cause,
    lost: float | None,
    *,
    chain: Chain = SICK,
    model: str = "claude-opus-4-5-20251101",
    idle_s: int = 12,
    ttl_ms: int = SHORT_MS,
    rewritten: int = 150_000,
) -> Break:
    """Return a break so many minutes ago."""
    nano = None if lost is None else dollars(lost)
    again = 0 if cause is Cause.FIRST else rewritten
    return Break(
        *(number, ago(minutes=minutes), chain, "/home/dev/checkout-svc", model, cause),
        *(idle_s * 1000, ttl_ms, again, nano),
    )


BREAKS = (
    broke(1, 44, Cause.PREFIX, 0.86),
    broke(2, 41, Cause.PREFIX, 0.85, idle_s=64),
    broke(3, 70, Cause.IDLE, 0.71, chain=CALM, model="claude-sonnet-4-5", idle_s=742),
    broke(4, 200, Cause.IDLE, 0.52, chain=CALM, idle_s=9_000, ttl_ms=LONG_MS),
    broke(5, 95, Cause.SWITCH, 0.31, chain=SUB, model="claude-haiku-4-5"),
    broke(6, 120, Cause.COMPACTION, 0.28, rewritten=31_000),
    broke(7, 60, Cause.MISSED, 0.06, chain=CODEX, model="gpt-5.2", rewritten=20_480),
    broke(8, 33, Cause.PREFIX, None, chain=CODEX, model="deepinfra/mixtral"),
    broke(9, 235, Cause.FIRST, 0, chain=CODEX, model="gpt-5.2"),
    broke(10, 60 * 30, Cause.FIRST, 0, chain=SUB, model="claude-haiku-4-5"),
)


def cause_sums() -> dict[Cause, CauseSum]:
    """Return the sums of the breaks."""
    sums: dict[Cause, CauseSum] = {}
    for one in BREAKS:
        before = sums.get(one.cause, CauseSum())
        sums[one.cause] = CauseSum(
            before.breaks + 1,
            before.rewritten + one.rewritten,
            before.lost_nano + (one.lost_nano or 0),
            before.unpriced + (one.lost_nano is None),
        )
    return sums


def warm(
    chain: Chain, project: str, seconds: int, ttl_ms: int, stake: float, *, written: bool = True
) -> WarmChain:
    """Return what an agent left in the cache so many seconds ago."""
    used_ms = ago(seconds=seconds)
    return WarmChain(
        chain,
        Warm(used_ms, "m", 190_000, 186_000, ttl_ms, written, dollars(stake), project),
    )


PAGE = CachePage(
    at_ms=epoch_ms(NOW),
    read=4_210,
    requests=4_210,
    total=of(41_000_000, 3.31, requests=4_210, write=2_400_000, write_1h=900_000, breaks=8),
    course=course(),
    causes=cause_sums(),
    breaks=BREAKS,
    sessions=(
        SessionCache(SessionName(*SICK[:2]), "/home/dev/checkout-svc", of(9_000_000, 1.99)),
        SessionCache(SessionName(*CALM[:2]), "/home/dev/tokwatch", of(21_000_000, 1.26)),
        SessionCache(
            SessionName(*CODEX[:2]), "/home/dev/infra-tf", of(11_000_000, 0.06, unpriced=9)
        ),
    ),
    models=(
        ModelCache("claude-opus-4-5-20251101", of(21_000_000, 2.4)),
        ModelCache("claude-sonnet-4-5", of(14_000_000, 0.7)),
        ModelCache("gpt-5.2", of(5_900_000, 0.06, write=0)),
    ),
    warm=(
        warm(SICK, "/home/dev/checkout-svc", 8, SHORT_MS, 1.07),
        warm(CALM, "/home/dev/tokwatch", 90, LONG_MS, 0.95),
        warm(CODEX, "/home/dev/infra-tf", 252, SHORT_MS, 0.21, written=False),
        warm(SUB, "/home/dev/tokwatch", 280, SHORT_MS, 0.04),
    ),
)
EMPTY_PAGE = CachePage(
    *(epoch_ms(NOW), 0, 0, CacheSum(), Course(ago(hours=4), 300_000, (None,) * STEPS)),
    *({}, (), (), (), ()),
)


def outcome(hits: int, requests: int = 2_012) -> Outcome:
    """Return what a cache with so many hits did."""
    return Outcome(requests, hits, hits // 3, hits * 34_000_000, hits * 61_000, 48, 702, 0)


def simulation(kind: KeyKind, *hits: int) -> Simulation:
    """Return a simulation with these hits by size."""
    sizes = (10, 30, 100, 300, 1_000, 3_000, 10_000)
    outcomes = tuple(zip(sizes, map(outcome, hits), strict=True))
    near = outcome(hits[-1] + 20)
    large = outcomes[4][1]
    return Simulation(kind, outcomes[2][1], large, outcome(hits[-1] + 50), near, outcomes)


RESPONSES = ResponsePage(
    at_ms=epoch_ms(NOW),
    shown=Slice(),
    gateways=(
        GatewaySum("litellm", 1_204, 96, dollars(1.42), 0, 0, 0),
        GatewaySum("headroom", 880, 12, 0, 12, 640, 1_240_000),
    ),
    requests=4_210,
    known=2_012,
    tempered=0,
    simulations=(
        simulation(KeyKind.WHOLE, 12, 15, 18, 18, 18, 18, 18),
        simulation(KeyKind.RECENT, 24, 32, 61, 84, 84, 84, 84),
        simulation(KeyKind.NEWEST, 219, 258, 262, 301, 340, 340, 340),
    ),
    limits=ResponseCache(),
    left=0,
)
NO_RESPONSES = ResponsePage(epoch_ms(NOW), Slice(), (), 0, 0, 0, (), ResponseCache(), 0)
