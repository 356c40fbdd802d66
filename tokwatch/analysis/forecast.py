"""Where the day and the running block end, as an estimate with a band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean, quantiles

from tokwatch.analysis.blocks import Block, blocks
from tokwatch.analysis.burn import per_hour
from tokwatch.analysis.calendar import instant, month_of, week_of
from tokwatch.analysis.facts import Facts
from tokwatch.analysis.spend import UsualDay
from tokwatch.model.snapshot import Forecast
from tokwatch.model.stored import Moment
from tokwatch.model.units import HOUR_MS, QUARTER_MS
from tokwatch.model.usage import CostMode

FEWEST_DAYS = 3
"""Earlier active days that make a day's course known."""
LEVELS = (0.5, 2.0)
"""How much quieter or busier than usual a day is taken to stay."""


def forecast(
    facts: Facts,
    mode: CostMode,
    spent: int,
    usual: Sequence[UsualDay],
    *,
    block_hours: int,
    week_starts: str,
) -> Forecast:
    """Return the tile; a day that is over has no forecast but its sums."""
    low = middle = high = None
    if facts.is_today:
        low, middle, high = _rest_of_day(facts, spent, usual)
    block = running_block(facts, mode, block_hours)
    block_nano = end_nano = end = None
    if block is not None:
        block_nano, end = block.nano, instant(block.end_ms)
        end_nano = block.nano + _at_pace(facts, block.end_ms, block.start_ms)
    week = week_of(facts.day, week_starts)
    earlier = [(day, nano) for day, _, nano in facts.past.earlier if day < facts.day]
    return Forecast(
        end_of_day_nano=None if middle is None else spent + middle,
        low_nano=None if low is None else spent + low,
        high_nano=None if high is None else spent + high,
        block_nano=block_nano,
        block_end=end,
        block_forecast_nano=end_nano,
        week_nano=spent + sum(nano for day, nano in earlier if day >= week),
        month_nano=spent + sum(nano for day, nano in earlier if day >= month_of(facts.day)),
    )


def running_block(facts: Facts, mode: CostMode, hours: int) -> Block | None:
    """Return the block that runs at the moment, from sums by the quarter of an hour.

    A block ends on a full hour, so quarters tell blocks apart as well as single requests do.
    """
    first_ms = facts.calendar.begin_ms(facts.day)
    spent = [
        (int(cell.group[0]), cell.usage.cost_nano(mode))
        for cell in facts.cells
        if int(cell.group[0]) >= first_ms
    ]
    lately = _since_pause([*facts.past.history, *spent], hours * HOUR_MS)
    found = blocks(_moments(lately, facts.at_ms), hours)
    return found[-1] if found and found[-1].is_active(facts.at_ms) else None


def _since_pause(spent: Sequence[tuple[int, int]], length_ms: int) -> Sequence[tuple[int, int]]:
    """Return what follows the last pause that is longer than a block: there one begins."""
    for place in range(len(spent) - 1, 0, -1):
        if spent[place][0] - spent[place - 1][0] >= length_ms + QUARTER_MS:
            return spent[place:]
    return spent


def _moments(spent: Iterable[tuple[int, int]], at_ms: int) -> Iterable[Moment]:
    """Yield a moment just inside each quarter, or at its end where only recency counts."""
    for quarter_ms, nano in spent:
        if quarter_ms <= at_ms:
            yield Moment(min(quarter_ms + QUARTER_MS - 1, at_ms), "", 0, 0, 0, 0, nano)


def _rest_of_day(
    facts: Facts, spent: int, days: Sequence[UsualDay]
) -> tuple[int | None, int | None, int | None]:
    """Return what the rest of the day will cost: low, middle and high."""
    if len(days) < FEWEST_DAYS:
        end_ms = facts.calendar.begin_ms(facts.day + 1)
        rest = _at_pace(facts, end_ms, facts.calendar.begin_ms(facts.day))
        return (0, rest, 2 * rest) if spent else (None, None, None)
    usual = fmean(day.before_nano for day in days)
    least, most = LEVELS
    level = min(most, max(least, spent / usual)) if usual else 1.0
    rests = [day.after_nano * level for day in days]
    low, high = _band(rests)
    return round(low), round(fmean(rests)), round(high)


def _band(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the last decile, within what was seen."""
    cuts = quantiles(values, n=10, method="inclusive")
    return cuts[0], cuts[-1]


def _at_pace(facts: Facts, end_ms: int, since_ms: int) -> int:
    """Return what the time up to an end costs at the pace of the last hour since an instant."""
    since_ms = max(since_ms, facts.at_ms - HOUR_MS)
    span_ms = max(HOUR_MS // 4, facts.at_ms - since_ms)
    nano = sum(event.nano for event in facts.recent if since_ms <= event.at_ms <= facts.at_ms)
    return per_hour(nano, span_ms) * max(0, end_ms - facts.at_ms) // HOUR_MS
