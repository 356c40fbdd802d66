"""Which request a rollout's usage records are of, by the rules that count them."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from msgspec import Struct

from tokwatch.model.event import response_key
from tokwatch.sources.agents.codex_records import Vector, counts_of, loose_payload, vector

_pack = struct.Struct("<6q").pack
_REASONING: Final = 4
_TOTAL: Final = 5


class Chain(Struct, array_like=True):
    """What the next usage record is to be compared with."""

    totals: Vector | None = None
    digest: bytes = b""
    records: bool = False
    """True once a `token_usage_record` was seen: then only those are requests."""


class Told(NamedTuple):
    """What one usage record tells."""

    key: int
    """The event's; 0 where it is of no further request."""
    reasoning: int
    context: int
    """Tokens of the context after it; 0 where that is not told."""


def of_record(chain: Chain, payload: dict[str, Any], place: str) -> Told | None:
    """Take a response's own usage record; `place` names one that has no id."""
    loose = loose_payload(payload)
    usage = vector(counts_of(loose.usage))
    if usage is None:
        return None
    chain.records = True
    return Told(response_key(loose.response_id or place), usage[_REASONING], usage[_TOTAL])


def of_totals(chain: Chain, payload: dict[str, Any]) -> Told | None:
    """Take a running total: a request's, where it is another one than the last."""
    info = loose_payload(payload).info
    totals = vector(counts_of(info.total_token_usage)) if info else None
    if info is None or totals is None:
        return None
    last = vector(counts_of(info.last_token_usage))
    context = last[_TOTAL] if last else 0
    if chain.records or totals == chain.totals:
        return Told(0, 0, context)
    before = chain.totals
    chain.totals = totals
    chain.digest = blake2b(chain.digest + _pack(*totals), digest_size=16).digest()
    grown = totals[_REASONING] - (before[_REASONING] if before else 0)
    reasoning = last[_REASONING] if last else max(0, grown)
    return Told(int.from_bytes(chain.digest[:8], "big") >> 1, reasoning, context)
