"""Crush: where the databases of its projects lie."""

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

NAME: Final = "crush"
_REGISTRY: Final = "projects.json"
_FOLDER: Final = ".crush"


class Crush(Kept):
    """Reads `crush.db` of every project in Crush's registry."""

    name = NAME
    title = "Crush"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="none",
        events="turns, compactions, failures, delegations",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="",
        derived="cost: growth of the session's, less its sub-agents'; tokens: those of the last"
        " request at each look, a lower bound where there were several",
        unknown="cache reads and writes, reasoning, window",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the data folder of each project in the registry."""
        folders = _data_folders(_registry(where))
        return tuple(Root(folder, shallow=True) for folder in dict.fromkeys(folders))

    def wants(self, path: str) -> bool:
        """Take the database."""
        return path.endswith("crush.db")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read what each session's cost grew by, and the tokens of its last request."""
        from tokwatch.sources.agents.crush_records import read

        return read(log, cursor)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"crush --session {quote(session)}"

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what was said in sessions."""
        from tokwatch.sources.agents.crush_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.crush_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.session_titles import title_in

        return title_in(path, "sessions", session, "title")


def _registry(where: Surroundings) -> Path:
    """Return where Crush keeps the list of its projects."""
    if own := where.variable_paths("CRUSH_GLOBAL_DATA", "\n"):
        return own[0] / _REGISTRY
    if where.platform == "win32" and not where.variables.get("XDG_DATA_HOME"):
        local = where.variables.get("LOCALAPPDATA")
        base = Path(local) if local else where.home / "AppData" / "Local"
        return base / "crush" / _REGISTRY
    return where.data_home() / "crush" / _REGISTRY


def _data_folders(registry: Path) -> list[Path]:
    """Return the data folder of each project in a registry."""
    if not os.path.isfile(registry):
        return []
    from tokwatch.sources.beside import plain, read_object

    projects = read_object(registry).get("projects")
    found: list[Path] = []
    for project in projects if isinstance(projects, list) else ():
        if isinstance(project, dict):
            data = plain(project.get("data_dir")) or _FOLDER
            folder = Path(plain(project.get("path"))) / data  # of an absolute one only that counts
            if folder.is_absolute() and "\0" not in str(folder):
                found.append(folder)
    return found
