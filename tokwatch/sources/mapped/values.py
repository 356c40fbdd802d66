"""Values of JSON records as numbers, instants and names, whatever way a log writes them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from math import isfinite
from typing import Final

from tokwatch.sources.counts import instant_ms
from tokwatch.sources.text import safe_name

PER_MS: Final = {"s": 0.001, "ms": 1, "us": 1_000, "ns": 1_000_000}
"""How many of a unit of time make a millisecond."""
PER_DOLLAR: Final = {"usd": 1, "cents": 100, "micro_usd": 1_000_000, "nano_usd": 1_000_000_000}

_LONGEST_NUMBER: Final = 40
_YES: Final = ("true", "yes", "hit", "1")
_NO: Final = ("false", "no", "miss", "none", "0", "")


class Unfit(ValueError):
    """A value is of a kind that its field cannot be of; the words name the kind alone."""


def number_of(value: object) -> int | float | None:
    """Return a number, also one that is written as text; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise Unfit("true or false, not a number")
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and "_" not in value:
        try:
            return int(value)
        except ValueError:
            pass
        try:
            return float(value)
        except ValueError:
            pass
    raise Unfit(f"{_kind_of(value)}, not a number")


def flag_of(value: object) -> int | None:
    """Return 1 or 0 for what says yes or no; None where there is nothing."""
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if isinstance(value, int | float):
        return int(value > 0)
    if isinstance(value, str) and value.lower() in (*_YES, *_NO):
        return int(value.lower() in _YES)
    raise Unfit(f"{_kind_of(value)}, neither true nor false")


def observed_of(value: object) -> float | None:
    """Return the value of a measure: yes and no are 1 and 0; None where there is none."""
    number = float(value) if isinstance(value, bool) else number_of(value)
    return None if number is None or not isfinite(number) else float(number)


def text_of(value: object) -> str:
    """Return a safe name; only texts and whole numbers are names."""
    if isinstance(value, str):
        return safe_name(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def instant_of(value: object, unit: str, zone: tzinfo | None) -> int | None:
    """Return the UTC milliseconds of a time in a unit; a text without a zone is of `zone`."""
    if unit != "iso":
        try:
            number = number_of(value)
        except Unfit:
            return None
        return None if number is None or not isfinite(number) else instant_ms(number / PER_MS[unit])
    if not isinstance(value, str):
        return None
    if zone is not None:
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                return instant_ms(instant.replace(tzinfo=zone).isoformat())
        except (ValueError, OverflowError):
            return None
    return instant_ms(value)


def _kind_of(value: object) -> str:
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"
