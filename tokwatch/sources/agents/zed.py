"""Zed: where the database of its agent's threads lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "zed"


class Zed(Kept):
    """Reads `threads.db`: usage of the last request of each prompt, and a thread's total."""

    name = NAME
    title = "Zed"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, attachment",
        requests="each prompt's last",
        events="",
    )
    keeps_totals = True
    knowledge = Knowledge(
        exact="input, cache reads and writes, output of each prompt's last request",
        derived="the other requests: growth of the thread's total beyond those",
        unknown="reasoning, window, time of a request; all but each prompt's last request in"
        " versions that keep no total",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of the database."""
        if where.platform == "darwin":
            base = where.home / "Library" / "Application Support" / "Zed"
        elif where.platform == "win32":
            local = where.variables.get("LOCALAPPDATA")
            base = (Path(local) if local else where.home / "AppData" / "Local") / "Zed"
        else:
            base = where.data_home() / "zed"
        roots = [Root(base / "threads", shallow=True)]
        if where.platform == "linux":
            packed = where.home / ".var" / "app" / "dev.zed.Zed" / "data" / "zed" / "threads"
            roots.append(Root(packed, shallow=True))
        roots += [
            Root(home / "AppData" / "Local" / "Zed" / "threads", polled=True, shallow=True)
            for home in where.windows_homes
        ]
        return tuple(roots)

    def wants(self, path: str) -> bool:
        """Take the database."""
        return path.endswith("threads.db")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the threads that changed."""
        from tokwatch.sources.agents.zed_records import read

        return read(log, cursor)

    def resume_command(self, session: str) -> str:
        """Return "": a thread is taken up again inside the editor."""
        return ""

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of threads are made of."""
        from tokwatch.sources.agents.zed_detail import read_detail

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.zed_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the thread's summary."""
        from tokwatch.sources.session_titles import title_in

        return title_in(path, "threads", session, "summary")
