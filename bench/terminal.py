"""A program on a pseudo-terminal: every piece of its output with the moment of its arrival."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

COLUMNS: Final = 120
ROWS: Final = 36
QUIT_SECONDS: Final = 5.0
MOVE: Final = re.compile(rb"\x1b\[\d*(?:;\d*)?H|[\r\n]+")
"""What begins another line, or another part of one."""
_CONTROL: Final = re.compile(
    rb"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What arrived at once."""

    at: float
    """Seconds of the monotonic clock."""
    data: bytes


class Terminal:
    """Runs a program and reads what it draws, in a thread of its own."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], *, columns: int = COLUMNS
    ) -> None:
        """Start the program."""
        self._end, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        self.pieces: list[Piece] = []
        self._arrived = threading.Condition()
        self.started = time.monotonic()
        # Opened by the leader of a new session, it is the program's controlling terminal: then
        # the program ends when this process does.
        opening = (os.POSIX_SPAWN_OPEN, 0, os.ttyname(side), os.O_RDWR, 0)
        self.pid = os.posix_spawnp(
            command[0],
            list(command),
            {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            file_actions=[opening, *((os.POSIX_SPAWN_DUP2, 0, copy) for copy in (1, 2))],
            setsid=True,
        )
        os.close(side)
        self._has_ended = self._has_left = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        """Return the running program."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the program."""
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the program still runs."""
        if not self._has_ended:
            self._has_ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return not self._has_ended

    @property
    def last_at(self) -> float:
        """When something arrived last."""
        return self.pieces[-1].at if self.pieces else self.started

    def _read(self) -> None:
        while True:
            try:
                select.select([self._end], [], [])
                at = time.monotonic()
                data = os.read(self._end, 1 << 16)
            except OSError:  # the program has ended
                data = b""
            with self._arrived:
                if data:
                    self.pieces.append(Piece(at, data))
                self._has_left = not data
                self._arrived.notify_all()
            if not data:
                return

    def wait_until(self, seen: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds of what arrived; tell whether it came to that."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._has_left or seen(), seconds)
            return seen()

    def wait_quiet(self, quiet_seconds: float, seconds: float) -> bool:
        """Wait until nothing arrived for a while; tell whether it came to that."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            rest = self.last_at + quiet_seconds - now
            if rest <= 0 or not self.is_running:
                return rest <= 0
            time.sleep(min(rest, until - now))
        return False

    def press(self, keys: str) -> None:
        """Type on the keyboard."""
        os.write(self._end, keys.encode())

    def stop(self) -> None:
        """Ask the program to quit; end it when it does not."""
        if self.is_running:
            self.press("q")
            self._reader.join(QUIT_SECONDS)
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._has_ended = True
        self._reader.join(1.0)
        os.close(self._end)


def plain(data: bytes) -> str:
    """Return what output draws, without colours and other controls."""
    return _CONTROL.sub(b"", data).decode("utf-8", "replace")
