"""A real server run as a program of its own on a free port, and questions to it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

PATIENCE_S = 300
OPEN = build_opener(ProxyHandler({})).open


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def ask(url: str, body: object = None, key: str = "none") -> bytes:
    """Return what a server answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with OPEN(Request(url, data, headers), timeout=120) as answer:
        told: bytes = answer.read()
        return told


@contextmanager
def running(
    command: Sequence[str | Path], ready: str, log: Path, settings: Mapping[str, str]
) -> Iterator[None]:
    """Run a server until the end of the block, which begins when `ready` answers."""
    with (
        open(log, "ab") as file,
        subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=file, stderr=file
        ) as process,
    ):
        try:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until and process.poll() is None:
                try:
                    ask(ready)
                    break
                except (URLError, OSError):
                    time.sleep(0.5)
            yield
        finally:
            process.terminate()
