"""Runs another program that appends to live logs and tells, as JSON lines, when it did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.measured import BenchError


def outside(path: str, home: Path, rate: float, seconds: float, *, tagged: bool) -> list[float]:
    """Run the writer to its end; return when each of its responses was there."""
    command = [sys.executable, path, "--home", str(home), "--rate", str(rate)]
    command += ["--duration", str(seconds), *(("--tag",) if tagged else ())]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        raise BenchError(f"{path} ended with {ran.returncode}: {ran.stderr[-300:]}")
    told = map(json.loads, ran.stdout.splitlines())
    return [float(event["mono"]) for event in told if event.get("ev") == "response"]
