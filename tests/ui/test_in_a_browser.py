"""tokwatch behind `textual serve`: the program with the driver and the pipes that it gives it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.transcripts import append, response, transcript


def packets(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of what the driver sends, after its greeting."""
    while (line := pipe.readline()) != b"__GANGLION__\n":
        assert line, "the program ended before it greeted"
    while kind := pipe.read(1):
        yield kind, pipe.read(int.from_bytes(pipe.read(4), "big"))


def send(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    """Send a key, or what the browser says of itself, as the server does."""
    pipe.write(kind + len(content).to_bytes(4, "big") + content)
    pipe.flush()


def shown(sent: Iterator[tuple[bytes, bytes]], words: bytes) -> bool:
    """Tell whether the screen comes to show some words."""
    return any(kind == b"D" and words in content for kind, content in sent)


def test_a_browser_gets_the_screen_and_gives_it_keys(home: Path, repository: Path) -> None:
    append(transcript(home), response(1))
    driver = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    with subprocess.Popen(
        [sys.executable, "-m", "tokwatch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=repository,
        env={**os.environ, **driver, "COLUMNS": "120", "ROWS": "36"},
    ) as program:
        assert program.stdin
        assert program.stdout
        sent = packets(program.stdout)
        try:
            assert shown(sent, b"live")
            send(program.stdin, b"D", b"?")
            assert shown(sent, b"The next line")
            send(program.stdin, b"M", b'{"type": "quit"}')
            assert any(kind == b"M" and b"exit" in content for kind, content in sent)
            assert program.wait() == 0
        finally:
            program.kill()
