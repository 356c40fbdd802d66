"""Grok Build: finds its sessions' updates; how they are read is in grok_records.py."""

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

NAME: Final = "grok"


class Grok(Kept):
    """Reads `updates.jsonl` of each session."""

    name = NAME
    title = "Grok Build"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="memory, user, assistant, thinking, tool call, tool result, image, attachment",
        requests="of turns with one request",
        events="turns, failures",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning and cost of each turn, by model",
        derived="older versions: growth of the context, a lower bound, in place of usage",
        unknown="single requests, sub-agents that outlive the turn of their parent",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of live and archived sessions."""
        homes = where.variable_paths("GROK_HOME") or (where.home / ".grok",)
        folders = ("sessions", "archived_sessions")
        return (
            *(Root(home / folder) for home in homes for folder in folders),
            *(
                Root(home / ".grok" / folder, polled=True)
                for home in where.windows_homes
                for folder in folders
            ),
        )

    def wants(self, path: str) -> bool:
        """Take the updates of every session."""
        return os.path.basename(path) == "updates.jsonl"

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage of each turn."""
        from tokwatch.sources.agents.grok_records import Updates

        return Updates(log, cursor).read()

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the turns of a session are made of."""
        from tokwatch.sources.agents.grok_detail import read_detail

        return read_detail(log, state)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.beside import plain, read_object
        from tokwatch.sources.text import safe_title

        summary = read_object(path.with_name("summary.json"))
        named = (summary.get("generated_title"), summary.get("session_summary"))
        return next((title for title in map(safe_title, map(plain, named)) if title), "")

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"grok --resume {quote(session)}"
