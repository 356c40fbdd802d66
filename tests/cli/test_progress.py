"""Long work says how far it is: on a terminal only, after a while, and leaves nothing behind."""

from __future__ import annotations

import io
import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.cli import main
from tokwatch.cli import progress as module
from tokwatch.cli.progress import Progress, progress

LONGEST_S = 20.0
"""What was not told after so long never will be."""


class Terminal:
    """A pseudo-terminal in the place of standard error."""

    def __init__(self) -> None:
        self._reader, writer = os.openpty()
        self.stream = os.fdopen(writer, "w", encoding="utf-8")

    def read_until(self, wanted: str) -> str:
        """Return what was written, once it holds this; fail where that takes too long."""
        seen, until = "", time.monotonic() + LONGEST_S
        while wanted not in seen:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._reader], [], [], left)[0] or not left:
                pytest.fail(f"{wanted!r} is not among what was told: {seen!r}")
            seen += os.read(self._reader, 4096).decode("utf-8", "replace")
        return seen

    def close(self) -> None:
        """Close both ends."""
        self.stream.close()
        os.close(self._reader)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Return a terminal that is told of work at once."""
    terminal = Terminal()
    monkeypatch.setattr(module, "DELAY_S", 0.0)
    yield terminal
    terminal.close()


@contextmanager
def shown_on(terminal: Terminal) -> Iterator[None]:
    """Let standard error be the terminal; a fixture cannot, for pytest sets it between the two."""
    before, sys.stderr = sys.stderr, terminal.stream
    try:
        yield
    finally:
        sys.stderr = before


@pytest.fixture
def logs(home: Path) -> None:
    """Make a log of Claude Code."""
    append(transcript(home), *(response(number) for number in range(5)))


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["report", "daily"], "reading logs ████"),
        (["report", "tool"], "reading conversations ░░░░"),
        (["rebuild", "--logs", "--all"], "reading logs ████"),
        (["import", "--path", "HOME", "--machine", "lap"], "reading logs ████"),
    ],
)
def test_reading_logs_is_told_and_wiped(
    words: list[str],
    told: str,
    terminal: Terminal,
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [str(home) if word == "HOME" else word for word in words]

    with shown_on(terminal):
        assert main(["--data", str(tmp_path), *words]) == 0

    seen = terminal.read_until(told)
    assert f"tokwatch: {told}" in seen
    assert "MB" in seen
    assert "tokwatch:" not in capsys.readouterr().out


def test_silent_work_is_told_by_its_seconds(terminal: Terminal) -> None:
    with shown_on(terminal), progress("auditing"):
        terminal.read_until("tokwatch: auditing ... 0 s")

    assert terminal.read_until("\r" + " " * 20).endswith(" \r")


def test_what_is_watched_is_asked_when_it_is_shown(terminal: Terminal) -> None:
    with shown_on(terminal), progress("taking a file") as shown:
        shown.watch(lambda: 500_000, 2_000_000)
        terminal.read_until("tokwatch: taking a file █████░░░░░░░░░░░░░░░  25%  0.5 of 2.0 MB")


def test_counted_things_are_told_by_their_name() -> None:
    shown = Progress("counting logs", io.StringIO())
    shown.tell(3, 12, "logs")

    assert shown.line(9).endswith("25%  3 of 12 logs")
    shown.watch(lambda: 5_000_000)
    assert shown.line(9) == "tokwatch: counting logs  5.0 MB"


@pytest.mark.usefixtures("logs")
def test_nothing_is_told_where_nobody_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DELAY_S", 0.0)
    threads = threading.active_count()
    with progress("auditing") as shown:
        shown.tell(1, 2, "logs")
        assert threading.active_count() == threads
    main(["--data", str(tmp_path), "report", "daily", "--json"])

    assert capsys.readouterr().err == ""


def test_short_work_is_not_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELAY_S", 60.0)
    with shown_on(terminal), progress("reading logs") as shown:
        shown.of_bytes(10)(10)
    print("end", file=terminal.stream, flush=True)

    assert terminal.read_until("end").strip() == "end"
