"""The roll of workers: each notes for itself how it does, in its own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from tokwatch.model.worker import WorkerState

NAMES: Final = (
    *("pictures", "pages", "ingest", "details", "prices", "alerts", "suggestions"),
    "calibration",
)


class Roll:
    """What each worker noted last."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        """Begin with workers that did nothing yet."""
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._states = {name: WorkerState(name) for name in NAMES}

    def note(self, name: str, /, *, error: str = "", told: str = "") -> None:
        """Note that a worker did its work, that it failed, or why it waits."""
        with self._lock:
            before = self._states[name]
            if error:
                after = replace(before, error=error, told="")
            elif told:
                after = replace(before, error="", told=told)
            else:
                after = replace(before, done_ms=self._clock_ms(), error="", told="")
            self._states[name] = after

    def states(self) -> tuple[WorkerState, ...]:
        """Return how all of them do."""
        with self._lock:
            return tuple(self._states.values())
