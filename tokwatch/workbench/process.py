"""A process of one's own that works out what comes of a prompt, so that the screen never waits.

The engine is busy for seconds with a large prompt, and much of that in calls that stop every other
thread of a process. Questions and answers go over pipes; nothing is written anywhere.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from tokwatch.config import Config
from tokwatch.workbench.answers import Answer, Lines, Problem, Question, Sums

PATIENCE_S: Final = 3.0
"""Who works longer than this when something else is asked is ended, and begun anew."""
END_S: Final = 0.5
"""So long the end is waited for."""
_COMMAND: Final = (sys.executable, "-P", "-m", "tokwatch.workbench.process")
_SIZE: Final = 8

Tell = Callable[[Answer], None]
"""Takes a piece of an answer; called in a thread."""


class OwnProcess:
    """Asks the newest question; what was asked before it and is not begun is never worked on."""

    def __init__(self, config: Config, tell: Tell) -> None:
        self._config, self._tell = config, tell
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Condition()
        self._next: Question | None = None
        self._busy_since: float | None = None
        self._is_over = self._is_killed = False
        self._thread: threading.Thread | None = None

    def ask(self, question: Question) -> None:
        """Ask as soon as the worker is free; never waits."""
        with self._lock:
            self._next = question
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="workbench", daemon=True)
                self._thread.start()
            since = self._busy_since
            if since is not None and time.monotonic() - since > PATIENCE_S:
                self._kill()
                self._is_killed = True
            self._lock.notify()

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._is_over = True
            self._kill()
            self._lock.notify()
        if self._thread is not None:
            self._thread.join(END_S)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _run(self) -> None:
        while True:
            with self._lock:
                self._busy_since = None
                while self._next is None and not self._is_over:
                    self._lock.wait()
                if self._is_over:
                    self._close()
                    return
                if self._is_killed:
                    self._close()
                self._is_killed = False
                question, self._next = self._next, None
                self._busy_since = time.monotonic()
            assert question is not None
            try:
                self._answered(question)
            except (OSError, EOFError, ValueError, pickle.UnpicklingError):
                self._ended(question)

    def _answered(self, question: Question) -> None:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        send(process.stdin, question)
        while True:
            answer = receive(process.stdout)
            if answer is None:
                return
            if self._next is None or not isinstance(answer, Lines):
                self._tell(answer)  # lines of a picture that is to be another one are of no use

    def _started(self) -> subprocess.Popen[bytes]:
        """Return the process, begun anew where it ended."""
        with self._lock:
            if self._is_over:
                raise EOFError
            if self._process is not None and self._process.poll() is not None:
                self._close()
            if self._process is None:
                pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
                self._process = subprocess.Popen(
                    _COMMAND, stdin=pipe, stdout=pipe, stderr=nowhere, env=_environment()
                )
                assert self._process.stdin is not None
                send(self._process.stdin, self._config)
            return self._process

    def _close(self) -> None:
        """End the process for good, with its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not written yet is of no use
                    pipe.close()

    def _ended(self, question: Question) -> None:
        """Say that the process ended, where nobody asked for that."""
        with self._lock:
            self._close()
            is_wanted = self._is_over or self._next is not None
        if not is_wanted:
            self._tell(Problem(question.number, "The compression ended by itself.",
                               "There may be too little memory for this text."))  # fmt: skip


def _environment() -> dict[str, str]:
    """Return the environment, in which this very package is found."""
    here = str(Path(__file__).parents[2])
    others = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (here, others)))}


def send(pipe: IO[bytes], value: object) -> None:
    """Write a value."""
    content = pickle.dumps(value, protocol=5)
    pipe.write(len(content).to_bytes(_SIZE, "big"))
    pipe.write(content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Answer | None:
    """Read what the worker wrote; None at the end of an answer."""
    size = pipe.read(_SIZE)
    if len(size) < _SIZE:
        raise EOFError
    content = pipe.read(int.from_bytes(size, "big"))
    answer: Answer | None = pickle.loads(content)  # our own process wrote it
    return answer


def serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer questions until there are no more."""
    from tokwatch.workbench.answers import Worker
    from tokwatch.workbench.meter import Meter
    from tokwatch.workbench.tuning import given_by
    from tokwatch.workbench.work import Desk

    gc.set_threshold(100_000, 20, 20)  # edits and lines are many and hold no cycles
    config: Config = pickle.loads(_content(asked))  # the screen's process wrote it
    known: dict[str, object] = {}

    def make_meter(model: str) -> Meter:
        return Meter(model, config, known["calibrations"])  # type: ignore[arg-type]

    worker = None
    while content := _content(asked):
        question: Question = pickle.loads(content)
        if worker is None or known.get("calibrations") != question.calibrations:
            known["calibrations"] = question.calibrations
            worker = Worker(Desk(make_meter, lambda: given_by(config)))
        for answer in worker.answers(question):
            send(told, answer)
        send(told, None)


def _content(pipe: IO[bytes]) -> bytes:
    size = pipe.read(_SIZE)
    return pipe.read(int.from_bytes(size, "big")) if len(size) == _SIZE else b""


__all__ = ["OwnProcess", "Sums", "serve"]

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
