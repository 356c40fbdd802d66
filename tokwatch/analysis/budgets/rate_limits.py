"""Tokens per minute over a sliding minute, and what a limiter would have held back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokwatch.model.standing import Held
from tokwatch.model.units import MINUTE_MS


class Rated(NamedTuple):
    """One request as a rate limit sees it."""

    at_ms: int
    tokens: int


def last_minute(requests: Iterable[Rated], at_ms: int) -> int:
    """Return the tokens of the minute up to a moment."""
    return sum(one.tokens for one in requests if at_ms - MINUTE_MS < one.at_ms <= at_ms)


def peak_minute(requests: Sequence[Rated]) -> int:
    """Return the tokens of the fullest minute; the requests are in order of time."""
    inside: deque[Rated] = deque()
    total = most = 0
    for one in requests:
        inside.append(one)
        total += one.tokens
        while inside[0].at_ms <= one.at_ms - MINUTE_MS:
            total -= inside.popleft().tokens
        most = max(most, total)
    return most


def held_back(requests: Sequence[Rated], limit: int) -> Held:
    """Return what a limiter in order of arrival would have held back.

    A request starts once the tokens of the minute before leave room for it, and after those that
    came before it; one larger than the limit waits for an empty minute. Requests are in order.
    """
    started: deque[Rated] = deque()
    inside = held = waited = longest = before_ms = 0
    for one in requests:
        start_ms = max(one.at_ms, before_ms)
        while started and started[0].at_ms <= start_ms - MINUTE_MS:
            inside -= started.popleft().tokens
        while started and inside + one.tokens > limit:
            first = started.popleft()
            inside -= first.tokens
            start_ms = max(start_ms, first.at_ms + MINUTE_MS)
        started.append(Rated(start_ms, one.tokens))
        inside += one.tokens
        before_ms = start_ms
        wait_ms = start_ms - one.at_ms
        if wait_ms > 0:
            held, waited, longest = held + 1, waited + wait_ms, max(longest, wait_ms)
    return Held(len(requests), held, waited, longest)
