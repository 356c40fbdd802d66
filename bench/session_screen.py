"""`python -m bench opening`: from Enter to the painted session, and how late the loop is by it.

The program runs on a terminal and has one large log, of which nothing but its sums is known when
it is opened. Then it is opened once more, when all of it has been read.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.corpus import size_of
from bench.corpus_claude import long_session
from bench.corpus_text import Spent, Writing
from bench.figures import Figure, Row, Table, figure, percentile, show
from bench.measured import BenchError, environment
from bench.terminal import Piece, Terminal, plain

QUIET_S: Final = 1.5
"""Nothing more is worked out when nothing was painted for so long."""
LONGEST_S: Final = 180.0
SIGNS: Final = {
    "screen": re.compile(r"Sessions / "),
    "figures": re.compile(r"\d requests?\b"),
    "composition": re.compile(r"measured \d+%|\d% counted"),
}
"""What is painted once a part of the screen is there."""
COLUMNS: Final = (*SIGNS, "whole", "lag p50", "lag p95", "lag most")


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of one run."""

    name: str
    began: float
    ended: float
    """When something was painted last."""
    painted_ms: tuple[float, ...] = ()
    """From the key to each sign; nothing where none was pressed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the logs to open."""
    parser.add_argument("--size", action="append", help="size of a log; 4MB and 90MB unless given")
    parser.add_argument("--log", action="append", type=Path, default=[], help="a real log, too")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Open each log again and again and print the medians."""
    rows: list[Row] = []
    given: list[str | Path] = [*args.log, *(args.size or (not args.log) * ["4MB", "90MB"])]
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        for number, log in enumerate(given):
            home = Path(folder, f"home-{number}")
            size = _placed(log, home) if isinstance(log, Path) else _made(size_of(log), home)
            runs = [_round(home, Path(folder, f"{number}-{each}")) for each in range(args.runs)]
            rows += _rows(f"{size / 1e6:.1f} MB", runs)
    title = f"opening a session: ms from Enter, and of the loop's lag, {args.runs} runs"
    show(Table(title, COLUMNS, tuple(rows)), as_json=args.json)
    return 0


def _placed(log: Path, home: Path) -> int:
    """Copy a log of Claude Code or Codex to where its tool keeps it; return its size."""
    is_codex = log.name.startswith("rollout-")
    folder = home / (".codex/sessions/2026/01/01" if is_codex else ".claude/projects/-home-ana")
    folder.mkdir(parents=True)
    return (folder / log.name).write_bytes(log.read_bytes())


def _made(size: int, home: Path) -> int:
    """Write a log of about a size; return what it has."""
    began = datetime.now(UTC) - timedelta(days=2)
    log = long_session(Writing(random.Random(1), began, Spent()), size)
    path = home / log.path
    path.parent.mkdir(parents=True)
    return path.write_bytes("".join(log.lines).encode())


Run = list[tuple[Phase, list[float]]]
"""The phases of a run, each with how late the loop was, in ms."""


def _round(home: Path, scratch: Path) -> Run:
    """Let the program read the log, open its session twice, and return the phases."""
    scratch.mkdir()
    waits = scratch / "waits.json"
    command = [sys.executable, "-m", "bench.late_loop", "--data", str(scratch / "data")]
    # no log is recent: its conversation is read when it is opened
    env = environment(home, scratch) | {"TOKWATCH_DETAIL__DAYS": "0"}
    with Terminal([*command, "--waits", str(waits)], env) as terminal:
        if not terminal.wait_until(
            lambda: any(re.search(rb"\$\d", piece.data) for piece in terminal.pieces), LONGEST_S
        ):
            raise BenchError("the screen showed no money")
        terminal.wait_quiet(QUIET_S, LONGEST_S)
        phases = [Phase("reading", terminal.pieces[0].at, terminal.last_at)]
        for name in ("opening", "opening again"):
            phases.append(_opened(terminal, name))
            terminal.press("\x1b")
            time.sleep(QUIET_S)  # else what follows would be one key with it
            terminal.wait_quiet(QUIET_S, LONGEST_S)
    noted: list[tuple[float, float]] = json.loads(waits.read_text(encoding="utf-8"))
    return [
        (phase, [ms for at, ms in noted if phase.began <= at <= phase.ended + 0.02])
        for phase in phases
    ]


def _opened(terminal: Terminal, name: str) -> Phase:
    """Press Enter and wait until all of the session is painted."""
    seen, began = len(terminal.pieces), time.monotonic()
    terminal.press("\r")
    terminal.wait_until(lambda: bool(_painted_at(terminal.pieces[seen:], "composition")), LONGEST_S)
    terminal.wait_quiet(QUIET_S, LONGEST_S)
    found = [_painted_at(terminal.pieces[seen:], sign) for sign in SIGNS]
    if None in found:
        raise BenchError("the session was not shown")
    return Phase(name, began, terminal.last_at, tuple(1000 * (at - began) for at in found if at))


def _painted_at(pieces: Sequence[Piece], sign: str) -> float | None:
    """Return when a part of the screen was painted."""
    return next((piece.at for piece in pieces if SIGNS[sign].search(plain(piece.data))), None)


def _rows(size: str, runs: Sequence[Run]) -> list[Row]:
    rows = []
    for phases in zip(*runs, strict=True):
        painted = zip(*(each.painted_ms for each, _ in phases), strict=True)
        shown: list[Figure | None] = [figure(ms) for ms in painted]
        shown += [None] * (len(SIGNS) - len(shown))
        whole = figure([1000 * (each.ended - each.began) for each, _ in phases])
        lags = [figure([percentile(ms, share) for _, ms in phases]) for share in (0.5, 0.95)]
        most = figure([max(ms) for _, ms in phases])
        rows.append(Row(f"{size}, {phases[0][0].name}", (*shown, whole, *lags, most)))
    return rows
