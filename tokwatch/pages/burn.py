"""How fast money goes, and where the running blocks and the month end."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tokwatch.analysis.calendar import date_of, day_number, month_of
from tokwatch.analysis.five_hours import Limit, RunningBlock, limited_block, running_block
from tokwatch.analysis.moving import LOOKBACK_MINUTES, BurnRates, burn_rates
from tokwatch.analysis.projection import NOTHING, Band, coming_days, following
from tokwatch.model.facets import Facet, Pick, Picks, Portion, Spell
from tokwatch.model.limits import PLAN_LIMIT
from tokwatch.model.units import HOUR_MS, MINUTE_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import spells_of, spent_by
from tokwatch.store.read.every import measures

HISTORY_DAYS: Final = 14
"""Days whose moments tell what follows a pace."""
MONTHS_DAYS: Final = 56
"""Days that tell what days cost."""
LIMIT_MINUTES: Final = 300
"""Of the limit that is shown as a block."""


class Block(Struct, frozen=True):
    """A running block, and where it ends."""

    running: RunningBlock
    band: Band | None
    """What it comes to in the end; None where nothing tells."""


class Month(Struct, frozen=True):
    """The running month, and where it ends."""

    nano: int
    """Up to the moment."""
    days_left: int
    """Whole days after today."""
    band: Band | None
    begin_ms: int


class Burning(Struct, frozen=True):
    """The rates of what was picked; blocks and month of everything."""

    rates: BurnRates
    blocks: tuple[Block, ...]
    """Those that a log tells first, then that of the algorithm."""
    month: Month

    @property
    def since_ms(self) -> int:
        """When the first of what runs began: the month, or a block from before it."""
        return min((self.month.begin_ms, *(block.running.begin_ms for block in self.blocks)))


def burning(sight: Sight, memory: Memory, picks: Picks) -> Burning:
    """Return how fast money goes at the moment."""
    spells = _minutes(sight, memory, picks)
    everything = spells if not picks else _minutes(sight, memory, ())
    hour_nano = _last_hour(everything, sight.at_ms)
    costs = _history(sight, memory, ())
    blocks = [_limited(sight, memory, limit) for limit in _limits(sight)]
    running = running_block(costs, sight.at_ms, sight.config.blocks.hours)
    if running is not None:
        blocks.append(Block(running, _end(sight, costs, running, hour_nano)))
    return Burning(
        burn_rates(spells, sight.at_ms),
        tuple(block for block in blocks if block is not None),
        _month(sight, memory, costs, hour_nano),
    )


def _minutes(sight: Sight, memory: Memory, picks: Picks) -> list[Spell]:
    """Return spending by the minute, as far back as it counts."""
    since_ms = sight.at_ms // HOUR_MS * HOUR_MS - LOOKBACK_MINUTES * MINUTE_MS
    part = Slice(since_ms, sight.at_ms + 1)
    return spells_of(sight, memory, _portion(sight, part, picks), MINUTE_MS)


def _history(sight: Sight, memory: Memory, picks: Picks) -> list[Spell]:
    """Return spending by the quarter of an hour over the last days."""
    calendar = sight.calendar
    since_ms = calendar.begin_ms(calendar.day(sight.at_ms) - HISTORY_DAYS)
    portion = _portion(sight, Slice(since_ms, sight.at_ms + 1), picks)
    return spells_of(sight, memory, portion, QUARTER_MS)


def _portion(sight: Sight, part: Slice, picks: Picks) -> Portion:
    return Portion(part, picks, sight.calendar, sight.mode)


def _last_hour(spells: list[Spell], at_ms: int) -> int:
    """Return what the last hour cost, from the minute in which it begins."""
    since_ms = (at_ms - HOUR_MS) // MINUTE_MS * MINUTE_MS
    return sum(spell.nano for spell in spells if spell.at_ms >= since_ms)


def _end(sight: Sight, costs: list[Spell], running: RunningBlock, hour_nano: int) -> Band | None:
    """Return what a block comes to, by what followed before."""
    pairs = [(spell.at_ms, spell.nano) for spell in costs]
    rest = following(pairs, hour_nano, sight.at_ms, running.end_ms)
    return None if rest is None else rest.after(running.nano)


def _limits(sight: Sight) -> list[Limit]:
    """Return what logs last told of the five-hour limit of each source."""
    part = Slice(sight.at_ms - LIMIT_MINUTES * MINUTE_MS, sight.at_ms + 1)
    found: dict[str, Limit] = {}
    told = measures(sight.view, PLAN_LIMIT, part, (("minutes", str(LIMIT_MINUTES)),))
    for one in told:
        tags = dict(one.tags)
        source, resets = tags.get("source", ""), tags.get("resets", "")
        if not (resets.isdecimal() and source):  # recorded by someone else under this name
            continue
        resets_ms = int(resets) * 1000
        found[source] = Limit(
            source,
            one.instant_ms,
            resets_ms - LIMIT_MINUTES * MINUTE_MS,
            resets_ms,
            one.value,
        )
    return list(found.values())


def _limited(sight: Sight, memory: Memory, limit: Limit) -> Block | None:
    """Return the block of a limit, from the spending of its source."""
    picks = (Pick(Facet.SOURCE, limit.source),)
    part = Slice(limit.begin_ms, sight.at_ms + 1)
    spells = spells_of(sight, memory, _portion(sight, part, picks), MINUTE_MS)
    running = limited_block(spells, limit, sight.at_ms)
    if running is None:
        return None
    costs = _history(sight, memory, picks)
    return Block(running, _end(sight, costs, running, _last_hour(spells, sight.at_ms)))


def _month(sight: Sight, memory: Memory, costs: list[Spell], hour_nano: int) -> Month:
    """Return the month, from whole days before today and from today's quarters."""
    calendar, at_ms = sight.calendar, sight.at_ms
    today = calendar.day(at_ms)
    begin_ms, end_ms = calendar.begin_ms(today), calendar.begin_ms(today + 1)
    month_ms = calendar.begin_ms(month_of(today))
    days = _days(sight, memory, today)
    spent = sum(days.get(day, 0) for day in range(month_of(today), today))
    spent += sum(spell.nano for spell in costs if spell.at_ms >= begin_ms)
    following_month = date_of(month_of(today) + 31).replace(day=1)
    days_left = day_number(following_month) - today - 1
    first = min(days, default=today)
    whole = coming_days([days.get(day, 0) for day in range(first, today)], days_left)
    pairs = [(spell.at_ms, spell.nano) for spell in costs]
    rest = following(pairs, hour_nano, at_ms, end_ms) or NOTHING
    if whole is None:
        return Month(spent, days_left, None, month_ms)
    both = Band(rest.low + whole.low, rest.middle + whole.middle, rest.high + whole.high)
    return Month(spent, days_left, both.after(spent), month_ms)


def _days(sight: Sight, memory: Memory, today: int) -> dict[int, int]:
    """Return what each of the days before today cost that had any use."""
    calendar = sight.calendar
    first = min(today - MONTHS_DAYS, month_of(today))
    part = Slice(calendar.begin_ms(first), calendar.begin_ms(today))
    cells = spent_by(sight, memory, _portion(sight, part, ()), (Facet.DAY,))
    return {int(cell.group[0]): cell.amount.nano for cell in cells}
