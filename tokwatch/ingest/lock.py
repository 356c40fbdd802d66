"""The lock that lets one process ingest into a store while others follow it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.errors import TokwatchError

if TYPE_CHECKING:
    from filelock import BaseFileLock

PATIENCE_S: Final = 60.0
"""How long a command waits until the process that ingests gives way."""
SILENCE_S: Final = 1.0
"""A wait that is shorter is not worth a word."""
_LOOK_S: Final = 0.05


class IngestLock:
    """Held by the process that ingests; the file beside it names that process.

    Who needs it for a moment holds a second lock meanwhile: a screen that ingests sees that, and
    gives way until the other is done.
    """

    def __init__(self, data_folder: Path) -> None:
        """Name the lock's files; nothing is locked yet."""
        from filelock import FileLock

        self._folder = data_folder
        self._lock = FileLock(data_folder / "ingest.lock")
        self._turn = FileLock(data_folder / "ingest.turn")
        self._holder = data_folder / "ingest.pid"

    def acquire(self) -> bool:
        """Take the lock if no other process has it."""
        if not self._try(self._lock):
            return False
        with suppress(OSError):  # a full disk: the lock holds without its holder's name
            self._holder.write_text(str(os.getpid()), encoding="ascii")
        return True

    def wait(self, told: Callable[[int], None] | None = None) -> bool:
        """Take the lock, waiting a while for whoever has it; `told` learns of a long wait."""
        began = time.monotonic()
        try:
            while not self.acquire():
                waited_s = time.monotonic() - began
                if waited_s >= PATIENCE_S:
                    return False
                self._ask()
                if told is not None and waited_s >= SILENCE_S:
                    told(self.holder())
                    told = None
                time.sleep(_LOOK_S)
            return True
        finally:
            self._ask_no_more()

    def is_wanted(self) -> bool:
        """Tell whether another process waits for the lock."""
        if not os.path.exists(self._turn.lock_file):
            return False
        if not self._try(self._turn):
            return True
        self._ask_no_more()  # who left the file is gone
        return False

    def _ask(self) -> None:
        """Hold the second lock, unless another one that waits has it."""
        if not self._turn.is_locked or not os.path.exists(self._turn.lock_file):
            self._turn.release()
            self._try(self._turn)

    def _ask_no_more(self) -> None:
        if self._turn.is_locked:
            with suppress(OSError):
                os.unlink(self._turn.lock_file)
            self._turn.release()

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder.unlink()
            self._lock.release()

    def holder(self) -> int:
        """Return the process that ingests, or 0 where it cannot be told."""
        try:
            return int(self._holder.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _try(self, lock: BaseFileLock) -> bool:
        from filelock import Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:  # the latter: a disk without locks
            why = getattr(error, "strerror", None) or str(error)
            raise TokwatchError(
                f"cannot write to the data folder {self._folder}: {why}",
                "Check its permissions, or choose another one: --data FOLDER.",
            ) from error
        return True
