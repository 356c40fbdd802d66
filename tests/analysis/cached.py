"""Requests as a cache sees them, and a slow computation of what caching did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tokwatch.model.caching import LONG_MS, SHORT_MS, CachedRequest, CacheSum, Cause, Chain

START_MS = 1_772_323_200_000
SECOND_MS = 1_000
INPUT, READ, SHORT, LONG = 5_000_000, 500_000, 6_250_000, 10_000_000
"""Rates of the tests' model: $5, $0.50, $6.25 and $10 a million tokens."""


def sent(number: int, after_s: float = 0, **told: object) -> CachedRequest:
    """Return a request so many seconds after the start: by default 20,000 tokens, all read."""
    at_ms = START_MS + round(after_s * SECOND_MS)
    plain = CachedRequest(
        *(number, at_ms + 400, at_ms, "claude-code", "s1", "", "/code/shop", "opus"),
        requests=1,
        is_derived=0,
        input=10,
        cache_read=20_000,
        cache_write_5m=0,
        cache_write_1h=0,
        is_priced=1,
        input_rate=INPUT,
        read_rate=READ,
        write_5m_rate=SHORT,
        write_1h_rate=LONG,
    )
    return plain._replace(**told)  # type: ignore[arg-type]  # of the fields' own types


@dataclass(slots=True)
class Slow:
    """What caching did, each request against all before it, in fractions of dollars."""

    figures: dict[str, int] = field(default_factory=dict)
    breaks: list[tuple[int, Cause, int, int | None]] = field(default_factory=list)
    """Key, cause, tokens sent again, nano-dollars lost."""

    @property
    def sum(self) -> CacheSum:
        """The figures as a sum."""
        return CacheSum(**self.figures)

    def add(self, **more: int) -> None:
        for name, figure in more.items():
            self.figures[name] = self.figures.get(name, 0) + figure


def slowly(requests: Iterable[CachedRequest], compactions: Mapping[Chain, Sequence[int]]) -> Slow:
    """Return what caching did in requests, whole agents one after the other."""
    found = Slow()
    chains: dict[Chain, list[CachedRequest]] = {}
    for one in sorted(requests, key=lambda one: (one.instant_ms, one.key)):
        chains.setdefault(one.chain, []).append(one)
    for chain, own in chains.items():
        for place, one in enumerate(own):
            _count(found, one)
            if one.cache_read is not None:
                _judge(found, own[:place], one, compactions.get(chain, ()))
    return found


def _count(found: Slow, one: CachedRequest) -> None:
    read, short, long = one.cache_read, one.cache_write_5m, one.cache_write_1h
    if read is None:
        found.add(blind_prompt=one.input + short + long)
        return
    single = one.requests == 1 and not one.is_derived
    found.add(input=one.input, read=read, write_5m=short, write_1h=long)
    found.add(told=int(single), hits=int(single and read > 0))
    if one.is_priced:
        paid = Fraction(short * one.write_5m_rate + long * one.write_1h_rate, 1000)
        found.add(saved_nano=_whole(Fraction(read * (one.input_rate - one.read_rate), 1000)))
        found.add(written_nano=_whole(paid))
        found.add(premium_nano=_whole(paid - Fraction((short + long) * one.input_rate, 1000)))
    else:
        found.add(unpriced=read + short + long)


def _judge(
    found: Slow, before: Sequence[CachedRequest], one: CachedRequest, compacted: Sequence[int]
) -> None:
    """Set a request against the last one that tells what was in the cache."""
    told = [each for each in before if _tells(each)]
    longer = Fraction(one.cache_write_5m * (one.write_1h_rate - one.write_5m_rate), 1000)
    shorter = Fraction(one.cache_write_1h * (one.write_5m_rate - one.write_1h_rate), 1000)
    if _tells(one) and not told:
        if one.cache_read or one.cache_write_5m or one.cache_write_1h:
            found.breaks.append((one.key, Cause.FIRST, 0, 0))
    elif _tells(one):
        last = told[-1]
        cached, ttl_ms, written = _left(told)
        held, read = min(cached, _prompt(one)), one.cache_read or 0
        idle_ms, again = max(0, one.first_ms - last.first_ms), held - read
        if again >= 1_024 and Fraction(read, held) < Fraction(9, 10):
            cause = _cause(last, one, compacted, ttl_ms if idle_ms > ttl_ms else 0, written)
            above, kept = _above(one, again)
            lost = _whole(above) if one.is_priced else None
            found.breaks.append((one.key, cause, again, lost))
            if cause is not Cause.COMPACTION:
                found.add(breaks=1, rewritten=again, lost_nano=lost or 0)
            if cause is Cause.IDLE and written and ttl_ms == SHORT_MS and idle_ms <= LONG_MS:
                longer -= Fraction(kept * (one.write_1h_rate - one.write_5m_rate), 1000) + above
        same = one.model == last.model and written and ttl_ms == LONG_MS
        if same and SHORT_MS < one.first_ms - last.first_ms <= LONG_MS:
            lapsed = min(read, cached) * (one.write_5m_rate - one.read_rate)
            shorter += Fraction(lapsed, 1000)
    if one.is_priced:
        found.add(long_nano=_whole(longer), short_nano=_whole(shorter))


def _cause(
    last: CachedRequest,
    one: CachedRequest,
    compacted: Sequence[int],
    lapsed_ms: int,
    written: bool,
) -> Cause:
    is_told = any(last.first_ms < at_ms <= one.instant_ms for at_ms in compacted)
    if is_told or _prompt(one) * 2 < _prompt(last):
        return Cause.COMPACTION
    if one.model != last.model:
        return Cause.SWITCH
    if lapsed_ms:
        return Cause.IDLE
    return Cause.PREFIX if written else Cause.MISSED


def _above(one: CachedRequest, again: int) -> tuple[Fraction, int]:
    """Return what the first tokens not read cost above reading; of them the five-minute writes."""
    sums, taken = Fraction(), 0
    short = 0
    for tokens, rate in (
        (one.cache_write_1h, one.write_1h_rate),
        (one.cache_write_5m, one.write_5m_rate),
        (one.input, one.input_rate),
    ):
        here = max(0, min(tokens, again - taken))
        sums += Fraction(here * (rate - one.read_rate), 1000)
        short = here if rate == one.write_5m_rate else short
        taken += here
    return sums, short


def _left(told: Sequence[CachedRequest]) -> tuple[int, int, bool]:
    """Return what the last request left in the cache, for how long, and whether on request."""
    last = told[-1]
    recent = []
    for each in reversed(told[-8:]):
        if each.model != last.model:
            break
        recent.append(each)
    writes = [each for each in recent if each.cache_write_5m or each.cache_write_1h]
    if writes:
        ttl_ms = SHORT_MS if writes[0].cache_write_5m else LONG_MS
        return _prompt(last) - last.input, ttl_ms, True
    return (_prompt(last) if any(each.cache_read for each in recent) else 0), SHORT_MS, False


def _tells(one: CachedRequest) -> bool:
    single = one.requests == 1 and not one.is_derived
    return one.cache_read is not None and single and _prompt(one) > 0


def _prompt(one: CachedRequest) -> int:
    return one.input + (one.cache_read or 0) + one.cache_write_5m + one.cache_write_1h


def _whole(nano: Fraction) -> int:
    return int((nano + Fraction(1, 2)) // 1)
