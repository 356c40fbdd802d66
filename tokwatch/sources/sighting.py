"""Makes sightings of what a record tells: the classes it knows, and nothing where it is silent."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting


class Tokens(NamedTuple):
    """Disjoint token classes of one request; None is unknown, reasoning is a part of output."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    """Of five minutes, as any write whose time to live is not told."""
    reasoning: int | None = None


def without_cache(whole: int, cache_read: int, cache_write: int) -> int:
    """Return the input that was not cached, of an input that includes the cache.

    One that is too small for it does not include it.
    """
    cached = cache_read + cache_write
    return whole - cached if cached <= whole else whole


def sighting_of(
    key: int,
    instant_ms: int,
    scope: Scope,
    model: ModelName,
    tokens: Tokens,
    *,
    offset: int = 0,
    requests: int = 1,
    cost_nano: int | None = None,
    grade: Grade = Grade.RECORD,
    is_final: bool = True,
) -> Sighting:
    """Return a sighting of a request of which a log has one record."""
    return Sighting(
        key=key,
        instant_ms=instant_ms,
        first_ms=instant_ms,
        scope=scope,
        model=model,
        requests=requests,
        input=tokens.input,
        cache_read=tokens.cache_read,
        cache_write_5m=tokens.cache_write,
        cache_write_1h=None if tokens.cache_write is None else 0,
        output=tokens.output,
        reasoning=tokens.reasoning,
        web_searches=0,
        logged_nano=cost_nano,
        window=None,
        grade=grade.value,
        final=int(is_final),
        copied=0,
        offset=offset,
    )
