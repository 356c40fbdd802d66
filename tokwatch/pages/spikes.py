"""The spikes of the overview's chart: the anomalies of its range, and what each is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tokwatch.analysis.anomalies import HISTORY_DAYS, Anomaly
from tokwatch.analysis.calendar import instant
from tokwatch.model.snapshot import Spike
from tokwatch.model.usage import Cell, Dimension, Slice
from tokwatch.pages.judged import judged
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import days_of
from tokwatch.store.read.every import dimensions_usage

KEPT_MS: Final = 3_600_000
"""Without a new request nothing is judged again."""


@dataclass(frozen=True, slots=True)
class SpikesAsk:
    """Asks for the spikes of the shown range."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> tuple[Spike, ...]:
        """Return the spikes, the oldest first."""
        return spikes(sight, self.memory)


def spikes(sight: Sight, memory: Memory) -> tuple[Spike, ...]:
    """Return the anomalies of the shown range, the oldest first; made anew when costs changed."""
    calendar, start_ms = sight.calendar, sight.range.start_ms
    first, today = calendar.day(start_ms), calendar.day(sight.at_ms)
    marks = tuple(days_of(sight, memory, first - HISTORY_DAYS - 1, today + 2))
    past_ms = sight.at_ms if sight.at_ms < sight.now_ms else None
    found = memory.recall(
        "spikes",
        (first, today, sight.mode, marks, past_ms),
        *(sight.now_ms, KEPT_MS),
        lambda: judged(sight, memory, start_ms).anomalies,
    )
    shown = [one for one in reversed(found) if one.until_ms > start_ms]
    return tuple(
        memory.recall(
            ("spike", one.since_ms),
            (one, sight.mode),
            *(sight.now_ms, KEPT_MS),
            partial(_spike, sight, one),
        )
        for one in shown
    )


def _spike(sight: Sight, one: Anomaly) -> Spike:
    """Return an anomaly with its dearest model and project."""
    part = Slice(one.since_ms, min(one.until_ms, sight.at_ms + 1))
    cells = dimensions_usage(sight.view, part, (Dimension.MODEL, Dimension.PROJECT))
    whole = sum(cell.usage.cost_nano(sight.mode) for cell in cells)
    model, nano = _dearest(sight, cells, 0)
    return Spike(
        *(instant(one.since_ms), instant(one.until_ms), one.nano),
        model=model,
        model_share=nano / whole if whole else 0.0,
        project=_dearest(sight, cells, 1)[0],
    )


def _dearest(sight: Sight, cells: Iterable[Cell], place: int) -> tuple[str, int]:
    """Return the value of a dimension that cost most, and what it cost."""
    sums: dict[str, int] = {}
    for cell in cells:
        name = str(cell.group[place])
        sums[name] = sums.get(name, 0) + cell.usage.cost_nano(sight.mode)
    return max(sums.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
