"""Knows which logs may have changed: change notices as the hint, a sweep as the truth.

Notices are lost on network mounts, in new nested folders and after a folder was replaced, so
every notice is only a reason to look, and the ingest's own sweeps find what no notice told.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

STEP_MS: Final = 10
DEBOUNCE_MS: Final = 100

Hint = Callable[[set[str]], None]
"""Called from the watching thread with the paths that changed."""


class Notices:
    """Watches folders in a thread and passes on what changed; `refresh` follows new folders."""

    def __init__(self, hint: Hint, *, recursive: bool = True) -> None:
        """Prepare to call `hint`; nothing is watched yet."""
        self._hint = hint
        self._recursive = recursive
        self._watched: dict[str, tuple[int, int]] = {}
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self.error = ""
        """Why no notices arrive; empty while they do."""

    def refresh(self, folders: Iterable[Path]) -> bool:
        """Watch these folders, as far as they exist; return whether the set of them changed."""
        wanted = {str(folder): identity for folder in folders if (identity := _identity(folder))}
        if wanted == self._watched and not self.error:
            return False
        changed = wanted != self._watched
        if changed or self.error:
            self.stop()
            self._watched, self.error = wanted, ""
            if wanted:
                self._start(tuple(wanted))
        return changed

    def watches(self, folder: Path) -> bool:
        """Tell whether notices from a folder arrive."""
        return not self.error and str(folder) in self._watched

    def stop(self) -> None:
        """End the watching thread."""
        if self._stop is not None and self._thread is not None:
            self._stop.set()
            self._thread.join(timeout=1.0)
        self._stop = self._thread = None
        self._watched = {}

    def _start(self, folders: tuple[str, ...]) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, args=(folders, self._stop), name="notices", daemon=True
        )
        self._thread.start()

    def _watch(self, folders: tuple[str, ...], stop: threading.Event) -> None:
        from watchfiles import watch

        try:
            for changes in watch(
                *folders,
                watch_filter=None,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                stop_event=stop,
                rust_timeout=500,
                yield_on_timeout=False,
                raise_interrupt=False,
                recursive=self._recursive,
                force_polling=False,
                ignore_permission_denied=True,
            ):
                self._hint({path for _, path in changes})
        except (OSError, RuntimeError) as error:
            # The sweep goes on alone: a watch limit or a vanished folder costs speed, not data.
            self.error = str(error) or type(error).__name__


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one later made in its place."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
