"""How long what is cached should live: from the pauses as they were. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.cache_lifetimes import long_nano, short_nano
from tokwatch.analysis.suggesting.money import nano, shared_out, summed
from tokwatch.analysis.suggesting.replay import Step, steps
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import LONG_MS, SHORT_MS, Cause
from tokwatch.model.suggestion import Finding, Grade, Klass
from tokwatch.model.suggestion_facts import Facts
from tokwatch.words import counted

HOUR: Final = "hour-cache"
SHORT: Final = "short-cache"
WARM: Final = "keep-warm"
KEEP: Final = "keep-hour-cache"
PING_MS: Final = 270_000
"""A request that only keeps what is cached alive is sent so long after the last one."""


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield what another lifetime would save, for each source; of two ways both are told."""
    sources: dict[str, list[Step]] = {}
    for step in steps(facts):
        sources.setdefault(step.one.cached.source, []).append(step)
    for source, own in sources.items():
        yield from _hour(facts, source, own)
        yield from _short(facts, source, own)
        yield from _warm(facts, source, own)


def _hour(facts: Facts, source: str, own: list[Step]) -> Iterator[Finding]:
    idle = [step for step in own if _is_idle(step)]
    gain = -sum(long_nano(step.one.cached, step.before, step.broken) for step in own)
    if gain <= 0 or not idle:
        return
    weights = [(step.one.key, step.broken.lost_nano or 0) for step in idle if step.broken]
    gain = min(gain, sum(weight for _, weight in weights))
    yield Finding(
        HOUR,
        f"source {source}",
        f"{source}: cache for an hour in place of five minutes",
        summed(shared_out(gain, weights)),
        facts.of_scope(source=source),
        (
            'Where you call the API: "cache_control": {"type": "ephemeral", "ttl": "1h"}.',
            "Where a tool decides: come back within five minutes, or start anew after a pause.",
        ),
        confidence=_sure(facts, source),
        klass=Klass.FIX,
        cause="idle",
        choice="cache lifetime",
        evidence=f"{_pauses(len(idle))} of 5 to 60 minutes broke the cache; "
        "writing all for an hour is in the sum",
        copies='"cache_control": {"type": "ephemeral", "ttl": "1h"}',
    )


def _short(facts: Facts, source: str, own: list[Step]) -> Iterator[Finding]:
    longs = [step for step in own if step.one.cached.cache_write_1h]
    if not longs:
        return
    gain = -sum(short_nano(step.one.cached, step.before) for step in own)
    scope = facts.of_scope(source=source)
    if gain > 0:
        weights = [(step.one.key, _premium(step)) for step in longs]
        yield Finding(
            SHORT,
            f"source {source}",
            f"{source}: cache for five minutes in place of an hour",
            summed(shared_out(min(gain, sum(one for _, one in weights)), weights)),
            scope,
            (
                'Where you call the API: leave out "ttl"; five minutes is the default.',
                "Where a tool decides, its settings may offer it; else there is nothing to do.",
            ),
            confidence=_sure(facts, source),
            cause="idle",
            choice="cache lifetime",
            evidence=f"{counted(len(longs), 'write')} for an hour; few pauses needed it",
        )
    elif gain < 0:
        yield Finding(
            KEEP,
            f"source {source}",
            f"{source}: keep the 1-hour cache, five minutes would cost more",
            (),
            scope,
            ("Nothing to do: your pauses are longer than five minutes often enough.",),
            confidence=Grade.HIGH,
            klass=Klass.KEEP,
            choice="cache lifetime",
            evidence=f"${-gain / 1e9:,.2f} more in this time with five minutes",
            events=tuple(step.one.key for step in longs[-5:]),
        )


def _warm(facts: Facts, source: str, own: list[Step]) -> Iterator[Finding]:
    gains: list[tuple[int, int]] = []
    pings = 0
    for step in own:
        broken = step.broken
        if broken is None or step.before is None or not _is_idle(step):
            continue
        needed = broken.idle_ms // PING_MS
        cost = needed * nano(step.before.cached, step.one.cached.read_rate)
        gain = (broken.lost_nano or 0) - cost
        if gain > 0:
            gains.append((step.one.key, gain))
            pings += needed
    if not gains:
        return
    yield Finding(
        WARM,
        f"source {source}",
        f"{source}: keep the cache warm through short pauses",
        summed(shared_out(sum(gain for _, gain in gains), gains)),
        facts.of_scope(source=source),
        (
            "In a program of your own: send a one-token request every four and a half minutes "
            "while the next question is expected.",
            "In a tool: answer it before five minutes are over; a short question will do.",
        ),
        confidence=Grade.MEDIUM,
        cause="idle",
        choice="cache lifetime",
        evidence=f"{_pauses(len(gains))} that {counted(pings, 'short request')} would have bridged",
    )


def _sure(facts: Facts, source: str) -> Grade:
    """Return how sure it is that a user can have another lifetime at all."""
    return Grade.LOW if source in facts.agents else Grade.HIGH


def _pauses(number: int) -> str:
    return counted(number, "pause")


def _is_idle(step: Step) -> bool:
    broken = step.broken
    return (
        broken is not None
        and broken.cause is Cause.IDLE
        and broken.ttl_ms == SHORT_MS
        and broken.idle_ms <= LONG_MS
        and step.before is not None
        and step.before.is_written
    )


def _premium(step: Step) -> int:
    told = step.one.cached
    return nano(told.cache_write_1h, max(0, told.write_1h_rate - told.write_5m_rate))
