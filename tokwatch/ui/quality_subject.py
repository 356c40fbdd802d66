"""Which measure or share the chart, the distribution and the panel are about."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.analysis.measured import Definition, Measured, Unit
from tokwatch.analysis.outcomes import Ratio
from tokwatch.analysis.trend import Trend
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import quality_words as words


class Subject(NamedTuple):
    """A line of one of the two tables."""

    name: str
    custom_unit: str = ""
    is_ratio: bool = False


def measured_of(page: QualityPage, subject: Subject) -> Measured | None:
    """Return the measure of that name; None where it is a share."""
    if subject.is_ratio:
        return None
    for one in page.whole.measures:
        if (one.definition.name, one.definition.custom_unit) == subject[:2]:
            return one
    return None


def ratio_of(page: QualityPage, subject: Subject) -> Ratio | None:
    """Return the share of that name."""
    if not subject.is_ratio:
        return None
    return next((one for one in page.whole.ratios if one.aim.name == subject.name), None)


class Series(NamedTuple):
    """What a chart of a subject shows."""

    low: Trend
    """The median, or the share itself."""
    high: Trend
    """The 90th percentile; the same as `low` for a share."""
    top: float | None
    """What the full height stands for, where that is always the same."""
    definition: Definition | None
    """In what values are told; None for a share."""
    is_money: bool = False

    def words(self, value: float) -> str:
        """Return a value of it."""
        if self.definition is not None:
            return words.value(value, self.definition)
        return words.money(value) if self.is_money else words.share(value)


def series_of(page: QualityPage, subject: Subject) -> Series | None:
    """Return what is drawn of a subject over time; None where it is gone."""
    found = measured_of(page, subject)
    if found is not None:
        return Series(found.p50, found.p90, None, found.definition)
    ratio = ratio_of(page, subject)
    if ratio is None:
        return None
    top = 1.0 if ratio.aim.is_good else None
    return Series(ratio.trend, ratio.trend, top, None, ratio.aim.is_money)


def round_top(peak: float, unit: Unit | None) -> float:
    """Return the first round value that is not below a peak: minutes and hours for durations."""
    if peak <= 0:
        return 1
    if unit is Unit.DURATION:
        steps = [1, 2, 5, 10, 20, 50, 100, 200, 500]
        steps += [second * 1000 for second in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200)]
        steps += [hour * 3_600_000 for hour in (1, 2, 4, 8, 12, 24, 48, 120, 240, 720)]
        found = next((step for step in steps if step >= peak), None)
        if found is not None:
            return found
    size = 10.0 ** (len(str(int(peak))) - 1) if peak >= 1 else 0.001
    while size * 10 < peak:
        size *= 10
    return next(size * step for step in (1, 2, 5, 10) if size * step >= peak)
