"""From the flush of an appended response to its cost on the screen of the real program.

Live sessions answer one at a time and in bursts; each answer makes its session a dollar dearer,
so the row that shows it is known. `--history` does the same while a large history is read.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import Row, Table, figure, percentile, show
from bench.homes import linked
from bench.live_logs import DOLLAR, PRICES, Answers, Session, history
from bench.measured import BenchError, environment, tokwatch
from bench.outside import outside
from bench.picture import costs_shown, history_read_at, painted_at
from bench.terminal import Piece, Terminal

LIVE: Final = 6
BURST: Final = 20
SILENCE_S: Final = 0.12
"""What is painted so long after the last paint, and after an answer, is that answer's."""
STARTS_S: Final = 60.0
AFTERWARDS_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Append:
    """One answer: when its last byte was written, and what its session cost with it."""

    at: float
    kind: str
    name: str
    dollars: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--seconds", type=float, default=30, help="how long answers are appended")
    parser.add_argument("--rate", type=float, default=2.0, help="answers a second, at random times")
    parser.add_argument("--burst-every", type=float, default=5.0, help="seconds; 0 for no bursts")
    parser.add_argument("--history", type=Path, metavar="HOME", help="while its logs are read")
    parser.add_argument("--past", type=int, default=400, help="sessions known from before")
    parser.add_argument(
        "--writer", metavar="PATH", help="a program that appends, as live_writer.py"
    )
    parser.add_argument("--tag", action="store_true", help="run the writer with --tag")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Run the program again and again and print how long answers took to the screen."""
    rounds: list[dict[str, list[float]]] = []
    missed = 0
    for _ in range(args.runs):
        with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
            found, lost = _round(args, Path(folder))
            rounds.append(found)
            missed += lost
    kinds = sorted({kind for found in rounds for kind in found})
    rows = tuple(_row(kind, [found[kind] for found in rounds if found.get(kind)]) for kind in kinds)
    when = "while history is read" if args.history else "on a known store"
    notes = (f"{missed} answers were never seen", "each figure: median of the runs (least-most)")
    title = f"latency {when}: appended to painted, ms, {args.runs} runs"
    show(Table(title, ("p50", "p95", "most", "answers"), rows, notes), as_json=args.json)
    return 1 if missed else 0


def _row(kind: str, runs: Sequence[Sequence[float]]) -> Row:
    p50, p95 = (figure([percentile(ms, share) for ms in runs]) for share in (0.5, 0.95))
    return Row(kind, (p50, p95, figure([max(ms) for ms in runs]), figure([len(ms) for ms in runs])))


def _round(args: argparse.Namespace, scratch: Path) -> tuple[dict[str, list[float]], int]:
    """Run the program once; return milliseconds by kind, and how many answers were not seen."""
    home = linked(args.history, scratch / "home") if args.history else scratch / "home"
    projects = home / ".openclaude" / "projects"
    if not args.history:
        history(projects, args.past, 4)
    answers = Answers(projects)
    sessions = [answers.session(f"live-{number}") for number in range(LIVE)]
    for session in sessions:  # dear enough to stand at the top of the table
        answers.answer(session, output=100 * DOLLAR)
    settings = scratch / "config.toml"
    settings.write_text(PRICES, encoding="utf-8")
    command = tokwatch(scratch / "data", "--config", str(settings))
    with Terminal(command, environment(home, scratch)) as terminal:
        pieces = terminal.pieces
        if not terminal.wait_until(lambda: _shows(b"live-0", pieces), STARTS_S):
            raise BenchError("the screen never showed the live sessions")
        if not args.history:
            terminal.wait_quiet(1.5, STARTS_S)
        if args.writer:
            told = outside(args.writer, home, args.rate, args.seconds, tagged=args.tag)
            return {"outside writer": first_bytes(told, pieces)}, 0
        appends = _append(args, terminal, answers, sessions)
        terminal.wait_quiet(0.5, AFTERWARDS_S)
    return _latencies(appends, pieces, until_read=args.history is not None)


def _shows(text: bytes, pieces: Sequence[Piece]) -> bool:
    return any(text in piece.data for piece in pieces)


def _append(
    args: argparse.Namespace, terminal: Terminal, answers: Answers, sessions: Sequence[Session]
) -> list[Append]:
    """Let the sessions answer for a while; return what was appended."""
    dice, appends = random.Random(3), []
    dollars = dict.fromkeys((session.name for session in sessions), 100.0)
    until = time.monotonic() + args.seconds
    burst_at = time.monotonic() + args.burst_every if args.burst_every else until
    while (now := time.monotonic()) < until and terminal.is_running:
        is_burst = now >= burst_at
        burst_at = now + args.burst_every if is_burst else burst_at
        for _ in range(BURST if is_burst else 1):
            session = dice.choice(sessions)
            dollars[session.name] += 1
            at = answers.answer(session, lines=dice.randrange(1, 5))
            kind = f"burst of {BURST}" if is_burst else "one answer"
            appends.append(Append(at, kind, session.name, dollars[session.name]))
        time.sleep(dice.expovariate(args.rate))
        if args.history and _has_read(terminal):
            break
    return appends


def _has_read(terminal: Terminal) -> bool:
    """Tell whether the bar of the history is gone for a second."""
    last = history_read_at(terminal.pieces[-200:])
    return last is not None and time.monotonic() - last > 1.0


def _latencies(
    appends: Sequence[Append], pieces: Sequence[Piece], *, until_read: bool
) -> tuple[dict[str, list[float]], int]:
    """Return milliseconds by kind, and how many answers were not seen."""
    shown = costs_shown(pieces)
    read_at = history_read_at(pieces) if until_read else None
    found: dict[str, list[float]] = {}
    missed = 0
    for append in appends:
        if read_at is not None and append.at > read_at:
            continue
        painted = painted_at(shown, append.name, append.dollars)
        if painted is None:
            missed += 1
        else:
            found.setdefault(append.kind, []).append(1000 * (painted - append.at))
    single = [append.at for append in appends if append.kind == "one answer"]
    if not until_read:
        found["one answer, first byte"] = first_bytes(single, pieces)
    return found, missed


def first_bytes(appended: Iterable[float], pieces: Sequence[Piece]) -> list[float]:
    """Return the milliseconds to the first byte after each append that fell into silence."""
    found = []
    for at in appended:
        before = max((piece.at for piece in pieces if piece.at <= at), default=0.0)
        after = min((piece.at for piece in pieces if piece.at > at), default=None)
        if after is not None and at - before >= SILENCE_S:
            found.append(1000 * (after - at))
    return found
