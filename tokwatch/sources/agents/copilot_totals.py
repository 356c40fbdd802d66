"""Running totals of a Copilot CLI session, by model, less what the session store tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tokwatch.sources.agents.copilot_store import Request
from tokwatch.sources.beside import part
from tokwatch.sources.counts import count
from tokwatch.sources.text import safe_name

Parts = Sequence[int]
"""Input, output, cache reads and writes, reasoning, requests, nano-AIU."""
Totals = dict[str, Parts]
"""By model."""

REQUESTS: Final = 5
UNITS: Final = 6
_USAGE: Final = (
    *("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens"),
)
_NONE: Final[Parts] = (0,) * (UNITS + 1)


def totals_in(metrics: Mapping[str, Any]) -> Totals:
    """Return the totals that the end of a session tells."""
    found: Totals = {}
    for model, metric in metrics.items():
        if isinstance(metric, dict):
            usage, requests = part(metric, "usage"), part(metric, "requests")
            told = [usage.get(name) for name in _USAGE]
            told += [requests.get("count"), metric.get("totalNanoAiu")]
            found[safe_name(model) or "unknown"] = tuple(map(count, told))
    return found


def requests_in(totals: Totals) -> int:
    """Return how many requests totals are of."""
    return sum(parts[REQUESTS] for parts in totals.values())


def have_shrunk(before: Totals, now: Totals) -> bool:
    """Tell whether totals began anew: a part is less, or a model is gone."""
    return any(
        model not in now or any(was > part for was, part in zip(parts, now[model], strict=True))
        for model, parts in before.items()
    )


def growth(before: Totals, now: Totals) -> Totals:
    """Return what each model's totals grew by."""
    return {
        model: tuple(
            max(0, part - was) for part, was in zip(parts, before.get(model, _NONE), strict=True)
        )
        for model, parts in now.items()
    }


def spent_on(requests: Iterable[Request]) -> Totals:
    """Return what requests amount to, by model."""
    spent: Totals = {}
    for one in requests:
        parts = (*(number or 0 for number in one.counts), 1, one.units)
        before = spent.get(one.model, _NONE)
        spent[one.model] = tuple(was + part for was, part in zip(before, parts, strict=True))
    return spent


def left_of(totals: Totals, spent: Totals) -> Totals:
    """Return what totals hold beyond what was spent.

    What was spent on models that they do not name is taken from those that they do.
    """
    left = growth(spent, totals)
    elsewhere = [parts for model, parts in spent.items() if model not in totals]
    over = [sum(column) for column in zip(_NONE, *elsewhere, strict=True)]
    for model, parts in left.items():
        taken = [min(part, extra) for part, extra in zip(parts, over, strict=True)]
        over = [extra - part for extra, part in zip(over, taken, strict=True)]
        left[model] = tuple(part - less for part, less in zip(parts, taken, strict=True))
    return left
