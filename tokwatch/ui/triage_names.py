"""Names, stretches of time and amounts of a triage as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.analysis.attribution import Contribution
from tokwatch.analysis.baseline import Against, Stretch, days_back
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.triage import Triage
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.words import counted

NAMES: Final = {Dimension.KIND: "agent"}


def dimension_name(dimension: Dimension) -> str:
    """Return what a dimension is called."""
    return NAMES.get(dimension, str(dimension))


def value_name(dimension: Dimension, value: str) -> str:
    """Return a value of a log as its users call it."""
    if not value:
        return "(none)"
    if dimension is Dimension.SESSION:
        return fmt.clean(value if len(value) <= 8 else f"{value[:4]}·{value[-3:]}")
    if dimension is Dimension.PROJECT:
        return fmt.clean(fmt.short_project(value))
    return fmt.clean(fmt.short_model(value) if dimension is Dimension.MODEL else value)


def stretch_words(of: Stretch, zone: str, beside: Stretch | None = None) -> str:
    """Return begin and end of a stretch in local time; beside another of its day without it."""
    where = fmt.zone(zone)
    begin, end = instant(of.since_ms).astimezone(where), instant(of.until_ms).astimezone(where)
    last = instant(of.until_ms - 1).astimezone(where)
    if begin.date() == last.date():
        until = f"{end:%H:%M}" if end.date() == begin.date() else "24:00"
        known = beside is not None and instant(beside.since_ms).astimezone(where)
        day = "" if known and known.date() == begin.date() else f"{begin:%a %d %b} "
        return f"{day}{begin:%H:%M}–{until}"
    pattern = "%a %d %b %H:%M" if begin.year == end.year else "%d %b %Y %H:%M"
    return f"{begin:{pattern}} – {end:{pattern}}"


def baseline_words(page: TriagePage) -> str:
    """Return how the baseline was chosen."""
    found = page.triage
    if page.against is Against.WEEK:
        return "the 7 days before"
    if page.against is Against.BEFORE:
        return "the time before"
    if page.against is Against.YESTERDAY:
        days = days_back(found.shown)
        return "the same time yesterday" if days == 1 else f"the same time {days} days before"
    return "as given"


def scale_words(found: Triage) -> str:
    """Return by what the baseline's cost is multiplied."""
    if found.scale == 1:
        return "of the same length"
    above, below = found.scale.numerator, found.scale.denominator
    return f"scaled by {above}/{below}" if below < 1000 else f"scaled by {float(found.scale):.4f}"


def length_words(of: Stretch) -> str:
    """Return how long a stretch is."""
    if of.length_ms % DAY_MS == 0:
        days = of.length_ms // DAY_MS
        return counted(days, "day")
    if of.length_ms > 2 * DAY_MS:
        return f"{of.length_ms / DAY_MS:,.1f} days"
    hours, minutes = divmod(of.length_ms // 60_000, 60)
    return " ".join(
        filter(None, (f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""))
    )


def trail_words(found: Triage) -> str:
    """Return what was narrowed to."""
    return " \u203a ".join(
        f"{dimension_name(dimension)} {value_name(dimension, value)}"
        for dimension, value in found.trail
    )


def places_of(*nano: int) -> int:
    """Return with how many decimals amounts are told: small ones need more than cents."""
    largest = max(map(abs, nano), default=0)
    return 4 if 0 < largest < NANO else 2


def signed(nano: int, places: int = 2) -> str:
    """Return an amount with its sign."""
    text = fmt.money(nano, places)
    return text if text.startswith("-") else f"+{text}"


def change(share: float | None) -> str:
    """Return a change in percent, or by a factor where it is large."""
    if share is None:
        return "n/a"
    return f"×{share + 1:,.0f}" if share >= 9.995 else f"{share * 100:+.0f}%"


def share_of(share: float | None) -> str:
    """Return a share of the difference in whole percent."""
    return "n/a" if share is None else f"{share * 100:,.0f}%"


def share_words(one: Contribution) -> str:
    """Return a contribution's share of the difference."""
    return share_of(one.share)


def cents(parts: Sequence[int], places: int = 2) -> list[int]:
    """Return amounts rounded to what is shown of them, so that they still add up."""
    unit = NANO // 10**places
    shown: list[int] = []
    exact = given = 0
    for part in parts:
        exact += part
        total = (exact * 2 + unit) // (2 * unit) * unit
        shown.append(total - given)
        given = total
    return shown
