"""What went wrong with a request, in one of a few words, from its status and its message."""

from __future__ import annotations

import re
from typing import Final

INTERRUPTED: Final = "interrupted"
REFUSED: Final = "refused"
RATE_LIMIT: Final = "rate limit"
CONTEXT_LENGTH: Final = "context length"
CONNECTION: Final = "connection"
OTHER: Final = "other"

_STATUSES: Final = {413: CONTEXT_LENGTH, 429: RATE_LIMIT, 408: CONNECTION, 529: "overloaded"}
_WORDS: Final = (
    (CONTEXT_LENGTH, r"too long|context.{0,3}(length|window|limit)|maximum context"),
    (RATE_LIMIT, r"rate.?limit|usage.?limit|limit reached|hit your.{0,20}limit|too many requests"),
    ("overloaded", r"overloaded"),
    (REFUSED, r"refus|safeguards|usage policy"),
    (
        CONNECTION,
        r"econn|connection|timed? ?out|fetch failed|socket|network|disconnect|stream.{0,20}clos",
    ),
    ("server", r"server.?error|internal error|bad gateway|unavailable"),
)
_PATTERNS: Final = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)
_STATUS: Final = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_LOOKED_AT: Final = 400
"""Characters of a message in which its sort is looked for."""


def trouble_of(status: int, message: str) -> str:
    """Return what sort of failure a status (0 without) and a message tell of."""
    message = message[:_LOOKED_AT]
    known = _STATUSES.get(status, "server" if 500 <= status < 600 else "")
    if known:
        return known
    return next((kind for kind, words in _PATTERNS if words.search(message)), OTHER)


def status_in(message: str) -> int:
    """Return the HTTP status that a message names, 0 without."""
    found = _STATUS.search(message[:_LOOKED_AT])
    return int(found[1]) if found else 0
