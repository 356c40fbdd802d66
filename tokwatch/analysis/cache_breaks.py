"""Why a prompt cache broke: each request against what the one before it left in the cache.

docs/cache.md has the rules in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tokwatch.model.caching import (
    LONG_MS,
    SHORT_MS,
    Break,
    CachedRequest,
    Cause,
    Chain,
    Warm,
)

LEAST_TOKENS: Final = 1_024
"""The shortest prefix that providers cache; less than that is no break."""
LOOK_BACK: Final = 8
"""How many requests of an agent decide what it has in the cache."""
MOST_ASIDE: Final = 2
"""Requests to another model, one after the other, that are no switch if their prompts are small."""

Compactions = Mapping[Chain, Sequence[int]]
"""Instants by agent, where the logs tell them."""


def warm_ends(requests: Iterable[CachedRequest]) -> dict[Chain, Warm]:
    """Return what the last of some requests left in the cache, by agent; the oldest come first."""
    ends: dict[Chain, Warm] = {}
    for request in requests:
        chain = request.chain
        left = after(ends.get(chain), request)
        if left is not None:
            ends[chain] = left
    return ends


def after(before: Warm | None, request: CachedRequest) -> Warm | None:
    """Return what is in the cache after a request; None while nothing is known."""
    prompt = prompt_of(request)
    if request.cache_read is None or not prompt or not is_single(request):
        return before
    if before is not None and _is_aside(before, request, prompt):
        return before._replace(aside=before.aside + 1)
    read, written = request.cache_read, request.cache_write_5m + request.cache_write_1h
    same = before if before is not None and before.model == request.model else None
    ttl_ms, unwritten = _lifetime(same, request)
    unseen = 0 if read or written else LOOK_BACK if same is None else same.unseen + 1
    is_written = unwritten < LOOK_BACK
    cached = read + written
    if not is_written:
        cached = prompt if unseen < LOOK_BACK else 0
    return Warm(
        request.first_ms,
        request.model,
        prompt,
        cached,
        ttl_ms,
        is_written,
        _at_stake(request, cached, ttl_ms, is_written),
        request.project,
        unseen,
        unwritten,
    )


def break_of(before: Warm | None, request: CachedRequest, compactions: Compactions) -> Break | None:
    """Return the break that a request shows, None where it read what there was."""
    prompt, read = prompt_of(request), request.cache_read
    if read is None or not prompt or not is_single(request):
        return None
    if before is None:
        return _first(request) if read or request.cache_write_5m or request.cache_write_1h else None
    if _is_aside(before, request, prompt):
        return None
    held = min(before.cached, prompt)
    missed = held - read
    if missed < LEAST_TOKENS or read * 10 >= held * 9:
        return None
    idle_ms = max(0, request.first_ms - before.first_ms)
    return Break(
        request.key,
        request.instant_ms,
        request.chain,
        request.project,
        request.model,
        _cause(before, request, prompt, idle_ms, compactions),
        idle_ms,
        before.ttl_ms,
        missed,
        lost_nano(request, missed),
    )


def prompt_of(request: CachedRequest) -> int:
    """Return all tokens that were sent."""
    read = request.cache_read or 0
    return request.input + read + request.cache_write_5m + request.cache_write_1h


def is_single(request: CachedRequest) -> bool:
    """Tell whether the counts are one request's own."""
    return request.requests == 1 and not request.is_derived


def lost_nano(request: CachedRequest, missed: int) -> int | None:
    """Return what tokens that were sent again cost above reading them; None without a price."""
    if not request.is_priced:
        return None
    long, short, fresh = front_of(request, missed)
    return nano(
        long * (request.write_1h_rate - request.read_rate)
        + short * (request.write_5m_rate - request.read_rate)
        + fresh * (request.input_rate - request.read_rate)
    )


def front_of(request: CachedRequest, tokens: int) -> tuple[int, int, int]:
    """Return how many of the first tokens not read were written for an hour, for less, or not.

    What is written for an hour stands before what is written for five minutes, and both before
    what is not written.
    """
    long = min(tokens, request.cache_write_1h)
    short = min(tokens - long, request.cache_write_5m)
    return long, short, tokens - long - short


def nano(thousandths: int) -> int:
    """Return tokens times rates a thousand as nano-dollars, rounded half up."""
    return (thousandths + 500) // 1000


def _is_aside(before: Warm, request: CachedRequest, prompt: int) -> bool:
    """Tell whether a small question went to another model while the conversation waits."""
    return (
        request.model != before.model
        and prompt * 2 < before.prompt
        and before.aside < MOST_ASIDE
        and request.first_ms - before.first_ms <= LONG_MS
    )


def _lifetime(same: Warm | None, request: CachedRequest) -> tuple[int, int]:
    """Return how long the cache lives without use, and how many requests ago one wrote to it."""
    if request.cache_write_5m:
        return SHORT_MS, 0
    if request.cache_write_1h:
        return LONG_MS, 0
    if same is None or same.unwritten + 1 >= LOOK_BACK:
        return SHORT_MS, LOOK_BACK
    return same.ttl_ms, same.unwritten + 1


def _at_stake(request: CachedRequest, cached: int, ttl_ms: int, is_written: bool) -> int | None:
    if not request.is_priced:
        return None
    rate = request.input_rate
    if is_written:
        rate = request.write_1h_rate if ttl_ms == LONG_MS else request.write_5m_rate
    return nano(cached * (rate - request.read_rate))


def _first(request: CachedRequest) -> Break:
    return Break(
        request.key,
        request.instant_ms,
        request.chain,
        request.project,
        request.model,
        *(Cause.FIRST, 0, 0, 0, 0),
    )


def _cause(
    before: Warm, request: CachedRequest, prompt: int, idle_ms: int, compactions: Compactions
) -> Cause:
    told = compactions.get(request.chain, ())
    was_compacted = any(before.first_ms < at_ms <= request.instant_ms for at_ms in told)
    if was_compacted or prompt * 2 < before.prompt:
        return Cause.COMPACTION
    if request.model != before.model:
        return Cause.SWITCH
    if idle_ms > before.ttl_ms:
        return Cause.IDLE
    return Cause.PREFIX if before.is_written else Cause.MISSED
