"""Kimi Code: finds its wire logs; how they are read is in kimi_code_records.py."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "kimi-code"
_DESKTOP: Final = "kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"


class KimiCode(Kept):
    """Reads `wire.jsonl` of each session's agents."""

    name = NAME
    title = "Kimi Code"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="system, memory, user, assistant, thinking, tool call, tool result, image, "
        "summary, attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, compactions, time to the first token",
        unknown="reasoning, window",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions, the desktop app's included."""
        homes = where.variable_paths("KIMI_CODE_HOME") or (where.home / ".kimi-code",)
        desktop = where.home / "Library" / "Application Support" / _DESKTOP
        return (
            *(Root(home / "sessions") for home in homes),
            *((Root(desktop / "sessions"),) if where.platform == "darwin" else ()),
            *(Root(home / ".kimi-code" / "sessions", polled=True) for home in where.windows_homes),
        )

    def wants(self, path: str) -> bool:
        """Take every wire log."""
        return os.path.basename(path) == "wire.jsonl"

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage of each request, and what links a fork to its origin."""
        from tokwatch.sources.agents.kimi_code_records import Wire

        return Wire(log, cursor).read()

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a wire log are made of."""
        from tokwatch.sources.agents.kimi_code_detail import read_detail

        return read_detail(log, state)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title, or the first words of its first prompt."""
        from tokwatch.sources.agents.kimi_titles import code_title

        return code_title(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"kimi --session {quote(session)}"
