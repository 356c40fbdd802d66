"""Numbers and instants as logs write them: missing, of another type, or nonsense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

COUNT_BITS: Final = 33
MAX_COUNT: Final = 2**COUNT_BITS - 1
"""More tokens than this in one request is nonsense; it also keeps money within 64 bits."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_parse: Final = datetime.fromisoformat
_LATEST_MS: Final = 7_258_118_400_000  # year 2200
_FIRST_MS: Final = 100_000_000_000  # 1973; as seconds it is the year 5138


def count(value: object) -> int:
    """Return a token count; missing, negative, not finite or absurd values are 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if not 0 < value <= MAX_COUNT:
        return 0
    return int(value)


def nano(dollars: object) -> int | None:
    """Return logged dollars as nano-dollars, or None where there are none."""
    if isinstance(dollars, bool) or not isinstance(dollars, int | float):
        return None
    return round(dollars * 1_000_000_000) if 0 <= dollars < 1_000_000 else None


def instant_ms(value: object) -> int | None:
    """Return an ISO 8601 text or epoch milliseconds as UTC milliseconds; None if neither."""
    try:
        moment = (_parse(value) - _EPOCH) // _MILLISECOND  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return _other_instant_ms(value)
    return moment if 0 < moment < _LATEST_MS else None


def _other_instant_ms(value: object) -> int | None:
    """Return what is no text with a time zone: one without has UTC."""
    if isinstance(value, str):
        try:
            moment = (_parse(value).replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
        except ValueError:
            return None
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        if not 0 < value < _LATEST_MS:
            return None
        moment = int(value)
    else:
        return None
    return moment if 0 < moment < _LATEST_MS else None


def unix_ms(value: object) -> int | None:
    """Return an instant whose unit changes with the tool's version: seconds or milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value < _FIRST_MS:
        return instant_ms(value * 1000)
    return instant_ms(value)
