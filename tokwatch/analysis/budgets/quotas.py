"""How official limits stand: pace and end from the last reading; guesses from past blocks."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import quantiles
from typing import Final

from tokwatch.analysis.blocks import blocks
from tokwatch.model.facets import Spell
from tokwatch.model.standing import GuessedLimit, QuotaReading, QuotaStanding
from tokwatch.model.stored import Moment
from tokwatch.model.units import MINUTE_MS, QUARTER_MS

SOONEST: Final = 0.02
"""Of a limit's time: earlier its pace says nothing."""
FEWEST_BLOCKS: Final = 5
"""Past blocks without which nothing is guessed."""


def quota_standing(reading: QuotaReading, at_ms: int) -> QuotaStanding:
    """Return how a limit stands at a moment, by what was last told of it."""
    length_ms = reading.window_minutes * MINUTE_MS
    begin_ms = reading.resets_ms - length_ms
    gone = (reading.seen_ms - begin_ms) / length_ms
    pace = reading.used_share / gone if SOONEST <= gone <= 1 else None
    full_ms = None
    if pace is not None and pace > 1:
        full_ms = begin_ms + round(length_ms / pace)
    has_reset = reading.resets_ms <= at_ms
    return QuotaStanding(reading, pace, None if has_reset else full_ms, has_reset)


def guessed_limit(spells: Iterable[Spell], at_ms: int, hours: int) -> GuessedLimit | None:
    """Return what nine of ten past blocks stayed below, from spending by the quarter-hour."""
    used = sorted(spell for spell in spells if spell.requests and spell.at_ms <= at_ms)
    found = blocks(
        (
            Moment(min(one.at_ms + QUARTER_MS - 1, at_ms), "", one.tokens, 0, 0, 0, one.nano)
            for one in used
        ),
        hours,
    )
    whole = [one for one in found if not one.is_gap and not one.is_active(at_ms)]
    if len(whole) < FEWEST_BLOCKS:
        return None
    tokens = quantiles((one.total for one in whole), n=10, method="inclusive")
    nano = quantiles((one.nano for one in whole), n=10, method="inclusive")
    return GuessedLimit(len(whole), round(tokens[8]), round(nano[8]))
