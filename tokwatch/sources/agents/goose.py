"""Goose: where its sessions' database lies."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "goose"
_WINDOWS: Final = Path("AppData") / "Roaming" / "Block" / "goose" / "data" / "sessions"


class Goose(Kept):
    """Reads `sessions.db`: a row for each request, or a session's totals where there is none."""

    name = NAME
    title = "Goose"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each of `usage_ledger`",
        events="turns, compactions",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="input, cache reads and writes, output of requests in `usage_ledger`",
        derived="sessions before schema 15: growth of the session's totals",
        unknown="reasoning, window; before schema 14 cache reads and writes; turns of Claude Code,"
        " Codex and Gemini CLI as providers, which their own logs tell",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of the database."""
        if own := where.variable_paths("GOOSE_PATH_ROOT", "\n"):
            return (Root(own[0] / "data" / "sessions", shallow=True),)
        if where.platform == "win32":
            roaming = where.variables.get("APPDATA")
            base = Path(roaming) if roaming else where.home / "AppData" / "Roaming"
            return (Root(base / "Block" / "goose" / "data" / "sessions", shallow=True),)
        folders = [where.data_home() / "goose", where.data_home() / "Block" / "goose"]
        if where.platform == "darwin":
            folders.append(where.home / "Library" / "Application Support" / "goose")
            folders.append(where.home / "Library" / "Application Support" / "Block" / "goose")
        roots = [Root(folder / "sessions", shallow=True) for folder in folders]
        homes = [Root(home / _WINDOWS, polled=True, shallow=True) for home in where.windows_homes]
        return (*roots, *homes)

    def wants(self, path: str) -> bool:
        """Take the database."""
        return path.endswith("sessions.db")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read new requests, and the growth of sessions without any."""
        from tokwatch.sources.agents.goose_records import read

        return read(log, cursor)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"goose session --resume --session-id {quote(session)}"

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of sessions are made of."""
        from tokwatch.sources.agents.goose_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.goose_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own name."""
        from tokwatch.sources.session_titles import title_in

        return title_in(path, "sessions", session, "name", "description")
