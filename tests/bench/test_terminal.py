"""Programs on a pseudo-terminal."""

from __future__ import annotations

import os
import sys
from itertools import pairwise

import pytest

from bench.terminal import Terminal, plain

TALK = """
import os, sys
print(os.get_terminal_size(), os.environ["TERM"], sys.stdin.isatty(), flush=True)
while sys.stdin.read(1) != "q": pass
print("bye", flush=True)
"""
DEAF = "import signal; print(1, flush=True)\nwhile True: signal.pause()"


def drawn(terminal: Terminal) -> str:
    return plain(b"".join(piece.data for piece in terminal.pieces))


def test_a_program_finds_a_terminal_and_its_output_is_timed() -> None:
    with Terminal([sys.executable, "-c", TALK], dict(os.environ)) as terminal:
        assert terminal.wait_until(lambda: "True" in drawn(terminal), 20)
        assert "columns=120, lines=36" in drawn(terminal)
        assert "xterm-256color" in drawn(terminal)
        terminal.press("q\n")
        assert terminal.wait_until(lambda: "bye" in drawn(terminal), 20)
    assert not terminal.is_running
    moments = [terminal.started, *(piece.at for piece in terminal.pieces)]
    assert all(first <= second for first, second in pairwise(moments))


def test_waiting_ends_with_the_program() -> None:
    with Terminal([sys.executable, "-c", "print('gone')"], dict(os.environ)) as terminal:
        assert not terminal.wait_until(lambda: "never" in drawn(terminal), 20)
        assert "gone" in drawn(terminal)


def test_a_program_that_does_not_quit_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.terminal.QUIT_SECONDS", 0.1)
    with Terminal([sys.executable, "-c", DEAF], dict(os.environ)) as terminal:
        assert terminal.wait_until(lambda: "1" in drawn(terminal), 20)
    assert not terminal.is_running
