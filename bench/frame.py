"""From the start of the process to the first frame with money in it, beside a bare Textual app."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.figures import Row, Table, figure, ratio, show
from bench.homes import linked
from bench.live_logs import PRICES, history
from bench.measured import CLONE, BenchError, environment, measure, tokwatch
from bench.terminal import Piece, Terminal, plain

WAIT_S: Final = 30.0
_MONEY: Final = re.compile(r"\$\d[\d,]*\.\d\d")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--home", type=Path, help="a home with logs; else one is made")
    parser.add_argument("--past", type=int, default=400, help="sessions of the home that is made")
    parser.add_argument("--runs", type=int, default=9, help="rounds, one start of each in turn")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Start both again and again and print how long the first frame took."""
    taken: dict[str, list[float]] = {"tokwatch": [], "bare Textual": []}
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        scratch = Path(folder)
        home, data = scratch / "home", scratch / "data"
        if args.home:
            linked(args.home, home)
        else:
            history(home / ".claude" / "projects", args.past, 5)
        settings = scratch / "config.toml"
        settings.write_text(PRICES, encoding="utf-8")
        env = environment(home, scratch)
        ours = tokwatch(data, "--config", str(settings))
        measure([*ours, "report", "daily", "--json"], env)
        commands = {
            "tokwatch": ours,
            "bare Textual": [sys.executable, str(CLONE / "bench/bare.py")],
        }
        for number in range(args.runs + 1):
            for name, command in commands.items():
                milliseconds = _first_frame(command, env)
                if number:  # the first round fills the caches of files and of bytecode
                    taken[name].append(milliseconds)
        shutil.rmtree(data)
    rows = [Row(name, (figure(values),)) for name, values in taken.items()]
    rows.append(Row("tokwatch / bare", (ratio(*taken.values()),)))
    show(
        Table(f"first frame with data, {args.runs} starts", ("ms",), tuple(rows)), as_json=args.json
    )
    return 0


def _first_frame(command: list[str], env: dict[str, str]) -> float:
    """Start a program and return the milliseconds until money was drawn."""
    with Terminal(command, env) as terminal:
        pieces = terminal.pieces
        if not terminal.wait_until(lambda: _first_money(pieces) is not None, WAIT_S):
            raise BenchError(f"{' '.join(command)} drew no money")
        return 1000 * ((_first_money(pieces) or 0.0) - terminal.started)


def _first_money(pieces: Sequence[Piece]) -> float | None:
    """Return when money was drawn first."""
    return next((piece.at for piece in pieces if _MONEY.search(plain(piece.data))), None)
