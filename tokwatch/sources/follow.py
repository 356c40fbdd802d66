"""Knows which logs may have changed: change notices as the hint, a sweep as the truth.

Notices are lost on network mounts, in new nested folders and after a folder was replaced, so
every notice is only a reason to look, and the ingest's own sweeps find what no notice told.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal, Protocol

STEP_MS: Final = 10
"""How often it is asked for changes, and the pause that shows that a writer is done."""
CALM_STEP_MS: Final = 20
CALM_S: Final = 20.0
"""After so long without a change it is asked less often: asking is half of what rest costs."""
DEBOUNCE_MS: Final = 100
LOOK_MS: Final = 500
"""How often, while nothing changes, it is chosen anew how often to ask."""
_POLL_MS: Final = 300
"""Between two looks of a watch that polls; ours never does."""

Hint = Callable[[set[str]], None]
"""Called from the watching thread with the paths that changed."""


class Watcher(Protocol):
    """What watchfiles' own loop asks; its step is that of the whole watch."""

    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: threading.Event
    ) -> set[tuple[int, str]] | Literal["signal", "stop", "timeout"]:
        """Return the changes as soon as a step brings no more, or why there are none."""


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
        from watchfiles._rust_notify import RustNotify  # documented, in spite of its name

        try:
            with RustNotify(
                list(folders), False, False, _POLL_MS, self._recursive, True
            ) as watcher:
                pass_on(watcher, self._hint, stop)
        except (OSError, RuntimeError) as error:
            # The sweep goes on alone: a watch limit or a vanished folder costs speed, not data.
            self.error = str(error) or type(error).__name__


def pass_on(
    watcher: Watcher,
    hint: Hint,
    stop: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Tell of changes until stopped; the first one after a calm comes some 15 ms later."""
    changed_s = clock()
    while True:
        step_ms = STEP_MS if clock() - changed_s < CALM_S else CALM_STEP_MS
        found = watcher.watch(DEBOUNCE_MS, step_ms, LOOK_MS, stop)
        if isinstance(found, set):
            changed_s = clock()
            hint({path for _, path in found})
        elif found != "timeout":
            return


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one later made in its place."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
