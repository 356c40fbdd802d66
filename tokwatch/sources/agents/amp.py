"""Amp: finds the threads it keeps on this machine. What they say is in `amp_records.py`."""

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

NAME: Final = "amp"


class Amp(Kept):
    """Reads `threads/T-*.json`: one document for each thread."""

    name = NAME
    title = "Amp"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each",
        events="turns, compactions, failures",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, window",
        unknown="reasoning, cost; the oracle, the librarian and other sub-agents;"
        " cache of requests that only the ledger of older versions has;"
        " threads that newer versions keep on the server",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of threads: an override replaces the one at home."""
        named = where.variable_paths("AMP_DATA_DIR")
        own = named or (where.data_home() / "amp",)
        windows = tuple(
            Root(home / ".local" / "share" / "amp" / "threads", polled=True)
            for home in where.windows_homes
        )
        return (*(Root(folder / "threads") for folder in own), *windows)

    def wants(self, path: str) -> bool:
        """Take every thread."""
        return path.endswith(".json") and os.path.basename(path).startswith("T-")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage of a thread's messages, and of its ledger."""
        from tokwatch.sources.agents.amp_records import read_thread

        return read_thread(NAME, log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a thread are made of."""
        from tokwatch.sources.agents.amp_detail import read_detail

        return read_detail(NAME, log)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.amp_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the thread's title, else its first words."""
        from tokwatch.sources.agents.amp_records import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return the command that goes on with a thread."""
        return f"amp threads continue {quote(session)}"
