"""The last hour and the burn rate against what this user's hours usually come to."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Final

from msgspec import Struct

from tokwatch.analysis.alerting.recent import HourSums
from tokwatch.analysis.anomalies import Usual, slot_of, usual_days
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import HOUR_MS, NANO

MEASURES: Final = (
    *("spend_times_usual", "spend_over_scatter", "spend_above_usual_usd"),
    *("burn_times_usual", "burn_over_scatter", "tokens_times_usual", "tokens_over_scatter"),
)
Quarters = Sequence[tuple[int, int, int]]
"""(Quarter of an hour, nano-dollars, tokens), the oldest first."""


class UsualHours(Struct, frozen=True):
    """What an hour of a day usually costs, and how many tokens it takes; None without history."""

    day: int
    costs: Usual | None
    tokens: Usual | None


def usual_hours(quarters: Quarters, calendar: Calendar, day: int) -> UsualHours:
    """Return what is usual on a local day, by the days before it."""
    costs = [(at_ms, nano) for at_ms, nano, _ in quarters]
    tokens = [(at_ms, number) for at_ms, _, number in quarters]
    return UsualHours(
        day,
        usual_days(costs, calendar, day, day).get(day),
        usual_days(tokens, calendar, day, day).get(day),
    )


def against_usual(
    sums: HourSums, usual: UsualHours | None, calendar: Calendar, at_ms: int
) -> dict[str, float]:
    """Return the measures that compare with the usual; no numbers without enough history.

    How many times the usual it is, is told as it is. Whoever's hours scatter much is given more
    room by the other measure: above 1 it is more than hours usually scatter to.
    """
    found = dict.fromkeys(MEASURES, nan)
    if usual is None:
        return found
    if usual.costs is not None:
        level = _level(usual.costs, calendar, at_ms)
        found |= _both("spend", sums.nano / level, usual.costs.scatter)
        found |= _both("burn", sums.burn_nano / level, usual.costs.scatter)
        found["spend_above_usual_usd"] = (sums.nano - level) / NANO
    if usual.tokens is not None:
        level = _level(usual.tokens, calendar, at_ms)
        found |= _both("tokens", sums.tokens / level, usual.tokens.scatter)
    return found


def _both(name: str, times: float, scatter: float) -> dict[str, float]:
    return {f"{name}_times_usual": times, f"{name}_over_scatter": times / scatter}


def _level(usual: Usual, calendar: Calendar, at_ms: int) -> int:
    """Return what is usual in the hour before a moment; of two hours of the week the dearer."""
    slots = (slot_of(at_ms - HOUR_MS, calendar), slot_of(at_ms, calendar))
    return max(1, *(usual.of(slot)[0] for slot in slots))
