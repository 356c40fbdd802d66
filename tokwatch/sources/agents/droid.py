"""Factory Droid: a session's settings hold its running totals; their growth is what counts."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "droid"


class Droid(Kept):
    """Reads `<session>.settings.json`, beside the session's own log."""

    name = NAME
    title = "Factory Droid"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="memory, user, assistant, thinking, tool call, tool result, image, summary, "
        "attachment",
        requests="none",
        events="turns, compactions, delegations",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="",
        derived="all usage: growth of the session's totals; what came before the first look "
        "counts when the session began",
        unknown="single requests",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions."""
        named = where.variable_paths("DROID_SESSIONS_DIR")
        named += tuple(home / "sessions" for home in where.variable_paths("FACTORY_DIR"))
        return (
            *(Root(folder) for folder in named or (where.home / ".factory" / "sessions",)),
            *(Root(home / ".factory" / "sessions", polled=True) for home in where.windows_homes),
        )

    def wants(self, path: str) -> bool:
        """Take the settings of every session."""
        return path.endswith(".settings.json")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the growth of the session's totals."""
        from tokwatch.sources.agents.droid_records import read_settings

        return read_settings(log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what was said, in the log beside the settings."""
        from tokwatch.sources.agents.droid_detail import read_detail

        return read_detail(log)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.droid_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.agents.droid_session import session_log, title_of

        return title_of(session_log(path))

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"droid --resume {quote(session)}"
