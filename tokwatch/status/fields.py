"""The fields of the status line, and how a format is filled; standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS = {
    "model": "the model's name",
    "context": "how full the context window is, in percent",
    "context_tokens": "prompt tokens of the last request",
    "window": "size of the context window",
    "session": "what the session has cost, as the tool tells, else as the store does",
    "today": "what today has cost",
    "week": "what this week has cost",
    "month": "what this month has cost",
    "burn": "dollars an hour over the last minutes",
    "cache": "prompt cache hit rate of today",
    "requests": "requests of today",
    "tokens": "tokens of today",
    "budget": "the tightest budget and how much of it is spent",
    "budget_left": "what is left of the tightest budget",
    "quota": "each official limit, its use and when it resets",
    "alerts": "alerts that are open",
    "project": "the folder's name",
    "age": "how old the store's newest request is, where above ten minutes",
}
DIVIDER = "|"
_PLACE = re.compile(r"\{([a-z0-9_]+)\}")


def unknown_field(text: str) -> str:
    """Return the first name in braces that is no field; empty where there is none."""
    return next((name for name in _PLACE.findall(text) if name not in FIELDS), "")


def wanted_fields(text: str) -> frozenset[str]:
    """Return the fields that a format names."""
    return frozenset(_PLACE.findall(text)) & FIELDS.keys()


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a format with its fields; a part between dividers without any value is left out."""
    parts = []
    for part in text.split(DIVIDER):
        names = _PLACE.findall(part)
        if not names or any(values.get(name) for name in names):
            parts.append(_PLACE.sub(lambda found: values.get(found[1], ""), part).strip())
    return f" {DIVIDER} ".join(part for part in parts if part)
