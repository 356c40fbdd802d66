"""What performance and quality say in words: values in their units, shares, differences."""

from __future__ import annotations

from math import floor
from typing import Final, Generic, TypeVar

from msgspec import Struct

from tokwatch.analysis.measured import Definition, Measured, Unit
from tokwatch.analysis.outcomes import Ratio
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt

UNKNOWN: Final = "n/a"

T = TypeVar("T")


class Trio(Struct, Generic[T], frozen=True):
    """Something of the whole range, and of it before and after the marked instant."""

    whole: T
    before: T | None = None
    after: T | None = None


def value(number: float, of: Definition) -> str:
    """Return a value in at most seven cells, but for units of one's own."""
    match of.unit:
        case Unit.DURATION:
            return duration(number)
        case Unit.TOKENS:
            return fmt.count(round(number))
        case Unit.SPEED:
            return f"{number:.1f}/s" if number < 999.5 else f"{fmt.count(round(number))}/s"
        case Unit.MONEY:
            return money(number)
        case Unit.NUMBER:
            return f"{number:,.4g}" + (f" {fmt.clean(of.custom_unit)}" if of.custom_unit else "")


def duration(ms: float) -> str:
    """Return milliseconds as a length of time in at most six cells."""
    seconds = abs(ms) / 1000
    sign = "-" if ms < 0 else ""
    if seconds < 0.9995:
        return f"{sign}{abs(ms):.0f}ms"
    if seconds < 99.95:
        return f"{sign}{seconds:.1f}s"
    for size, unit in ((60, "m"), (3600, "h"), (86_400, "d")):
        if seconds / size < 99.95 or unit == "d":
            return f"{sign}{seconds / size:.1f}{unit}"
    raise AssertionError("a day has no end")


def money(nano: float) -> str:
    """Return nano-dollars with as many decimals as a small amount needs."""
    size = abs(nano)
    if size and size < NANO // 1000:
        return "<$0.001" if nano > 0 else ">-$0.001"
    return fmt.money(round(nano), 3 if size < NANO else 2 if size < 1000 * NANO else 0)


def share(number: float | None) -> str:
    """Return a share as percent: what is not all is never 100%, what is something never 0%."""
    if number is None:
        return UNKNOWN
    if 0 < number < 0.001:
        return "<0.1%"
    shown = floor(number * 1000) / 10 if number < 1 else number * 100
    return f"{shown:.0f}%" if shown in (0, 100) else f"{shown:.1f}%"


def ratio_value(ratio: Ratio) -> str:
    """Return a ratio's value."""
    found = ratio.value
    if found is None:
        return UNKNOWN
    return money(found) if ratio.aim.is_money else share(found)


def ratio_basis(ratio: Ratio) -> str:
    """Return what a ratio is made of."""
    if not ratio.whole:
        return f"no {ratio.aim.what} told"
    if ratio.aim.is_money:
        return f"{fmt.money(ratio.part)} / {fmt.count(ratio.whole)}"
    return f"{ratio.part:,} of {ratio.whole:,} {ratio.aim.what}"


def marks(of: Measured) -> str:
    """Return the marks of values that are lower bounds or derived."""
    return ("≥" if of.lower else "") + ("~" if of.derived else "")


def change(before: float | None, after: float | None) -> str:
    """Return how much more or less a value has become, as a share of what it was."""
    if before is None or after is None:
        return UNKNOWN
    if before == after:
        return "="
    arrow = "▲" if after > before else "▼"
    if before <= 0:
        return arrow
    moved = abs(after / before - 1) * 100
    return f"{arrow}{moved:.0f}%" if moved < 999.5 else f"{arrow}{after / before:.0f}×"


def difference(before: float | None, after: float | None, of: Definition) -> str:
    """Return the difference of two values, with its sign."""
    if before is None or after is None:
        return UNKNOWN
    sign = "+" if after > before else "-" if after < before else "±"
    return sign + value(abs(after - before), of)


def ratio_difference(before: Ratio, after: Ratio) -> str:
    """Return the difference of two ratios: shares in percentage points."""
    was, now = before.value, after.value
    if was is None or now is None:
        return UNKNOWN
    sign = "+" if now > was else "-" if now < was else "±"
    if before.aim.is_money:
        return sign + money(abs(now - was))
    return f"{sign}{abs(now - was) * 100:.1f} pt"


def is_better(before: float | None, after: float | None, *, more_is_better: bool) -> bool | None:
    """Tell whether a change is for the better; None where there is none."""
    if before is None or after is None or before == after:
        return None
    return (after > before) is more_is_better


def kind_name(name: str) -> str:
    """Return the name of a group."""
    return fmt.clean(name) or "(not told)"
