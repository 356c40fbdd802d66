"""A range as a whole: who took most of it, what a day costs and where that goes, what saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokwatch.analysis.compression import Technique
from tokwatch.analysis.periods import Row
from tokwatch.model.caching import CacheSum, GatewaySum
from tokwatch.model.usage import CostMode, Usage


class Consumer(NamedTuple):
    """Who cost most of its sort."""

    sort: str
    """Such as "project"."""
    name: str
    nano: int
    share: float | None
    """Of the whole cost; None where that is nothing."""


class Daily(NamedTuple):
    """What a day costs, in nano-dollars, and where that goes."""

    days: int = 0
    """From the first day of use to the last one of the range."""
    active: int = 0
    """Those with any use."""
    mean_nano: int = 0
    """Over all of these days."""
    earlier_nano: int = 0
    """A day of the first half costs this, rounded down; the middle day of an odd number is in
    neither half."""
    later_nano: int = 0

    @property
    def change(self) -> float | None:
        """By how much a day of the later half costs more than one of the first; None of nothing."""
        if not self.earlier_nano:
            return None
        return (self.later_nano - self.earlier_nano) / self.earlier_nano


class Effect(NamedTuple):
    """What one technique of saving did."""

    technique: str
    times: int
    """Requests or runs in which it did anything."""
    tokens: int | None
    """Read from a cache, or never sent; None where that is not told."""
    nano: int | None
    """Saved, after what it cost; None where it is not known."""


def top_consumers(
    rows: Mapping[str, Sequence[Row]], whole: Usage, mode: CostMode
) -> list[Consumer]:
    """Return the dearest of each sort; rows come the dearest first."""
    cost = whole.cost_nano(mode)
    return [
        Consumer(sort, some[0].name, nano, nano / cost if cost else None)
        for sort, some in rows.items()
        if some and (nano := some[0].usage.cost_nano(mode)) > 0
    ]


def daily(costs: Mapping[int, int], last: int) -> Daily:
    """Return what a day costs; costs are by day number, those without use may be missing."""
    if not costs:
        return Daily()
    first = min(costs)
    days = max(last, *costs) - first + 1
    half = days // 2
    earlier = sum(nano for day, nano in costs.items() if day < first + half)
    later = sum(nano for day, nano in costs.items() if day >= first + days - half)
    return Daily(
        days,
        len(costs),
        sum(costs.values()) // days,
        earlier // half if half else 0,
        later // half if half else 0,
    )


def effects(
    cache: CacheSum, gateways: Iterable[GatewaySum], compressions: Iterable[Technique]
) -> list[Effect]:
    """Return what each technique that was at work did."""
    found = [Effect("prompt cache", cache.hits, cache.read, cache.net_nano)] if cache.hits else []
    for one in gateways:
        if one.hits:
            nano = one.saved_nano if one.untold < one.hits else None
            found.append(Effect(f"response cache of {one.source}", one.hits, None, nano))
        if one.shortened:
            by = f"shortened by {one.source}"
            found.append(Effect(by, one.shortened, one.tokens_saved, None))
    for step in compressions:
        found.append(Effect(f"compression: {step.name}", step.runs, step.tokens, None))
    return found
