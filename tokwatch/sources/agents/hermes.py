"""Hermes: where its databases lie."""

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

NAME: Final = "hermes"


class Hermes(Kept):
    """Reads `state.db` of each profile, which keeps running totals of each session."""

    name = NAME
    title = "Hermes"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="system, user, assistant, thinking, tool call, tool result, image",
        requests="none",
        events="turns",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="",
        derived="all usage: growth of the totals of a session, by model where they are told apart",
        unknown="window",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return Hermes's folders and those of its profiles; much else lies below them."""
        own = where.variable_paths("HERMES_HOME", "\n")[:1]
        folders = own or (where.home / ".hermes",)
        if where.platform == "win32" and not own and (local := where.variables.get("LOCALAPPDATA")):
            folders = (*folders, Path(local) / "hermes")
        roots = [Root(folder, shallow=True) for home in folders for folder in _with_profiles(home)]
        roots += [
            Root(folder, polled=True, shallow=True)
            for home in where.windows_homes
            for folder in _with_profiles(home / ".hermes")
        ]
        return tuple(roots)

    def wants(self, path: str) -> bool:
        """Take the database of the user and those of profiles."""
        return path.endswith("state.db")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read what the totals grew by."""
        from tokwatch.sources.agents.hermes_records import read

        return read(log, cursor)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"hermes --resume {quote(session)}"

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what was said in sessions."""
        from tokwatch.sources.agents.hermes_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.hermes_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.session_titles import title_in

        return title_in(path, "sessions", session, "title")


def _with_profiles(home: Path) -> tuple[Path, ...]:
    """Return one of Hermes's folders, and those of the profiles in it."""
    try:
        names = sorted(os.listdir(home / "profiles"))
    except OSError:
        names = []
    return (home, *(home / "profiles" / name for name in names))
