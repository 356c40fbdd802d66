"""What a whole process or a step of this one costs, and where measured programs run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLONE: Final = Path(__file__).resolve().parent.parent
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


class BenchError(Exception):
    """A benchmark could not be run."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    cpu_s: float
    """User and system time, that of its own processes included."""
    wall_s: float
    peak_mb: float


def environment(home: Path, scratch: Path) -> dict[str, str]:
    """Return an environment in which a program sees one home and none of the user's settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": str(CLONE),
        "TZ": "UTC",
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "XDG_DATA_HOME": str(scratch / "share"),
        "TOKWATCH_PRICES__UPDATE": "false",
    }


def tokwatch(data: Path, *arguments: str) -> list[str]:
    """Return the command that runs the tokwatch of this clone on a data folder."""
    return [sys.executable, "-m", "tokwatch", "--data", str(data), *arguments]


def measure(command: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run a program to its end and return what it took.

    Linux counts what the caller holds at the start into the peak: keep the caller small.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as talk:
        try:
            process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=talk
            )
        except OSError as error:
            raise BenchError(f"{command[0]}: {error.strerror}") from error
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code != 0:
            talk.seek(0)
            told = talk.read().decode(errors="replace")[-500:]
            raise BenchError(f"{' '.join(command)} ended with {code}: {told}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss * unit / 1e6)


def median_ms(step: Callable[[], object], rounds: int) -> float:
    """Return what a step takes, the median of some runs of it in this process."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        step()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
