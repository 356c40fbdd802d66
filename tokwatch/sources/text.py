"""Makes names from logs safe: log text is hostile."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_NAME: Final = 400
MAX_TITLE: Final = 120
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


@lru_cache(maxsize=8192)
def safe_name(text: str) -> str:
    """Return a name without control, direction and surrogate characters, and not too long."""
    return _UNSAFE.sub("", text[:MAX_NAME]).strip()


def safe_title(text: str) -> str:
    """Return a title on one line; unlike a name it may be a prompt's words, so nothing keeps it."""
    return _UNSAFE.sub("", " ".join(text[:MAX_NAME].split()))[:MAX_TITLE].strip()
