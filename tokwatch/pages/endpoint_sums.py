"""What endpoints' reports say of the last day, read hour by hour: what is over is kept a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokwatch.model.endpoint import ReportSum
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.store.read.endpoints import report_sums
from tokwatch.store.view import View

OVER_KEPT_MS: Final = 600_000
"""Hours that are over change only where a report tells something late."""
KEPT_MS: Final = 15_000


def day_sums(view: View, now_ms: int, memory: Memory) -> list[ReportSum]:
    """Return the sums of every report over the whole hours of the last 24, and since."""
    since_ms = -((DAY_MS - now_ms) // HOUR_MS) * HOUR_MS
    hour_ms = (now_ms - QUARTER_MS) // HOUR_MS * HOUR_MS  # the last minutes are told a while later
    over = memory.recall(
        *("hours", (since_ms, hour_ms), now_ms, OVER_KEPT_MS),
        lambda: report_sums(view, Slice(since_ms, hour_ms)),
    )
    hour = memory.recall(
        *("hour", hour_ms, now_ms, KEPT_MS), lambda: report_sums(view, Slice(hour_ms))
    )
    return joined([*over, *hour])


def joined(sums: Iterable[ReportSum]) -> list[ReportSum]:
    """Return one sum for each report; what none of its parts knows stays unknown."""
    found: dict[tuple[str, str], ReportSum] = {}
    for one in sums:
        name = (one.endpoint, one.report)
        found[name] = _added(found[name], one) if name in found else one
    return [found[name] for name in sorted(found)]


def _added(one: ReportSum, other: ReportSum) -> ReportSum:
    counts = (_sum(a, b) for a, b in zip(one[5:], other[5:], strict=True))
    ends = (min(one.first_ms, other.first_ms), max(one.last_ms, other.last_ms))
    return ReportSum(one.endpoint, one.report, one.buckets + other.buckets, *ends, *counts)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
