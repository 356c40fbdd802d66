"""What `check`, its hook and the status line say of budgets; standard library only."""

from __future__ import annotations

import time

from tokwatch.cli.json_form import as_json
from tokwatch.status.prepared import Line

NANO = 1_000_000_000
STATES = ("within", "over", "unknown")
TOKENS = {
    "all": "tokens",
    "input": "input tokens",
    "cache_read": "cache read tokens",
    "cache_write": "cache write tokens",
    "output": "output tokens",
}


def usd(nano: int) -> str:
    """Return nano-dollars as dollars, rounded half up."""
    cents = (abs(nano) + NANO // 200) // (NANO // 100)
    sign = "-" if nano < 0 and cents else ""
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def amount(one: Line, number: int) -> str:
    """Return an amount of a budget with its unit."""
    if one.unit == "usd":
        return usd(number)
    return f"{number:,} {TOKENS[one.tokens] if one.unit == 'tokens' else one.unit}"


def short_amount(one: Line, number: int) -> str:
    """Return an amount in few characters."""
    if one.unit == "usd":
        return usd(number)
    for size, unit in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size:
            return f"{number / size:.1f}{unit}"
    return str(number)


def percent(share: float) -> str:
    """Return a share as whole percent; what is not all is never said to be."""
    rounded = round(share * 100)
    return f"{min(rounded, 99) if share < 1 else rounded}%"


def sentence(one: Line) -> str:
    """Return how a budget stands, in a line."""
    of = f" ({one.subject})" if one.subject else ""
    marks = ("≥" if one.lower_bound else "") + ("~" if one.is_estimate else "")
    told = f"{marks}{amount(one, one.spent)} of {amount(one, one.limit)}, {percent(one.share)}"
    rest = f"{amount(one, one.left)} left" if one.left >= 0 else f"{amount(one, -one.left)} over"
    end = "" if one.end_ms is None else f", until {clock(one.end_ms)}"
    state = "over" if one.is_over else "within"
    return f"{state}: {printable(one.name)}{printable(of)}: {told}, {rest}{end}"


def clock(at_ms: int) -> str:
    """Return an instant by the system's clock, with its date where that is not today."""
    there = time.localtime(at_ms / 1000)
    near = 0 <= at_ms / 1000 - time.time() < 20 * 3600
    return time.strftime("%H:%M" if near else "%a %d %b %H:%M", there)


def printable(text: str) -> str:
    """Return text of a log without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def as_values(one: Line) -> dict[str, object]:
    """Return a budget for JSON; money in dollars."""
    scale = NANO if one.unit == "usd" else 1
    amounts = {"limit": one.limit, "spent": one.spent, "left": one.left}
    return {
        "name": one.name,
        "subject": one.subject,
        "unit": one.unit,
        "tokenClass": one.tokens if one.unit == "tokens" else None,
        "period": one.period,
        "start": iso(one.start_ms),
        "end": None if one.end_ms is None else iso(one.end_ms),
        **{name: value / scale if scale > 1 else value for name, value in amounts.items()},
        "share": round(one.share, 6),
        "over": one.is_over,
        "lowerBound": one.lower_bound,
        "estimate": one.is_estimate,
        "split": one.split or None,
    }


def iso(at_ms: int) -> str:
    """Return an instant as ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_ms / 1000))


def as_document(code: int, lines: list[Line]) -> str:
    """Return the answer as JSON."""
    told = {"state": STATES[code], "budgets": [as_values(one) for one in lines]}
    return as_json(told)
