"""What statuses other than 200 mean, in words that name neither address nor key."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from tokwatch.net import PASSING, Fetched

_WORDS: Final = {
    401: "the key is refused",
    402: "payment is required",
    403: "the key may not read this",
    404: "there is no such thing at this address",
    429: "too many requests",
    503: "it is not available",
}
_MOST_DIGITS: Final = 9


class Refusal(Exception):
    """An endpoint did not tell what it was asked for."""

    def __init__(
        self, words: str, *, is_passing: bool, is_whole: bool = False, asked_ms: int = 0
    ) -> None:
        """Say why, whether that may pass by itself, and how long it asked to be left alone."""
        super().__init__(words)
        self.is_passing = is_passing
        self.is_whole = is_whole
        """True where no other part of the endpoint would get an answer either."""
        self.asked_ms = asked_ms


def refusal_of(came: Fetched, now_ms: int) -> Refusal:
    """Return what a status means."""
    status = came.status
    words = _WORDS.get(status, "")
    if 300 <= status < 400:
        words = "it leads elsewhere, which is not followed: correct the url"
    told = f"answered with status {status}{': ' if words else ''}{words}"
    return Refusal(
        told,
        is_passing=status in PASSING or status >= 500,
        is_whole=status in (429, 503),
        asked_ms=asked_ms(came, now_ms),
    )


def asked_ms(came: Fetched, now_ms: int) -> int:
    """Return how long Retry-After asks to wait: seconds, or until a date by the server's clock."""
    text = came.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text) * 1000
    until_ms = date_ms(text)
    if until_ms is None:
        return 0
    there_ms = date_ms(came.headers.get("date", ""))
    return max(0, until_ms - (now_ms if there_ms is None else there_ms))


def date_ms(text: str) -> int | None:
    """Return an HTTP date in UTC milliseconds."""
    if not text or len(text) > 60:
        return None
    try:
        instant = parsedate_to_datetime(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return int((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
