"""Whole processes that print a report by day, against ccusage and tokscale, run side by side.

Four benchmarks: `cold` begins with an empty store, `warm` knows every log, `store` does not even
look at the logs, `dense` is cold on logs in which every line is a usage event.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import Row, Table, figure, ratio, show
from bench.homes import corpus, linked, log_bytes
from bench.measured import Cost, environment, measure, tokwatch

SHAPES: Final = {"dense": "dense"}
"""Benchmarks that read other logs than the mixed ones."""
COLUMNS: Final = ("CPU s", "wall s", "peak MB")


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that takes part: how it is run, and what is done before each run."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    prepare: Callable[[], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of these benchmarks."""
    parser.add_argument("--home", type=Path, help="read the logs of this home; else made ones")
    parser.add_argument("--size", default="1GB", help="size of the logs that are made")
    parser.add_argument("--ccusage", metavar="PATH", help="the native program of ccusage")
    parser.add_argument("--tokscale", metavar="PATH", help="the native program of tokscale")
    parser.add_argument("--runs", type=int, default=5, help="rounds, one run of each in turn")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Run every contender in turn, again and again, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        scratch = Path(folder)
        logs = args.home or corpus(scratch / "corpus", args.size, SHAPES.get(args.name, "mixed"))
        contenders = _contenders(args, linked(logs, scratch / "home"), scratch)
        costs: dict[str, list[Cost]] = {each.name: [] for each in contenders}
        for number in range(args.runs + 1):
            for each in contenders:
                each.prepare()
                cost = measure(each.command, each.env)
                if number:  # the first round fills the caches of files and of bytecode
                    costs[each.name].append(cost)
        size = f"{log_bytes(logs) / 1e9:.2f} GB"
        show(
            _table(f"{args.name}: {size} of logs, median of {args.runs}", costs), as_json=args.json
        )
    return 0


def _contenders(args: argparse.Namespace, home: Path, scratch: Path) -> list[Contender]:
    env = environment(home, scratch)
    is_cold = args.name in ("cold", "dense")
    ours, theirs = _forgetting(scratch / "data"), _forgetting(*map(Path, _xdg(env)))
    options = ("report", "daily", "--json", *(("--no-refresh",) if args.name == "store" else ()))
    found = [
        Contender("tokwatch", tuple(tokwatch(scratch / "data", *options)), env, _if(is_cold, ours))
    ]
    if not is_cold:
        measure(tokwatch(scratch / "data", "report", "daily", "--json"), env)
    if args.ccusage:
        command = (args.ccusage, "daily", "--json", "--offline")
        found.append(Contender("ccusage", command, env, _nothing))
    if args.tokscale:
        offline = env | {"TOKSCALE_PRICING_CACHE_ONLY": "1"}
        found.append(
            Contender("tokscale", (args.tokscale, "--json"), offline, _if(is_cold, theirs))
        )
    return found


def _table(title: str, costs: dict[str, list[Cost]]) -> Table:
    values = {
        name: [
            [cost.cpu_s for cost in taken],
            [cost.wall_s for cost in taken],
            [cost.peak_mb for cost in taken],
        ]
        for name, taken in costs.items()
    }
    rows = [Row(name, tuple(map(figure, of))) for name, of in values.items()]
    ours, *peers = values
    rows += [
        Row(f"{ours} / {peer}", tuple(map(ratio, values[ours], values[peer]))) for peer in peers
    ]
    return Table(title, COLUMNS, tuple(rows), ("median (least-most); ratios are of neighbours",))


def _xdg(env: dict[str, str]) -> list[str]:
    return [env[name] for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")]


def _forgetting(*folders: Path) -> Callable[[], None]:
    """Return what removes folders in which a program remembers the logs."""

    def forget() -> None:
        for folder in folders:
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)

    return forget


def _if(wanted: bool, prepare: Callable[[], None]) -> Callable[[], None]:
    return prepare if wanted else _nothing


def _nothing() -> None:
    """Leave everything as it is."""
