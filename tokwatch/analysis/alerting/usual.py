"""The last hour and the burn rate against what this user's hours usually come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from tokwatch.analysis.alerting.recent import HourSums
from tokwatch.analysis.anomalies import LEAST_TIMES, Usual, slot_of, usual_days
from tokwatch.analysis.baseline import HOUR_MS
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import NANO

Quarters = Sequence[tuple[int, int, int]]
"""(Quarter of an hour, nano-dollars, tokens), the oldest first."""


@dataclass(frozen=True, slots=True)
class UsualHours:
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

    Whoever's hours scatter much is given more room: the factor from which on an hour is flagged
    counts as three times the usual.
    """
    found = dict.fromkeys(
        ("spend_times_usual", "spend_above_usual_usd", "burn_times_usual", "tokens_times_usual"),
        nan,
    )
    if usual is None:
        return found
    if usual.costs is not None:
        level = _level(usual.costs, calendar, at_ms)
        room = usual.costs.times / LEAST_TIMES
        found["spend_times_usual"] = sums.nano / level / room
        found["spend_above_usual_usd"] = (sums.nano - level) / NANO
        found["burn_times_usual"] = sums.burn_nano / level / room
    if usual.tokens is not None:
        level = _level(usual.tokens, calendar, at_ms)
        found["tokens_times_usual"] = sums.tokens / level / (usual.tokens.times / LEAST_TIMES)
    return found


def _level(usual: Usual, calendar: Calendar, at_ms: int) -> int:
    """Return what is usual in the hour before a moment; of two hours of the week the dearer."""
    slots = (slot_of(at_ms - HOUR_MS, calendar), slot_of(at_ms, calendar))
    return max(1, *(usual.of(slot)[0] for slot in slots))
