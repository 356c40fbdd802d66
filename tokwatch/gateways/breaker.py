"""When a part is polled next: after success at its pace, after failures ever later.

The circuit is closed while it answers, opens after failures in a row or one that will not pass by
itself, and lets a single question through after a while (half-open).
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tokwatch.model.endpoint import EndpointState, PollState
from tokwatch.model.units import DAY_MS

OPENS_AFTER: Final = 5
"""Failures one after the other."""
FIRST_WAIT_MS: Final = 5_000
MOST_WAIT_MS: Final = 15 * 60_000
MOST_ASKED_MS: Final = DAY_MS
"""A server that asks for a longer silence is asked again after this."""
JITTER: Final = 0.1


def before(state: EndpointState) -> EndpointState:
    """Return the state in which a part is asked."""
    if state.state is PollState.OPEN:
        return replace(state, state=PollState.HALF_OPEN)
    return state


def succeeded(state: EndpointState, now_ms: int, every_s: float, chance: float) -> EndpointState:
    """Return the state after an answer; `chance` from 0 to 1 spreads the next question."""
    wait_ms = every_s * 1000 * (1 + JITTER * (2 * chance - 1))
    return replace(
        state,
        state=PollState.CLOSED,
        failures=0,
        error="",
        note="",
        tried_ms=now_ms,
        succeeded_ms=now_ms,
        next_ms=now_ms + round(wait_ms),
    )


def failed(
    state: EndpointState,
    now_ms: int,
    words: str,
    chance: float,
    *,
    is_passing: bool = True,
    asked_ms: int = 0,
) -> EndpointState:
    """Return the state after a failure; never before what a Retry-After asked for is over.

    One that is not passing opens the circuit at once.
    """
    failures = state.failures + 1
    wait_ms = min(MOST_WAIT_MS, FIRST_WAIT_MS << min(failures - 1, 20))
    if not is_passing:
        wait_ms = MOST_WAIT_MS
    spread = wait_ms * JITTER * 2 * chance
    opens = not is_passing or failures >= OPENS_AFTER or state.state is PollState.HALF_OPEN
    wait_ms = min(MOST_WAIT_MS, round(wait_ms * (1 - JITTER) + spread))
    return replace(
        state,
        state=PollState.OPEN if opens else PollState.CLOSED,
        failures=failures,
        error=words,
        note="",
        tried_ms=now_ms,
        next_ms=now_ms + max(wait_ms, min(asked_ms, MOST_ASKED_MS)),
    )


def not_offered(state: EndpointState, now_ms: int, words: str) -> EndpointState:
    """Return the state of a part that the endpoint does not have; it is asked again later."""
    return replace(
        state,
        state=PollState.CLOSED,
        failures=0,
        error="",
        note=words,
        tried_ms=now_ms,
        succeeded_ms=now_ms,
        next_ms=now_ms + MOST_WAIT_MS,
    )
