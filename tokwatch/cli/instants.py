"""Instants and stretches of time as they are typed: dates, times of day, ISO, so long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from tokwatch.errors import ConfigError

_AGO: Final = re.compile(r"(\d{1,4})([mhdw])")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_DATE: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FIRST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LAST: Final = datetime(9900, 1, 1, tzinfo=UTC)
HOW: Final = "Write 13:20, 2025-11-18, 2025-11-18T13:20, 2h (ago) or now."


def instant_asked(option: str, text: str, now: datetime, zone: tzinfo, *, ends: bool) -> datetime:
    """Return the instant that a text means; a date that ends a range means the end of its day.

    A time of day is the last one before now.
    """
    found = _instant(option, text.strip(), now, zone, ends=ends)
    return min(max(_FIRST, found), _LAST)


def _instant(option: str, text: str, now: datetime, zone: tzinfo, *, ends: bool) -> datetime:
    if text == "now":
        return now
    try:
        if (ago := _AGO.fullmatch(text)) is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if (clock := _CLOCK.fullmatch(text)) is not None:
            return _last(int(clock[1]), int(clock[2]), now.astimezone(zone))
        if (date := _DATE.fullmatch(text)) is not None:
            begin = datetime(*map(int, date.groups()), tzinfo=zone)  # type: ignore[misc, arg-type]  # three numbers
            return begin + timedelta(days=1) if ends and begin < _LAST else begin
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {text!r} is no time.", HOW) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _last(hour: int, minute: int, now: datetime) -> datetime:
    """Return the last time of day that is not later than now."""
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    return at if at <= now else at - timedelta(days=1)


def range_asked(option: str, text: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return begin and end of a range, written with two dots between them."""
    since, dots, until = text.partition("..")
    if not dots:
        raise ConfigError(f"{option} {text!r} is no range of time.", f"Write FROM..TO. {HOW}")
    begin = instant_asked(option, since, now, zone, ends=False)
    end = instant_asked(option, until or "now", now, zone, ends=True)
    if begin >= end:
        raise ConfigError(f"{option} {text!r} ends before it begins.")
    return begin, end
