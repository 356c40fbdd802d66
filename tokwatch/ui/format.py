"""Numbers, times and names as text for the screen; nothing here knows a widget."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size

from tokwatch.errors import ConfigError
from tokwatch.model.units import NANO
from tokwatch.model.usage import Usage
from tokwatch.words import counted
from tokwatch.words import money as money
from tokwatch.words import size as size
from tokwatch.zones import find_zone

UNPRICED: Final = "unpriced"
NOTHING: Final = "–"
_DATE_SUFFIX: Final = re.compile(r"[-@]20\d{6}$")
_VENDOR: Final = re.compile(r"^(?:anthropic/|openai/|google/|models/)?(?:claude-)?")


def signed_money(nano: int) -> str:
    """Return a difference of dollars with its sign."""
    return f"+{money(nano)}" if nano > 0 else money(nano)


def short_money(nano: int) -> str:
    """Return dollars without cents from $10 on, for estimates and long sums."""
    return money(nano, 0 if abs(nano) >= 10 * NANO else 2)


def axis_money(nano: int) -> str:
    """Return dollars with as many decimals as an axis needs."""
    if abs(nano) >= 100 * NANO:
        return money(nano, 0)
    return money(nano, 2 if nano % (NANO // 100) == 0 else 3)


def cost(nano: int, usage: Usage, width: int = 99) -> str:
    """Return a cost with its marks: lower bound, derived, without a price, nothing priced."""
    if usage.uncosted_tokens and not nano:
        return UNPRICED
    marks = ("≥" if usage.lower_bound else "") + ("~" if usage.derived else "")
    more = "+?" if usage.uncosted_tokens else ""
    return f"{marks}{narrow_money(nano, width - len(marks + more))}{more}"


def rate(nano_per_hour: int, width: int = 99) -> str:
    """Return dollars per hour, or a dash where nothing is spent."""
    return narrow_money(nano_per_hour, width) if nano_per_hour else NOTHING


def narrow_money(nano: int, width: int) -> str:
    """Return dollars in so many cells: rather without cents, or in thousands, than cut."""
    wordings = (money(nano), money(nano, 0), f"{money(nano // 1000, 0)}k")
    return next((text for text in wordings if len(text) <= width), wordings[-1])


def count(number: int) -> str:
    """Return a count of tokens in at most five characters."""
    size = abs(number)
    if size < 1_000:
        return str(number)
    for limit, divisor, unit in (
        (999_500, 1_000, "k"),
        (999_500_000, 1_000_000, "M"),
        (999_500_000_000, 1_000_000_000, "B"),
    ):
        if size < limit:
            scaled = number / divisor
            return f"{scaled:.1f}{unit}" if abs(scaled) < 99.95 else f"{scaled:.0f}{unit}"
    return f"{number / 1e12:.1f}T"


def times(ratio: float) -> str:
    """Return how many times another amount one is; never 0 for what is more than nothing."""
    if 0 < ratio < 0.05:
        return "<0.1×"
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{ratio:,.0f}×"


def percent(share: float | None) -> str:
    """Return a share as whole percent; "n/a" where it is not known."""
    return "n/a" if share is None else f"{share * 100:.0f}%"


def age(since: datetime, now: datetime) -> str:
    """Return how long ago something was, in steps of ten seconds below a minute."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return f"{seconds // 10 * 10}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86_400:
        return f"{seconds // 3600}h"
    return f"{seconds // 86_400}d"


def duration(seconds: int) -> str:
    """Return a length of time in its natural unit."""
    for unit_seconds, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_seconds and seconds % unit_seconds == 0:
            number = seconds // unit_seconds
            return unit if number == 1 else counted(number, unit)
    return f"{seconds} s"


@lru_cache(maxsize=8)
def zone(name: str) -> tzinfo:
    """Return the time zone of this name, UTC where there is none such."""
    try:
        return find_zone(name)[1]
    except ConfigError:
        return UTC


def clock(moment: datetime, zone_name: str) -> str:
    """Return the local hours and minutes."""
    return f"{moment.astimezone(zone(zone_name)):%H:%M}"


def moment(instant: datetime, now: datetime, zone_name: str) -> str:
    """Return the local time of day, with date and year where they are others than now."""
    there, here = instant.astimezone(zone(zone_name)), now.astimezone(zone(zone_name))
    if there.date() == here.date():
        return f"{there:%H:%M}"
    return f"{there:%a %d %b %H:%M}" if there.year == here.year else f"{there:%d %b %Y %H:%M}"


def day(iso: str) -> str:
    """Return an ISO day in words, such as "Tue 18 Nov"."""
    try:
        return f"{datetime.fromisoformat(iso):%a %d %b}"
    except ValueError:
        return iso


def floor_to(instant: datetime, seconds: int) -> datetime:
    """Return the last multiple of some seconds that is not later than an instant."""
    return instant - timedelta(
        seconds=int(instant.timestamp()) % seconds, microseconds=instant.microsecond
    )


def clean(text: str) -> str:
    """Return text of a log without control characters, in one line."""
    if text.isprintable():
        return text
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return text of a log in exactly so many cells, cut with an ellipsis where it is longer."""
    text = clean(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    padding = " " * (width - length)
    return padding + text if right else text + padding


def fit_to(text: str, width: int) -> str:
    """Return text of a log in at most so many cells."""
    return fit(text, width).rstrip()


def from_home(path: str) -> str:
    """Return a path with `~` in place of the user's own folder."""
    home = os.path.expanduser("~")
    beneath = path.startswith(home + os.sep) and home not in ("~", os.sep)
    return "~" + path[len(home) :] if beneath else path


def short_model(name: str) -> str:
    """Return a model's name without vendor and date, as its users say it."""
    return _VENDOR.sub("", _DATE_SUFFIX.sub("", name)) or name


def short_project(path: str) -> str:
    """Return the last part of a project's path, which is what its users call it."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1] or path
