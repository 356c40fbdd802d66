"""Which tokwatch processes use a data folder: each holds a lock of its own while it runs."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = "running"


class Running(NamedTuple):
    """A process that shows or reads what lies in the data folder."""

    process: int
    since_ms: int
    is_this: bool


class Presence:
    """This process among those of a data folder; what dies without a word is forgotten."""

    def __init__(self, data_folder: Path, process: int | None = None) -> None:
        """Name the files; nothing is written yet."""
        from filelock import FileLock

        self._process = os.getpid() if process is None else process
        self._folder = data_folder / FOLDER
        self._lock = FileLock(self._folder / f"{self._process}.lock")

    def enter(self) -> None:
        """Tell that this process runs; a folder that cannot be written to is not told."""
        from filelock import Timeout

        with suppress(OSError, NotImplementedError, Timeout):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            since_ms = time.time_ns() // 1_000_000
            (self._folder / str(self._process)).write_text(str(since_ms), encoding="ascii")

    def leave(self) -> None:
        """Tell that it ends."""
        if self._lock.is_locked:
            forget(self._folder, self._process)
            self._lock.release()


def running(data_folder: Path) -> tuple[Running, ...]:
    """Return the processes that run, in the order of their starts."""
    folder = data_folder / FOLDER
    found = []
    with suppress(OSError):
        for file in sorted(folder.iterdir()):
            if file.name.isdecimal() and (since_ms := _since(file)) is not None:
                process = int(file.name)
                is_this = process == os.getpid()
                if is_this or _is_alive(folder, process):
                    found.append(Running(process, since_ms, is_this))
                else:
                    forget(folder, process)
    return tuple(sorted(found, key=lambda one: (one.since_ms, one.process)))


def forget(folder: Path, process: int) -> None:
    """Remove what a process left."""
    for name in (str(process), f"{process}.lock"):
        with suppress(OSError):
            (folder / name).unlink()


def _since(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _is_alive(folder: Path, process: int) -> bool:
    """Tell whether a process still holds its lock."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / f"{process}.lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError, NotImplementedError):
        return True
    lock.release()
    return False
