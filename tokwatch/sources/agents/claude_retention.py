"""When Claude Code deletes its transcripts, by its own settings."""

from __future__ import annotations

import os

import msgspec

from tokwatch.sources.agents.claude_roots import claude_roots
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.source import Surroundings
from tokwatch.words import counted


class _Cleanup(msgspec.Struct):
    cleanupPeriodDays: int = 30


def claude_retention(where: Surroundings) -> str:
    """Return in words when transcripts are deleted, by the first settings file there is."""
    for root in claude_roots(where):
        settings = root.path.parent / "settings.json"
        if not os.path.isdir(root.path):
            continue
        try:
            found = msgspec.json.decode(settings.read_bytes(), type=_Cleanup)
        except FileNotFoundError:
            found = _Cleanup()
        except (OSError, *NOT_JSON):
            return f"{settings} cannot be read: when transcripts are deleted is not known"
        period = counted(found.cleanupPeriodDays, "day")
        return (
            f"Claude Code deletes transcripts after {period}; tokwatch keeps what it has read."
            f' "cleanupPeriodDays" in {settings} sets another number'
        )
    return ""
