"""Cline's own sessions: those of its command line, and of its editors' extension since 4.1."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.agents.cline import cline_data
from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "cline-cli"


class ClineCli(Kept):
    """Reads `sessions/<id>/*.messages.json`: a session's messages, and each sub-agent's."""

    name = NAME
    title = "Cline CLI and 4.1"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image",
        requests="each",
        events="turns",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, cost; sub-agents",
        unknown="reasoning, window; requests of runs that tell only their sum; turns of Claude Code"
        " as the provider, which its own logs tell",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions: overrides replace the one at home."""
        named = where.variable_paths("CLINE_SESSION_DATA_DIR")
        own = named or tuple(folder / "sessions" for folder in cline_data(where))
        windows = (home / ".cline" / "data" / "sessions" for home in where.windows_homes)
        return (*(Root(folder) for folder in own), *(Root(path, polled=True) for path in windows))

    def wants(self, path: str) -> bool:
        """Take the messages of every session and sub-agent."""
        return path.endswith(".messages.json")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage that a session's messages carry."""
        from tokwatch.sources.agents.cline_cli_records import read_messages

        return read_messages(NAME, log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a session are made of."""
        from tokwatch.sources.agents.cline_cli_detail import read_detail

        return read_detail(NAME, log)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.cline_cli_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's title, else its first words."""
        from tokwatch.sources.agents.cline_cli_records import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"cline --id {quote(session)}"
