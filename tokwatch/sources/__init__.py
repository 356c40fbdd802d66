"""Log formats: the only code that knows a vendor's field names. A new one is a file and a line."""

from __future__ import annotations

from typing import Final

from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.codex import Codex
from tokwatch.sources.source import Source

SOURCES: Final[tuple[Source, ...]] = (ClaudeCode(), Codex())
"""Every source, in the order in which the screen lists them."""


def source_named(name: str) -> Source | None:
    """Return the source of this name."""
    return next((source for source in SOURCES if source.name == name), None)
