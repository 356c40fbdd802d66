"""headroom: the log that `headroom proxy --log-file` writes, one JSON object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Kept, Knowledge, Root, Surroundings, Untitled

if TYPE_CHECKING:
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "headroom"


class Headroom(Kept, Untitled):
    """Reads the proxy's request log; it has no usual place."""

    name = NAME
    title = "headroom"
    version = 1
    knowledge = Knowledge(
        exact="input, cache reads, cache writes, output, tokens saved, duration",
        derived="input of providers that report none: headroom's own estimate",
        unknown="the provider's response id, so its requests count beside those of the agent's"
        " transcript; reasoning, session, how long cache writes live, what its own cache saved",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the file that the environment names; `[sources.paths]` may name others."""
        named = where.variables.get("HEADROOM_LOG_FILE", "").strip()
        return (Root(where.expand(named), shallow=True),) if named else ()

    def wants(self, path: str) -> bool:
        """Take every file of records."""
        from tokwatch.sources.gateways.witness import LOG_SUFFIXES

        return path.endswith(LOG_SUFFIXES)

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read each record as a witness of one request."""
        from tokwatch.sources.gateways.headroom_records import read_records

        return read_records(log, cursor)
