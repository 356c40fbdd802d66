"""ZCode: where its database lies."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "zcode"
_FOLDER: Final = Path(".zcode") / "cli" / "db"
_OVERRIDES: Final = ("ZCODE_SESSION_DB_PATH", "ZCODE_SESSION_DB")


class ZCode(Kept):
    """Reads `db.sqlite`, which has a row for each attempt at a request."""

    name = NAME
    title = "ZCode"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="memory, user, assistant, thinking, tool call, tool result, image, summary, "
        "attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning, duration",
        unknown="window; output of a cancelled or failed request may be more",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folder of the database."""
        named = [path for name in _OVERRIDES for path in where.variable_paths(name, "\n")]
        if named:
            return tuple(Root(path.parent, shallow=True) for path in named[:1])
        homes = [Root(home / _FOLDER, polled=True, shallow=True) for home in where.windows_homes]
        return (Root(where.home / _FOLDER, shallow=True), *homes)

    def wants(self, path: str) -> bool:
        """Take the database, whatever a setting calls it."""
        return path.endswith(".sqlite")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the rows that are new, and the last ones again."""
        from tokwatch.sources.agents.zcode_records import read

        return read(log, cursor)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"zcode --resume {quote(session)}"

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of sessions are made of."""
        from tokwatch.sources.agents.zcode_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.zcode_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title."""
        from tokwatch.sources.session_titles import title_in

        return title_in(path, "session", session, "title")
