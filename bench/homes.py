"""The homes that the measured programs see: made ones, or links to the logs of another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.measured import CLONE, BenchError

LOG_FOLDERS: Final = (".claude", ".codex")


def corpus(folder: Path, size: str, shape: str) -> Path:
    """Make logs of a size and shape in a process of its own, and return their home."""
    command = [sys.executable, "-m", "bench", "corpus", "--out", str(folder)]
    made = subprocess.run(
        [*command, "--size", size, "--shape", shape], cwd=CLONE, stdout=subprocess.DEVNULL
    )
    if made.returncode != 0:
        raise BenchError("no logs were made; name a home that has some with --home")
    return folder / "home" if (folder / "home").is_dir() else folder


def linked(home: Path, at: Path) -> Path:
    """Return a new home that leads to the logs of another one and to nothing else of it."""
    at.mkdir(parents=True)
    for name in LOG_FOLDERS:
        if (home / name).is_dir():
            (at / name).symlink_to((home / name).resolve(), target_is_directory=True)
    return at


def log_bytes(home: Path) -> int:
    """Return the size of all logs of a home."""
    return sum(
        os.path.getsize(os.path.join(folder, file))
        for name in LOG_FOLDERS
        for folder, _, files in os.walk(home / name)
        for file in files
        if file.endswith(".jsonl")
    )
