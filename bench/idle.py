"""What the screen takes while nothing happens: processor, memory, and bytes to the terminal."""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import Row, Table, figure, show
from bench.live_logs import PRICES, history
from bench.measured import BenchError, environment, measure, tokwatch
from bench.terminal import Terminal, plain
from bench.vitals import vitals

SETTLE_S: Final = 30.0
"""Until what came before was looked at: the first look for savings begins after 20 seconds."""
START_S: Final = 30.0
COLUMNS: Final = ("CPU %", "RSS MB", "threads", "open files", "bytes", "writes")


@dataclass(frozen=True, slots=True)
class Rest:
    """What one stretch without news took."""

    cpu_percent: float
    rss_mb: float
    threads: int
    files: int
    bytes_drawn: int
    writes: int
    drawn: str
    """What was drawn, without colours."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--files", type=int, default=2_000, help="logs of ended sessions")
    parser.add_argument("--seconds", type=float, default=60, help="how long nothing happens")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Let the program rest, and print what that took."""
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        scratch = Path(folder)
        history(scratch / "home" / ".claude" / "projects", args.files, 1, days=30)
        rests = [_rest(scratch, args.seconds) for _ in range(args.runs)]
    figures = (
        figure([rest.cpu_percent for rest in rests]),
        figure([rest.rss_mb for rest in rests]),
        figure([rest.threads for rest in rests]),
        figure([rest.files for rest in rests]),
        figure([rest.bytes_drawn for rest in rests]),
        figure([rest.writes for rest in rests]),
    )
    title = f"idle for {args.seconds:g} s with {args.files:,} logs, {args.runs} runs"
    drawn = f"drawn: {' | '.join(rests[-1].drawn.split()) or 'nothing'}"
    show(Table(title, COLUMNS, (Row("tokwatch", figures),), (drawn[:400],)), as_json=args.json)
    return 0


def _rest(scratch: Path, seconds: float) -> Rest:
    settings = scratch / "config.toml"
    settings.write_text(PRICES, encoding="utf-8")
    env = environment(scratch / "home", scratch)
    command = tokwatch(scratch / "data", "--config", str(settings))
    measure([*command, "report", "daily", "--json"], env)
    with Terminal(command, env) as terminal:
        if not terminal.wait_until(
            lambda: any(re.search(rb"\$\d", piece.data) for piece in terminal.pieces), START_S
        ):
            raise BenchError("the screen showed no money")
        time.sleep(SETTLE_S)
        seen, before, began = len(terminal.pieces), vitals(terminal.pid), time.monotonic()
        time.sleep(seconds)
        after, spent_s = vitals(terminal.pid), time.monotonic() - began
        drawn = b"".join(piece.data for piece in terminal.pieces[seen:])
        return Rest(
            cpu_percent=100 * (after.cpu_s - before.cpu_s) / spent_s,
            rss_mb=after.rss_mb,
            threads=after.threads,
            files=after.files,
            bytes_drawn=len(drawn),
            writes=len(terminal.pieces) - seen,
            drawn=plain(drawn),
        )
