"""What a tool hands to `tokwatch statusline` on standard input; standard library only.

Nothing of it is trusted: what is not of its kind, or no plausible value, counts as not told.
"""

from __future__ import annotations

import json
import math
import os
import re
from contextlib import suppress
from typing import Any, Final, NamedTuple

from tokwatch.status.prepared import DATABASE_ERRORS, Values, write_file

FOLDER: Final = "statusline"
MOST_BYTES: Final = 1 << 20
SOURCE: Final = "claude-code"
MOST_PERCENT: Final = 1_000.0
"""A limit can be passed; an instant that once stood here is far above."""
WINDOWS: Final = (1_000, 100_000_000)
LATEST_S: Final = 1 << 40
AGAIN_MS: Final = 600_000
"""What has not changed is told again after so long, so that its age is known."""
LIMITS: Final = {"five_hour": (300, "5h"), "seven_day": (10_080, "7d")}
_LIMIT: Final = r"seven_day_[a-z0-9_]{1,24}"


class Quota(NamedTuple):
    """One official limit: percent used of so many minutes, and when it resets."""

    name: str
    percent: float
    minutes: int
    resets_s: int


class Told(NamedTuple):
    """What the tool told of itself; empty, 0 or None where it did not."""

    session: str = ""
    model: str = ""
    """Its id, as in the log."""
    model_name: str = ""
    folder: str = ""
    cost_usd: float | None = None
    window: int = 0
    used_tokens: int | None = None
    used_percent: float | None = None
    quotas: tuple[Quota, ...] = ()


def told_by(text: bytes) -> Told:
    """Return what a status line's input tells; of garbage nothing."""
    try:
        found = json.loads(text.decode("utf-8", "replace")) if text.strip() else {}
    except (ValueError, RecursionError):
        return Told()
    if not isinstance(found, dict):
        return Told()
    model, context, cost = (_part(found, name) for name in ("model", "context_window", "cost"))
    place = _part(found, "workspace")
    window = _number(context.get("context_window_size"), WINDOWS[1]) or 0
    return Told(
        _text(found.get("session_id")),
        re.sub(r"\[1m\]$", "", _text(model.get("id"))),
        _text(model.get("display_name")) or _text(model.get("id")),
        _text(place.get("project_dir"))
        or _text(place.get("current_dir"))
        or _text(found.get("cwd")),
        _number(cost.get("total_cost_usd"), 1e9),
        int(window) if window >= WINDOWS[0] else 0,
        _used(context),
        _number(context.get("used_percentage"), MOST_PERCENT),
        tuple(_quotas(_part(found, "rate_limits"))),
    )


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    """Return a text without control characters, of a length that a line has room for."""
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value if letter.isprintable())[:200]


def _number(value: object, most: float) -> float | None:
    """Return a number from 0 up to the most; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) and 0 <= value <= most else None
    except OverflowError:
        return None


def _used(context: dict[str, Any]) -> int | None:
    """Return the prompt tokens of the last request."""
    usage = _part(context, "current_usage")
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    parts = [_number(usage.get(name), WINDOWS[1]) for name in names]
    return (
        int(sum(part or 0 for part in parts)) if any(part is not None for part in parts) else None
    )


def _quotas(limits: dict[str, Any]) -> list[Quota]:
    found = []
    for key, limit in limits.items():
        if key in LIMITS:
            minutes, name = LIMITS[key]
        elif re.fullmatch(_LIMIT, key):
            minutes, name = 10_080, f"7d {key.removeprefix('seven_day_').replace('_', ' ')}"
        else:
            continue
        part = limit if isinstance(limit, dict) else {}
        percent = _number(part.get("used_percentage"), MOST_PERCENT)
        resets = _number(part.get("resets_at"), LATEST_S)
        if percent is not None and resets:
            seconds = resets / 1000 if resets > 1e11 else resets
            found.append(Quota(name, percent, minutes, int(seconds)))
    return found


def remember(told: Told, data: str, now_ms: int) -> None:
    """Leave what was told where whoever reads the logs finds it; nothing waits for that.

    A file for each session, written at once or not at all, and only when something has changed.
    """
    if not told.session or not (told.window or told.quotas):
        return
    name = re.sub(r"[^A-Za-z0-9_-]", "_", told.session)[:80]
    path = os.path.join(data, FOLDER, f"{name}.json")
    values: Values = {
        "source": SOURCE,
        "session": told.session,
        "model": told.model,
        "window": told.window,
        "quotas": [list(one) for one in told.quotas],
    }
    with suppress(*DATABASE_ERRORS):
        with open(path, "rb") as file:
            known = json.load(file)
        is_same = known | {"seen_ms": 0} == values | {"seen_ms": 0}
        if is_same and 0 <= now_ms - known["seen_ms"] < AGAIN_MS:
            return
    write_file(path, values | {"seen_ms": now_ms})
