"""Spending over time by model: the dearest models, and the others as one."""

from __future__ import annotations

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.facts import Costs
from tokwatch.analysis.ranges import Range
from tokwatch.model.snapshot import Chart, Series

MOST_SERIES = 5
OTHER = "other"


def chart(costs: Costs, shown: Range) -> Chart:
    """Return the chart of a range; models without cost are left out."""
    by_model: dict[str, list[int]] = {}
    for at, model, nano in costs:
        bucket = (
            (at - shown.first_day) // shown.days
            if shown.is_by_day
            else (at - shown.start_ms) // shown.bucket_ms
        )
        if nano and 0 <= bucket < shown.count:
            by_model.setdefault(model, [0] * shown.count)[bucket] += nano
    ranked = sorted(by_model, key=lambda model: (-sum(by_model[model]), model))
    named = ranked if len(ranked) <= MOST_SERIES else ranked[: MOST_SERIES - 1]
    series = [Series(model, tuple(by_model[model])) for model in named]
    if rest := ranked[len(named) :]:
        columns = zip(*(by_model[model] for model in rest), strict=True)
        series.append(Series(OTHER, tuple(map(sum, columns))))
    return Chart(instant(shown.start_ms), shown.bucket_ms // 1000, tuple(series))
