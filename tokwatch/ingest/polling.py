"""Polls the configured endpoints while the store is open for writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tokwatch.config import Config

if TYPE_CHECKING:
    from tokwatch.ingest.ingest import Ingest
    from tokwatch.ingest.poll_threads import PollThreads
    from tokwatch.ingest.poll_writer import PollWriter
    from tokwatch.model.endpoint import EndpointState
    from tokwatch.store.connect import Database
    from tokwatch.store.write import Written


class Polling:
    """Polls the configured endpoints while the store is open; does nothing where there are none.

    Threads ask; `step` writes, in the thread that owns the store.
    """

    def __init__(self, config: Config, came: Callable[[], None]) -> None:
        """Prepare to call `came` after each answer."""
        self._config = config
        self._came = came
        self._polls: PollThreads | None = None
        self._writer: PollWriter | None = None
        self._seen: dict[tuple[str, str], EndpointState] = {}

    def start(self, ingest: Ingest, database: Database) -> None:
        """Go on from where the store says, and begin to ask."""
        if not self._config.endpoint:
            return
        from tokwatch.ingest.poll_threads import PollThreads
        from tokwatch.ingest.poll_writer import PollWriter

        self._writer = PollWriter(self._config, ingest, database)
        states = self._writer.states()
        self._seen = {_name(state): state for state in states}
        self._polls = PollThreads(self._config, states, self._came)
        self._polls.start()

    def stop(self) -> None:
        """Ask no more; what is not written yet is asked for again."""
        polls, self._polls = self._polls, None
        if polls is not None:
            polls.stop()

    def retry(self) -> None:
        """Ask every endpoint at once."""
        if (polls := self._polls) is not None:
            polls.retry()

    def pause(self, name: str) -> bool:
        """Stop asking an endpoint, or go on; False where nothing is asked here."""
        polls = self._polls
        if polls is not None:
            polls.pause(name)
        return polls is not None

    def step(self) -> Iterator[Written]:
        """Write what came; yield after each that changed what a screen shows."""
        if self._polls is None or self._writer is None:
            return
        for polled in self._polls.take():
            written = self._writer.write(polled)
            before = self._seen.get(_name(polled.state))
            self._seen[_name(polled.state)] = polled.state
            if written.since_ms is not None or _differs(before, polled.state):
                yield written


def _name(state: EndpointState) -> tuple[str, str]:
    return state.name, state.part


def _differs(before: EndpointState | None, after: EndpointState) -> bool:
    """Tell whether a part does otherwise than before; that it was asked again is no news."""
    if before is None:
        return True
    names = ("state", "error", "note", "paused")
    return any(getattr(before, name) != getattr(after, name) for name in names)
