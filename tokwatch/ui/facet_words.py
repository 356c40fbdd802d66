"""Facets of the spending, their values and amounts in words."""

from __future__ import annotations

from typing import Final

from tokwatch.analysis.calendar import WEEKDAYS, date_of, instant
from tokwatch.model.facets import NO_TOOL, TIMES, UNTOLD_TOOL, Amount, Facet, Picks, Unit, Value
from tokwatch.model.usage import Slice, Usage
from tokwatch.ui import format as fmt

TOOLS: Final = {NO_TOOL: "(no tool)", UNTOLD_TOOL: "(not told)"}
INTO: Final = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
"""Stands between the steps of a trail."""
SIZE_OF_NAME: Final = 24
"""The longest that a name is in a trail."""


def value_name(facet: Facet, value: Value) -> str:
    """Return a value as its users call it."""
    if facet in TIMES:
        return _time(facet, int(value))
    name = str(value)
    if facet is Facet.TOOL and name in TOOLS:
        return TOOLS[name]
    if facet is Facet.AGENT:
        return fmt.clean(name) or "main"
    if not name:
        return "(none)"
    if facet is Facet.SESSION and len(name) > 8:
        return fmt.clean(f"{name[:4]}·{name[-3:]}")
    if facet is Facet.PROJECT:
        return fmt.clean(fmt.short_project(name))
    return fmt.clean(fmt.short_model(name) if facet is Facet.MODEL else name)


def _time(facet: Facet, value: int) -> str:
    if facet is Facet.DAY:
        return f"{date_of(value):%a %d %b}"
    return f"{value:02}:00" if facet is Facet.HOUR else WEEKDAYS[value].title()


def trail(picks: Picks) -> str:
    """Return what was picked, one after the other."""
    return "".join(
        f" {INTO} {pick.facet} {fmt.fit_to(value_name(*pick), SIZE_OF_NAME)}" for pick in picks
    )


def amount_text(amount: Amount, unit: Unit, width: int = 99) -> str:
    """Return an amount in a unit, with its marks; a dash for nothing."""
    if not amount.requests:
        return fmt.NOTHING
    if unit is Unit.COST:
        return fmt.cost(amount.nano, doubts_of(amount), width)
    marks = ("≥" if amount.lower_bound else "") + ("~" if amount.derived else "")
    if unit is Unit.REQUESTS:
        return f"{amount.requests:,}" if width > 8 else fmt.count(amount.requests)
    return f"{marks}{fmt.count(amount.tokens)}"


def doubts_of(amount: Amount) -> Usage:
    """Return how far an amount can be trusted, as a usage tells it."""
    return Usage(
        uncosted_tokens=amount.missing, lower_bound=amount.lower_bound, derived=amount.derived
    )


def arrow(now: int, before: int | None) -> str:
    """Return whether an amount rose or fell against the one before; empty without one."""
    if before is None or now == before:
        return ""
    return "▲" if now > before else "▼"


def change_words(now: int, before: int | None) -> str:
    """Return a change against the amount before in words, at most five characters."""
    if before is None or now == before:
        return "=" if before else fmt.NOTHING
    if not before:
        return "new"
    if not now:
        return "gone"
    share = now / before - 1
    return f"×{share + 1:,.0f}" if share >= 9.995 else f"{share * 100:+.0f}%"


def difference(now: int, before: int, unit: Unit) -> str:
    """Return the difference to the amount before, with its sign."""
    size = abs(now - before)
    text = fmt.money(size) if unit is Unit.COST else fmt.count(size)
    return f"{'-' if now < before else '+'}{text}"


def range_words(part: Slice, zone: str) -> str:
    """Return begin and end of a range in local time."""
    where = fmt.zone(zone)
    begin = instant(part.since_ms).astimezone(where)
    end = instant(part.until_ms).astimezone(where)
    if begin.date() == end.date():
        return f"{begin:%H:%M}–{end:%H:%M}"
    pattern = "%d %b %H:%M" if begin.year == end.year else "%d %b %Y"
    return f"{begin:{pattern}} – {end:{pattern}}"
