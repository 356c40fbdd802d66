"""Kimi CLI: finds its wire logs; how they are read is in kimi_records.py."""

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

NAME: Final = "kimi"


class Kimi(Kept):
    """Reads `wire.jsonl` of each session and sub-agent."""

    name = NAME
    title = "Kimi CLI"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, attachment",
        requests="each",
        events="turns, compactions, interruptions, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output",
        derived="the model: the configured one at the time of reading",
        unknown="reasoning, compactions",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions."""
        named = where.variable_paths("KIMI_SHARE_DIR") + where.variable_paths("KIMI_DATA_DIR")
        return (
            *(Root(home / "sessions") for home in named or (where.home / ".kimi",)),
            *(Root(home / ".kimi" / "sessions", polled=True) for home in where.windows_homes),
        )

    def wants(self, path: str) -> bool:
        """Take every wire log."""
        return os.path.basename(path) == "wire.jsonl"

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage of each step."""
        from tokwatch.sources.agents.kimi_records import read_wire

        return read_wire(log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a wire log are made of."""
        from tokwatch.sources.agents.kimi_detail import read_detail

        return read_detail(log, state)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title, or the first words of its first prompt."""
        from tokwatch.sources.agents.kimi_titles import cli_title

        return cli_title(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"kimi --session {quote(session)}"
