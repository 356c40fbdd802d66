"""Brings SQLite's file up to date while history is written, in a thread of its own.

Whoever does so waits for the disk: in the thread that writes, so would what the tools write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.log import OwnLog
    from tokwatch.store.connect import Database
    from tokwatch.store.write import Writer

EVERY_S: Final = 1.0
"""Between two passes: until then some 60 MB are written. A copy of the file wants them rare."""
MUCH_PAGES: Final = 8_192
"""A log of 32 MB is to begin anew, for which history stands still for a moment."""
STANDS_S: Final = 0.5
"""Waited at most until it does."""


class Carrier:
    """Carries the log over now and then, and once more when it ends."""

    def __init__(self, opened: Callable[[], Database], failed: Callable[[Exception], None]) -> None:
        """Prepare; `opened` gives it a connection of its own, `failed` takes why it ended."""
        self._opened, self._failed = opened, failed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._holds, self._stands = threading.Event(), threading.Event()

    def holds(self) -> bool:
        """Tell whether history should not be written, for some milliseconds."""
        return self._holds.is_set()

    def stands(self) -> bool:
        """Tell the same, from the thread that writes it and between two transactions."""
        self._stands.set()
        return self._holds.is_set()

    def start(self) -> None:
        """Begin to carry over."""
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Carry over what is left, and nothing from then on; waits for nothing."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended, two seconds at most."""
        self.end()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        try:
            database = self._opened()
            try:
                while not self._stop.wait(EVERY_S):
                    self.turn(database.checkpoint)
                database.checkpoint()
            finally:
                database.close()
        except Exception as error:  # a worker's top: the writer carries over a longer log itself
            self._failed(error)

    def turn(self, carry: Callable[[], int]) -> None:
        """Carry over what there is; where the log is long, all of it, so that it begins anew.

        What is written in the meantime is none of it: the log ends where a pass has begun.
        """
        if carry() < MUCH_PAGES:
            return
        self._holds.set()
        self._stands.clear()  # what was told before it could be known is no answer
        try:
            if self._stands.wait(STANDS_S):
                carry()
        finally:
            self._holds.clear()


def open_carrier(config: Config, log: OwnLog, writer: Writer) -> Carrier:
    """Let another thread wait for the disk until what `writer` writes has settled."""
    from tokwatch.store.connect import open_database

    carrier = Carrier(
        lambda: open_database(config.store.url, config.data),
        lambda error: log.note_error("carrying_failed", error),
    )
    if writer.leave_checkpoints():
        carrier.start()
    return carrier
