"""What a running process holds and has used, as Linux tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.measured import BenchError


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process."""

    cpu_s: float
    rss_mb: float
    own_mb: float
    """Of it what is no file's: without the code of libraries."""
    threads: int
    files: int
    """Open files, sockets and pipes."""


def vitals(pid: int) -> Vitals:
    """Return what a process holds now and the processor time so far of all threads it has."""
    folder = Path("/proc", str(pid))
    try:
        told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        ran_ns = sum(map(_ran_ns, (folder / "task").iterdir()))
        return Vitals(
            cpu_s=ran_ns / 1e9,
            rss_mb=int(told["VmRSS"].split()[0]) * 1024 / 1e6,
            own_mb=int(told["RssAnon"].split()[0]) * 1024 / 1e6,
            threads=int(told["Threads"]),
            files=len(os.listdir(folder / "fd")),
        )
    except (OSError, KeyError) as error:
        raise BenchError(f"process {pid} cannot be looked at: {error}") from error


def _ran_ns(task: Path) -> int:
    """Return how long a thread has run; none for one that has ended since it was listed."""
    try:
        return int((task / "schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
