"""Runs a command of tokwatch's own in a process beside this one, under the same settings."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokwatch.config import Config

_POLL_S: Final = 0.25

Start = Callable[[list[str]], "subprocess.Popen[bytes]"]


def start_process(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a program that nobody reads."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)


def command_of(config: Config, *arguments: str) -> list[str]:
    """Return the command line of a command of tokwatch under these settings."""
    request = config.request
    options = ["--data", str(request.data)]
    if request.must_exist:
        options += ["--config", str(request.file)]
    if request.profile:
        options += ["--profile", request.profile]
    return [sys.executable, "-m", "tokwatch", *options, *arguments]


def run_aside(command: list[str], stop: threading.Event, start: Start = start_process) -> bool:
    """Run a command to its end, or until stopped; tell whether it did what it should."""
    try:
        process = start(command)
    except OSError:
        return False
    while process.poll() is None:
        if stop.wait(_POLL_S):
            process.kill()
    return process.wait() == 0
