"""Tells on standard error how far long work is: on a terminal only, and not in the first second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    import threading

DELAY_S: Final = 1.0
"""What is done sooner needs no words."""
EVERY_S: Final = 0.25
_BAR: Final = 20


class Progress:
    """How far work is, as one line that replaces itself."""

    def __init__(
        self,
        what: str,
        out: TextIO | None = None,
        lock: AbstractContextManager[object] = nullcontext(),  # noqa: B008  # it has no state
    ) -> None:
        """Prepare; without a terminal to write to nothing is ever shown."""
        self._lock = lock
        self._what = what
        self._out = out
        self._began = self._shown = time.monotonic()
        self._done: Callable[[], int] = lambda: 0
        self._total = self._tally = 0
        self._unit = ""
        self._width = 0

    def of_bytes(self, total: int) -> Callable[[int], None]:
        """Say how many bytes there are; return what takes those that are done, piece by piece."""

        def add(size: int) -> None:
            self._tally += size
            self._look()

        self.watch(lambda: self._tally, total)
        return add

    def watch(self, done: Callable[[], int], total: int = 0) -> None:
        """Ask for the bytes done whenever the line is written; 0 is an unknown total."""
        self._done, self._total, self._unit = done, total, "MB"

    def tell(self, done: int, total: int, unit: str) -> None:
        """Say that some of so many are done."""
        self._done, self._total, self._unit = lambda: done, total, unit
        self._look()

    def run(self, is_over: threading.Event) -> None:
        """Write the line now and then until the work is over."""
        while not is_over.wait(EVERY_S):
            self._look()

    def erase(self) -> None:
        """Leave an empty line behind."""
        if self._out is not None and self._width:
            self._write("")

    def _look(self) -> None:
        now = time.monotonic()
        if self._out is None or now - self._began < DELAY_S or now - self._shown < DELAY_S / 10:
            return
        self._shown = now
        self._write(self.line(now - self._began))

    def _write(self, line: str) -> None:
        with self._lock:
            if self._out is not None:
                line = line[: max(20, get_terminal_size().columns - 1)]
                print(f"\r{line.ljust(self._width)}\r{line}", end="", file=self._out, flush=True)
                self._width = len(line)

    def line(self, seconds: float) -> str:
        """Return what is shown after so many seconds."""
        what, total = f"tokwatch: {self._what}", self._total
        try:
            done = self._done()
        except ValueError:  # the file that is watched is closed by now
            return what
        share = min(1.0, done / total) if total else 0.0
        bar = f" {'█' * int(share * _BAR):░<{_BAR}} {share:4.0%}" if total else ""
        if self._unit == "MB":
            of = f" of {total / 1e6:,.1f}" if total else ""
            return f"{what}{bar}  {done / 1e6:,.1f}{of} MB"
        if total:
            return f"{what}{bar}  {done:,} of {total:,} {self._unit}"
        return f"{what} ... {seconds:.0f} s"


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Give what long work tells its progress to."""
    if not sys.stderr.isatty():
        yield Progress(what)
        return
    import threading

    shown, is_over = Progress(what, sys.stderr, threading.Lock()), threading.Event()
    thread = threading.Thread(target=shown.run, args=(is_over,), daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        is_over.set()
        thread.join()
        shown.erase()
