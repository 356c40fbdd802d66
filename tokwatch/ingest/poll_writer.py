"""Where endpoints and the store meet: writes what was told, with where the polling goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from tokwatch.config import Config
from tokwatch.gateways.poll import Polled
from tokwatch.model.endpoint import EndpointState
from tokwatch.model.reading import Reading
from tokwatch.store.connect import Database
from tokwatch.store.endpoints import write_polled, write_state
from tokwatch.store.measures import add_measures
from tokwatch.store.read.endpoints import stored_states
from tokwatch.store.store import workspace_id
from tokwatch.store.write import Written

if TYPE_CHECKING:
    from tokwatch.ingest.ingest import Ingest

ReadRows = Callable[[str, str, Sequence[dict[str, Any]]], Reading]
LOG: Final = "endpoint:"
"""How the log is called that stands for an endpoint's single requests."""


class PollWriter:
    """Writes what polls brought, into one workspace."""

    def __init__(self, config: Config, ingest: Ingest, database: Database) -> None:
        """Use the one writer of the store."""
        self._config = config
        self._ingest = ingest
        self._database = database
        self._workspace = workspace_id(database, config.general.workspace) or 0

    def states(self) -> list[EndpointState]:
        """Return how every part did that was ever polled."""
        return stored_states(self._database, self._workspace)

    def write(self, polled: Polled) -> Written:
        """Write one poll: requests first, for they may be written twice, the cursor with the sums.

        Return what changed among events.
        """
        state, told = polled.state, polled.told
        written = Written()
        if told is None:
            with self._database.transaction():
                write_state(self._database, self._workspace, state)
            return written
        if told.rows:
            read = self._reader(polled)
            written = self._ingest.add(read(state.name, LOG + state.name, told.rows))
        if polled.measures:
            add_measures(self._database, self._workspace, polled.measures)
        write_polled(
            *(self._database, self._workspace, state),
            *(told.replaced, told.buckets, told.grown),
        )
        return written

    def _reader(self, polled: Polled) -> ReadRows:
        """Return what reads the single requests of an endpoint."""
        if polled.part.rows == "mapping":
            from tokwatch.gateways.stream import NUMBER
            from tokwatch.sources.mapped.told import MappedRows

            mapping = self._config.endpoint[polled.state.name].mapping
            return MappedRows(mapping, self._config.mapping[mapping], NUMBER)
        if polled.part.rows == "openrouter-generation":
            from tokwatch.sources.gateways.openrouter import read_generations

            return read_generations
        from tokwatch.sources.gateways.litellm_spend import read_rows

        return read_rows
