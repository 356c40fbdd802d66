"""Makes names from logs safe: log text is hostile."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

MAX_NAME: Final = 400
MAX_TITLE: Final = 120
_SECRET: Final = (
    r"(?<![0-9A-Za-z])(sk[-_]|bearer\s|AIza|eyJ)"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9A-Za-z+/=]{32}"
    r"|(?=[A-Za-z+/=]*[0-9])(?=[0-9]*[A-Za-z+/=])[0-9A-Za-z+/=]{16}"
)
"""What keys begin with, and runs of letters and digits as only keys, hashes and ids have them."""
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


@lru_cache(maxsize=8192)
def safe_name(text: str) -> str:
    """Return a name without control, direction and surrogate characters, and not too long."""
    return _UNSAFE.sub("", text[:MAX_NAME]).strip()


def name_in(value: object) -> str:
    """Return a safe name; "" for anything that is no text."""
    return safe_name(value) if isinstance(value, str) else ""


def safe_title(text: str) -> str:
    """Return a title on one line; unlike a name it may be a prompt's words, so nothing keeps it."""
    return _UNSAFE.sub("", " ".join(text[:MAX_NAME].split()))[:MAX_TITLE].strip()


def key_name(text: str) -> str:
    """Return the name of an API key: its alias, or "key" and 8 hex digits of what may be a secret.

    The digits tell keys apart and lead back to none; a hash or an id of a key is made short too.
    """
    name = safe_name(text)
    if not re.search(_SECRET, name, re.IGNORECASE):
        return name
    return f"key {blake2b(name.encode(), digest_size=4).hexdigest()}"
