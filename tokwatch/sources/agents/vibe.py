"""Mistral Vibe: finds its sessions' totals; how they are read is in vibe_records.py."""

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

NAME: Final = "vibe"


class Vibe(Kept):
    """Reads `meta.json` of each session and of its sub-agents."""

    name = NAME
    title = "Mistral Vibe"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="system, user, assistant, thinking, tool call, tool result, attachment",
        requests="none",
        events="",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="",
        derived="all usage: growth of the session's totals, dated when the session was saved; "
        "cost as the tool estimates it",
        unknown="single requests, reasoning, cache reads in older versions",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions."""
        homes = where.variable_paths("VIBE_HOME") or (where.home / ".vibe",)
        return (
            *(Root(home / "logs" / "session") for home in homes),
            *(Root(h / ".vibe" / "logs" / "session", polled=True) for h in where.windows_homes),
        )

    def wants(self, path: str) -> bool:
        """Take what is told about each session."""
        return os.path.basename(path) == "meta.json"

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the growth of the session's totals."""
        from tokwatch.sources.agents.vibe_records import read_session

        return read_session(log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what was said, in the messages beside the totals."""
        from tokwatch.sources.agents.vibe_detail import read_detail

        return read_detail(log)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.vibe_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.beside import plain, read_object
        from tokwatch.sources.text import safe_title

        return safe_title(plain(read_object(path).get("title")))

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"vibe --resume {quote(session)}"
