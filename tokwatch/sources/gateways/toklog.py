"""toklog: its proxy's logs, one file a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Kept, Knowledge, Root, Surroundings, Untitled

if TYPE_CHECKING:
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "toklog"


class Toklog(Kept, Untitled):
    """Reads `logs/*.jsonl` below `~/.toklog`."""

    name = NAME
    title = "toklog"
    version = 1
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning but Anthropic's, duration",
        unknown="the session; Gemini's response id, so these requests count beside those of the"
        " agent's transcript",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folder of logs."""
        return (Root(where.home / ".toklog" / "logs"),)

    def wants(self, path: str) -> bool:
        """Take every day's log."""
        return path.endswith(".jsonl")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read each entry as a witness of one request."""
        from tokwatch.sources.gateways.toklog_entries import read_entries

        return read_entries(log, cursor)
