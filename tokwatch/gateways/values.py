"""Numbers, names and instants as endpoints write them: missing, as text, or nonsense."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, Final

from tokwatch.model.units import NANO

MOST: Final = 2**53
"""No count of tokens or requests in one bucket is as large as this."""
MOST_NAME: Final = 200
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 7_258_118_400_000  # year 2200
CENTS: Final = NANO // 100


def count(value: object) -> int | None:
    """Return a whole number of 0 or more, also one written as text; None for anything else."""
    number = _decimal(value)
    if number is None or not 0 <= number < MOST or number != number.to_integral_value():
        return None
    return int(number)


def money(value: object, unit_nano: int = NANO) -> int | None:
    """Return an amount as nano-dollars; `unit_nano` is what one of it is worth."""
    number = _decimal(value)
    if number is None or abs(number) * unit_nano >= 2**62:
        return None
    return int((number * unit_nano).to_integral_value())


def real(value: object) -> float | None:
    """Return a finite number, also one written as text."""
    number = _decimal(value)
    return None if number is None else float(number)


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > 60:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and -30 < number.adjusted() < 30 else None


def name(value: object) -> str:
    """Return a name without what a terminal could obey; "" for anything that is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value[:MOST_NAME] if char.isprintable()).strip()


def person(value: object) -> str:
    """Return who somebody is; of a mail address a name that is the same for it and hides it."""
    text = name(value)
    if "@" not in text:
        return text
    return f"user-{blake2b(text.lower().encode(), digest_size=4).hexdigest()}"


def part(record: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object inside an object; an empty one where there is none."""
    found = record.get(key)
    return found if isinstance(found, dict) else {}


def moment(value: object) -> int | None:
    """Return an ISO 8601 text as UTC milliseconds; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    found = (instant - EPOCH) // timedelta(milliseconds=1)
    return found if 0 < found < _LATEST_MS else None


def seconds(value: object) -> int | None:
    """Return seconds since 1970 as milliseconds."""
    number = real(value)
    return int(number * 1000) if number is not None and 0 < number * 1000 < _LATEST_MS else None


def iso(at_ms: int) -> str:
    """Return an instant as providers take it: seconds, UTC."""
    return (EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at_ms: int) -> str:
    """Return the UTC day of an instant."""
    return (EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%d")


def state_of(cursor: str) -> dict[str, Any]:
    """Return what an adapter's cursor holds; nothing where it is none of ours."""
    try:
        found = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def cursor_of(state: dict[str, Any]) -> str:
    """Return a cursor, equal for equal states."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"))
