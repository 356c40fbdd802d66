"""The demo's own folder: made anew at each start, removed at the end, nothing beside it touched."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from tokwatch.demo.live import Append
from tokwatch.demo.logs import Log
from tokwatch.errors import TokwatchError

NAME: Final = "demo"


class DemoFolder:
    """A scratch home, and what tokwatch keeps of it, for one demo; several may run at once."""

    def __init__(self, data_folder: Path) -> None:
        """Take the first place below `<data>/demo` that no running demo has, and empty it."""
        self._top = data_folder.absolute() / NAME
        try:
            self._lock, self.path = _take(self._top)
        except OSError as error:
            raise TokwatchError(
                f"cannot make the demo's folder in {self._top}: {error.strerror or error}",
                "Name another place with --data FOLDER.",
            ) from error

    @property
    def home(self) -> Path:
        """The home in which the simulated tools keep their logs."""
        return self.path / "home"

    def write(self, log: Log) -> None:
        """Write a whole log, as old as its last line."""
        for path, data in (*log.beside.items(), (log.path, log.data)):
            file = self._place(path)
            file.write_bytes(data)
            os.utime(file, ns=(log.at_ms * 1_000_000,) * 2)

    def append(self, more: Append) -> None:
        """Write at the end of a log, which may begin with this."""
        with self._place(more.path).open("ab") as file:
            file.write(more.data)

    def _place(self, path: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def remove(self) -> None:
        """Remove everything and let others have the place; what resists goes at the next start."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            Path(self._lock.lock_file).unlink()
        self._lock.release()
        with suppress(OSError):
            self._top.rmdir()


def _take(top: Path) -> tuple[FileLock, Path]:
    """Return a fresh folder below the top and the lock that keeps it."""
    _refuse_link(top)
    top.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        file, folder = top / f"{number}.lock", top / str(number)
        _refuse_link(file)
        lock = FileLock(file, thread_local=False)
        with suppress(Timeout):
            lock.acquire(timeout=0)
            break
    try:
        _refuse_link(folder)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
    except BaseException:
        lock.release()
        raise
    return lock, folder


def _refuse_link(path: Path) -> None:
    """Refuse to follow a link: what lies behind it is not the demo's to remove."""
    if path.is_symlink():
        raise TokwatchError(f"{path} is a link, and the demo would remove it", "Move it away.")
