"""Budgets, goals and limits in words; nothing here knows a widget."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tokwatch.analysis.calendar import instant
from tokwatch.model.standing import GoalStanding, Held, QuotaStanding, Standing
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt

NEAR: Final = 0.8
"""Share spent from which a budget stands out."""
TOKEN_WORDS: Final = {
    "all": "tokens",
    "input": "input tokens",
    "cache_read": "cache read tokens",
    "cache_write": "cache write tokens",
    "output": "output tokens",
}
MEASURES: Final = {
    "cache_hit_rate": "cache hit rate",
    "output_share": "output of all tokens",
    "cost_per_request": "cost per request",
    "cost_per_million_tokens": "cost per million tokens",
    "cost_per_session": "cost per session",
    "tokens_per_request": "tokens per request",
    "cost": "cost",
    "tokens": "tokens",
    "requests": "requests",
}
PERIODS: Final = {
    "block": "this block",
    "day": "today",
    "week": "this week",
    "month": "this month",
    "session": "the session",
    "run": "this run",
}


def amount(number: int, unit: str) -> str:
    """Return an amount of a budget as short as it is clear."""
    if unit == "usd":
        return fmt.money(number, 0) if abs(number) >= 10_000 * NANO else fmt.money(number)
    return fmt.count(number) if unit == "tokens" else f"{number:,}"


def full_amount(one: Standing, number: int) -> str:
    """Return an amount with its unit."""
    if one.unit == "usd":
        return amount(number, one.unit)
    what = TOKEN_WORDS[one.tokens] if one.unit == "tokens" else one.unit
    return f"{number:,} {what}"


def marks(one: Standing) -> str:
    """Return how sure the amount spent is."""
    return ("≥" if one.lower_bound else "") + ("~" if one.is_estimate else "")


def state(one: Standing) -> tuple[str, str]:
    """Return how a budget stands, as a level and with a glyph in words."""
    if one.is_over:
        return "error", "! over"
    if one.runs_out_ms is not None and one.end_ms is not None:
        return "warning", "▲ runs out"
    if one.share >= NEAR:
        return "warning", f"▲ {fmt.percent(one.share)}"
    return "good", "· fine" if one.spent else "· unused"


def ends(one: Standing, now: datetime, zone: str, *, short: bool = False) -> str:
    """Return when it runs out at the present rate: an estimate, never a promise."""
    if one.is_over:
        return "is spent"
    middle, low = _at(one.runs_out_ms, now, zone), _at(one.earliest_ms, now, zone)
    if middle is None and low is None:
        return "lasts" if one.end_ms is not None and one.spent else fmt.NOTHING
    if middle is None:
        return "lasts" if short else f"lasts; ≈{low} at worst"
    high = _at(one.latest_ms, now, zone)
    if short or low is None:
        return f"≈{middle}"
    if high is None:
        return f"≈{middle} ({low} or later)"
    return f"≈{middle}" if low == middle == high else f"≈{middle} ({low}–{high})"


def _at(at_ms: int | None, now: datetime, zone: str) -> str | None:
    return None if at_ms is None else fmt.moment(instant(at_ms), now, zone)


def pace(value: float | None) -> str:
    """Return how fast it goes against time."""
    return fmt.NOTHING if value is None else fmt.times(value)


def resets(end_ms: int | None, now: datetime, zone: str) -> str:
    """Return when the period ends, and in how long."""
    if end_ms is None:
        return "has no end"
    return f"{fmt.moment(instant(end_ms), now, zone)}, in {span(end_ms, now)}"


def span(at_ms: int, now: datetime) -> str:
    """Return how long it is until an instant."""
    minutes = max(0, round((instant(at_ms) - now).total_seconds() / 60))
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {left:02d}m" if hours else f"{left}m"


def days(start_ms: int, end_ms: int, now: datetime, zone: str) -> str:
    """Return the first and the last day of a stretch, such as "3 to 30 Oct"."""
    there = fmt.zone(zone)
    first, last = (instant(at_ms).astimezone(there) for at_ms in (start_ms, end_ms - 1))
    year = "" if last.year == now.astimezone(there).year else f" {last.year}"
    told = f"{last.day} {last:%b}{year}"
    if first.date() == last.date():
        return told
    if (last - first).days >= 365:
        return f"{first.day} {first:%b} {first.year} to {told}"
    return f"{first.day}{'' if first.month == last.month else f' {first:%b}'} to {told}"


def wait(length_ms: int) -> str:
    """Return how long something waited."""
    seconds = length_ms / 1000
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02d}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02d}m"


def value(number: float | None, unit: str) -> str:
    """Return the value of a measure."""
    if number is None:
        return "n/a"
    if unit == "share":
        return fmt.percent(number)
    if unit == "usd":
        return fmt.money(round(number), 2 if number >= NANO / 10 else 3)
    return fmt.count(round(number))


def goal_state(one: GoalStanding) -> tuple[str, str]:
    """Return how far a goal is reached."""
    if one.value is None:
        return "muted", "nothing used"
    if one.is_met is None:
        return "warning", "? unpriced"
    if one.is_met:
        return "good", "✓ reached"
    if one.progress is None:
        return "warning", "· not yet"
    if one.progress < 0:
        return "warning", "▼ further off"
    return "warning", f"· {fmt.percent(one.progress)} there"


def quota_state(one: QuotaStanding) -> tuple[str, str]:
    """Return how a plan's limit stands."""
    if one.has_reset:
        return "muted", "has reset since"
    if one.reading.used_share >= 1:
        return "error", "! used up"
    if one.runs_out_ms is not None:
        return "warning", "▲ full before it resets"
    return "good", "· lasts"


def held(one: Held) -> str:
    """Return what a limiter would have held back."""
    if not one.held:
        return f"none of {one.requests:,} held back"
    longest = f", at most {wait(one.longest_ms)}" if one.held > 1 else ""
    return f"{one.held:,} of {one.requests:,} held back {wait(one.waited_ms)} in all{longest}"
