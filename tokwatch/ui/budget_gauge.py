"""The tightest budget in the few cells of a tile."""

from __future__ import annotations

from tokwatch.model.standing import Standing
from tokwatch.ui import budget_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line

WIDTHS = (12, 8, 5)


def day_budget(budget: Standing | None) -> int | None:
    """Return the dollars of a budget that is for a whole day of everything."""
    if budget is None or budget.period != "day" or budget.unit != "usd" or budget.scopes:
        return None
    return budget.limit


def budget_gauges(one: Standing, inks: Inks) -> list[Line]:
    """Return a gauge with its share and name, the widest first; the name outlives a wide bar."""
    level, _ = words.state(one)
    share = fmt.percent(one.share)
    mark = "! " if one.is_over else ""
    named: list[Line] = []
    bare: list[Line] = []
    for width in WIDTHS:
        full, empty = gauge(one.share, width)
        bar: Line = [(full, getattr(inks, level)), (empty, inks.muted)]
        named.append([*bar, (f" {mark}{share} of {fmt.clean(one.name)}", inks.text)])
        bare.append([*bar, (f" {mark}{share}", inks.text)])
    return [*named, *bare, [(f"{mark}{share}", inks.text)]]
