"""Which model Claude Code's settings ask for with the large window: no transcript tells it."""

from __future__ import annotations

import os
import re
import stat
import time
from functools import lru_cache
from typing import Final

import msgspec

from tokwatch.sources.glued import NOT_JSON

AGAIN_S: Final = 10
"""So long the status of a settings file is taken as it was."""
_MOST: Final = 1 << 20
"""Bytes of a settings file that is read."""
_MARK: Final = "[1m]"
_DATE: Final = re.compile(r"-20\d{6}$")


class _Environment(msgspec.Struct):
    ANTHROPIC_MODEL: str | None = None
    CLAUDE_CODE_DISABLE_1M_CONTEXT: str | None = None


class _Settings(msgspec.Struct):
    model: str | None = None
    env: _Environment | None = None


def asks_large(path: str, model: str) -> bool:
    """Tell whether the settings beside a transcript ask for its model with the large window.

    Not of sub-agents, whose model can be another. The settings are today's: the session may have
    begun under others.
    """
    folder, _, inside = path.replace("\\", "/").rpartition("/projects/")
    is_agent = "/subagents/" in inside or inside.rpartition("/")[2].startswith("agent-")
    if not folder or is_agent:
        return False
    asked = _asked(f"{folder}/settings.json", int(time.monotonic() // AGAIN_S))
    if not asked:
        return False
    name = _DATE.sub("", model.casefold())
    return name == asked or (asked.isalpha() and asked in name.split("-"))


@lru_cache(maxsize=32)
def _asked(settings: str, _moment: int) -> str:
    """Return what the settings ask for with the mark, without it; "" for nothing."""
    try:
        status = os.stat(settings)
    except (OSError, ValueError):
        return ""
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
        return ""
    return _read(settings, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=32)
def _read(settings: str, _mtime_ns: int, _size: int) -> str:
    try:
        with open(settings, "rb") as file:
            found = msgspec.json.decode(file.read(), type=_Settings)
    except (OSError, *NOT_JSON):
        return ""
    given = found.env or _Environment()
    asked = (given.ANTHROPIC_MODEL or found.model or "").strip().casefold()
    if not asked.endswith(_MARK) or given.CLAUDE_CODE_DISABLE_1M_CONTEXT in ("1", "true"):
        return ""
    return _DATE.sub("", asked.removesuffix(_MARK))
