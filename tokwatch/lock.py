"""The lock that lets one process ingest into a store while others follow it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tokwatch.errors import TokwatchError


class IngestLock:
    """Held by the process that ingests; the file beside it names that process."""

    def __init__(self, data_folder: Path) -> None:
        """Name the lock's files; nothing is locked yet."""
        from filelock import FileLock

        self._folder = data_folder
        self._lock = FileLock(data_folder / "ingest.lock")
        self._holder = data_folder / "ingest.pid"

    def acquire(self) -> bool:
        """Take the lock if no other process has it."""
        from filelock import Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:  # the latter: a disk without locks
            why = getattr(error, "strerror", None) or str(error)
            raise TokwatchError(
                f"cannot write to the data folder {self._folder}: {why}",
                "Check its permissions, or choose another one: --data FOLDER.",
            ) from error
        with suppress(OSError):  # a full disk: the lock holds without its holder's name
            self._holder.write_text(str(os.getpid()), encoding="ascii")
        return True

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
