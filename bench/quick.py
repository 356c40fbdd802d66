"""Whole runs of `check` and of the status line, beside `python -c pass` run in turn with them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.figures import Row, Table, figure, ratio, show
from bench.homes import corpus, linked, log_bytes
from bench.measured import Cost, environment, measure, tokwatch

BARE: Final = "python -c pass"
SETTINGS: Final = (
    "[budget.daily]\nusd = 1000000\n[budget.month]\ntokens = 1000000000000\nper = 'month'\n"
)
LIMITS: Final = {"check": 8, "statusline": 7}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of these benchmarks."""
    parser.add_argument("--home", type=Path, help="read the logs of this home; else made ones")
    parser.add_argument("--size", default="50MB", help="size of the logs that are made")
    parser.add_argument("--runs", type=int, default=20, help="rounds, one run of each in turn")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Run the command in turn with an empty Python, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        scratch = Path(folder)
        logs = args.home or corpus(scratch / "corpus", args.size, "mixed")
        env = environment(linked(logs, scratch / "home"), scratch)
        settings = scratch / "config.toml"
        settings.write_text(SETTINGS, "utf-8")
        env["TOKWATCH_CONFIG"] = str(settings)
        commands: dict[str, tuple[str, ...]] = {BARE: (sys.executable, "-c", "pass")}
        for words in _lines(args.name):
            commands["tokwatch " + " ".join(words)] = tuple(tokwatch(scratch / "data", *words))
        measure(tokwatch(scratch / "data", "check"), env)
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for number in range(args.runs + 1):
            for name, command in commands.items():
                cost = measure(command, env)
                if number:  # the first round fills the caches of files and of bytecode
                    costs[name].append(cost)
        size = f"{log_bytes(logs) / 1e6:.0f} MB"
        show(_table(f"{args.name}: {size} of logs read before", args.name, costs),
             as_json=args.json)  # fmt: skip
    return 0


def _lines(name: str) -> list[tuple[str, ...]]:
    if name == "statusline":
        return [("statusline",)]
    return [("check", "--no-refresh"), ("check",), ("check", "--hook")]


def _table(title: str, name: str, costs: dict[str, list[Cost]]) -> Table:
    taken = {
        of: ([cost.cpu_s for cost in each], [cost.wall_s for cost in each])
        for of, each in costs.items()
    }
    bare = taken[BARE]
    rows = [Row(of, tuple(map(figure, each))) for of, each in taken.items()]
    rows += [
        Row(f"{of} / {BARE}", tuple(ratio(each[at], bare[at]) for at in (0, 1)))
        for of, each in taken.items()
        if of != BARE
    ]
    note = f"at most {LIMITS[name]} times {BARE}; {os.cpu_count()} processors"
    return Table(title, ("CPU s", "wall s"), tuple(rows), (note,))
