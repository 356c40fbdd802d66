"""LiteLLM: logs of its StandardLoggingPayload, one JSON object a line, where a user puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Kept, Knowledge, Root, Surroundings, Untitled

if TYPE_CHECKING:
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "litellm"


class LiteLLM(Kept, Untitled):
    """Reads what a callback of LiteLLM appends to a file; it has no usual place."""

    name = NAME
    title = "LiteLLM"
    version = 2
    knowledge = Knowledge(
        exact="input, cache reads, cache writes of 5 minutes and of 1 hour, output, reasoning, web"
        " searches, cost, duration, time to the first token; what its own cache saved",
        unknown="the session, where the client names none; requests to a model that its client"
        " logs without the response's id count beside that client's",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return nothing: only `[sources.paths]` knows where these logs are."""
        return ()

    def wants(self, path: str) -> bool:
        """Take every file of records."""
        from tokwatch.sources.gateways.witness import LOG_SUFFIXES

        return path.endswith(LOG_SUFFIXES)

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read each payload as a witness of one request."""
        from tokwatch.sources.gateways.litellm_payloads import read_payloads

        return read_payloads(log, cursor)
