"""The terminal around the screen: its title, its clipboard, and the whole program on a pty."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from tests.ui.conftest import MakeApp, feed_of
from tokwatch.ui import terminal
from tokwatch.ui.terminal import RESTORE_TITLE, TerminalTitle

PROGRAM = """
import sys
from tests.ui.literal import BUSY, FakeFeed
from tokwatch.config import load
from tokwatch.ui.app import TokwatchApp
app = TokwatchApp(load(sys.argv[1] + "/config.toml", sys.argv[1], environ={}), FakeFeed(BUSY))
app.run()
"""


class Written:
    """Stands in for a terminal's driver."""

    is_headless = is_inline = is_web = False

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        """Keep what is written."""
        self.text += text


def app_with_driver() -> tuple[App[Any], Written]:
    """Return an application on a terminal of paper."""
    app, written = App[Any](), Written()
    app._driver = written  # type: ignore[assignment]  # only its write is called
    return app, written


def test_the_title_is_written_when_it_changes_and_given_back() -> None:
    app, written = app_with_driver()
    title = TerminalTitle(app)
    title.restore()
    assert written.text == ""
    for _ in range(3):
        title.show("tokwatch $1.00\x1b\x07")
    title.show("tokwatch $2.00")
    title.restore()
    assert written.text == (
        "\x1b[22;2t\x1b]2;tokwatch $1.00\x07\x1b]2;tokwatch $2.00\x07\x1b[23;2t"
    )


def test_on_macos_the_systems_clipboard_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    app, written = app_with_driver()
    calls: list[tuple[list[str], bytes]] = []

    def run(command: list[str], *, input: bytes, check: bool) -> None:
        calls.append((command, input))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "platform", "darwin")
    terminal.copy(app, "text")
    assert calls == [(["pbcopy"], b"text")]
    assert written.text.startswith("\x1b]52;c;")


def test_the_whole_program_starts_paints_and_leaves_the_terminal_as_it_was(
    tmp_path: Path, repository: Path
) -> None:
    (tmp_path / "config.toml").write_text("")
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(repository)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdin=follower, stdout=follower, stderr=follower, env=environment, cwd=repository,
    )  # fmt: skip
    os.close(follower)
    output = _read_until(leader, b"quit")
    assert b"$41.27" in output
    os.write(leader, b"q")
    output = _read_until(leader, None)
    process.wait(timeout=60)
    os.close(leader)
    assert process.returncode == 0
    for restored in (RESTORE_TITLE.encode(), b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l"):
        assert restored in output


def _read_until(leader: int, needle: bytes | None) -> bytes:
    """Return what was written until this appears, or until the terminal is let go."""
    output = b""
    while needle is None or needle not in output:
        ready, _, _ = select.select([leader], [], [], 60)
        assert ready, output
        try:
            output += os.read(leader, 65_536)
        except OSError:
            break
    return output


@pytest.mark.anyio
async def test_leaving_stops_the_feed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test():
        assert not feed_of(app).stopped
    assert feed_of(app).stopped
