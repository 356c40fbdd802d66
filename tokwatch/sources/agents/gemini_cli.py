"""Gemini CLI: finds its chats; the rules G1-G5 of docs/sources.md are in gemini_records.py."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "gemini-cli"
_CHATS: Final = "chats"


class GeminiCli:
    """Reads `tmp/<project>/chats/**`: sessions and, in folders of their own, sub-agents."""

    name = NAME
    title = "Gemini CLI"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads, output, reasoning; rewound messages count, for they were billed",
        unknown="web searches, chat compressions, the model router and cut answers: calls in no"
        " chat; tier",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of projects' temporary files, in which the chats lie."""
        windows = (Root(home / ".gemini" / "tmp", polled=True) for home in where.windows_homes)
        named = where.variable_paths("GEMINI_DATA_DIR")
        if named:
            own = tuple(path if path.name == "tmp" else path / "tmp" for path in named)
        else:
            home = where.variables.get("GEMINI_CLI_HOME", "").strip()
            own = ((where.expand(home) if home else where.home) / ".gemini" / "tmp",)
        return (*(Root(path) for path in own), *windows)

    def wants(self, path: str) -> bool:
        """Take chats and sub-agents' chats of both forms, and nothing else of the folder."""
        if not path.endswith((".jsonl", ".json")):
            return False
        folder, parent = os.path.split(os.path.dirname(path))
        return _CHATS in (parent, os.path.basename(folder))

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read each message's tokens, and the sort of agents that it started."""
        from tokwatch.sources.agents.gemini_records import Chat

        return Chat(log, cursor).read()

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a chat are made of."""
        from tokwatch.sources.agents.gemini_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.gemini_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's summary, or the first words of its first prompt."""
        from tokwatch.sources.agents.gemini_titles import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"gemini --resume {quote(session)}"

    def retention(self, where: Surroundings) -> str:
        """Return after what time Gemini CLI deletes chats, and how to change it."""
        from tokwatch.sources.agents.gemini_titles import retention

        folders = (root.path for root in self.roots(where))
        return next((words for words in map(retention, folders) if words), "")
