"""What other lifetimes of cache writes would have changed, on the pauses as they were.

An hour costs more to write and survives longer pauses; five minutes the other way round.
"""

from __future__ import annotations

from tokwatch.analysis.cache_breaks import front_of, is_single, nano
from tokwatch.model.caching import LONG_MS, SHORT_MS, Break, CachedRequest, Cause, Warm


def long_nano(request: CachedRequest, before: Warm | None, broken: Break | None) -> int:
    """Return what a request would have cost more if all writes had been for an hour.

    What it sent again after a pause of up to an hour, it would have read.
    """
    long, short, fresh = front_of(request, _survived(before, broken))
    return nano(
        (request.cache_write_5m - short) * (request.write_1h_rate - request.write_5m_rate)
        - long * (request.write_1h_rate - request.read_rate)
        - short * (request.write_5m_rate - request.read_rate)
        - fresh * (request.input_rate - request.read_rate)
    )


def short_nano(request: CachedRequest, before: Warm | None) -> int:
    """Return what a request would have cost more if all writes had been for five minutes.

    What it read after a pause that only an hour's writes survive, it would have written again.
    """
    return nano(
        request.cache_write_1h * (request.write_5m_rate - request.write_1h_rate)
        + _lapsed(request, before) * (request.write_5m_rate - request.read_rate)
    )


def _survived(before: Warm | None, broken: Break | None) -> int:
    """Return the tokens that were lost to a pause which an hour's writes survive."""
    if before is None or broken is None or broken.cause is not Cause.IDLE:
        return 0
    if not before.is_written:
        return 0
    return broken.rewritten if broken.ttl_ms == SHORT_MS and broken.idle_ms <= LONG_MS else 0


def _lapsed(request: CachedRequest, before: Warm | None) -> int:
    """Return the tokens that were read after a pause which five minutes' writes do not survive."""
    if before is None or not before.is_written or before.ttl_ms != LONG_MS:
        return 0
    if not is_single(request) or request.model != before.model:
        return 0
    pause_ms = request.first_ms - before.first_ms
    is_between = SHORT_MS < pause_ms <= LONG_MS
    return min(request.cache_read or 0, before.cached) if is_between else 0
