"""`python -m bench calibration --pairs FILE`: the error of token counts on pairs of one's own.

A line of the file (JSON lines, also gzipped) is {"session", "model", "kind", "actual", "blocks":
[[kind, text], ...]}; blocks of the kind `tool_use` are calls, and begin with the name of the tool.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from bench.json_lines import rows_of
from bench.measured import BenchError
from tokwatch.analysis.pairs import REMINDED
from tokwatch.paths import user_data_folder
from tokwatch.tokens.calibration import Pair, fit
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding
from tokwatch.tokens.families import generation

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the pairs are."""
    parser.add_argument("--pairs", metavar="FILE", help="pairs of texts and billed tokens")


def run(args: argparse.Namespace) -> int:
    """Fit each model and kind in each encoding and print the error, sessions left out."""
    if args.pairs is None:
        raise BenchError("--pairs FILE is needed")
    rows = list(rows_of(Path(args.pairs)))
    print(
        f"{'encoding':<13}{'model':<26}{'kind':<9}{'n':>5}{'a':>7}{'b':>7}{'error':>8}{'90 %':>8}"
    )
    for encoding in Encoding:
        for (model, kind), pairs in sorted(_pairs(rows, encoding).items()):
            found = fit(pairs)
            if found is not None:
                print(
                    f"{encoding:<13}{model:<26}{kind:<9}{found.pairs:>5}{found.line.a:>7.3f}"
                    f"{found.line.b:>7.1f}{found.error:>8.1%}{found.p90:>8.1%}"
                )
    return 0


def _pairs(rows: list[dict[str, object]], encoding: Encoding) -> dict[tuple[str, str], list[Pair]]:
    count = count_in(encoding, user_data_folder())
    found: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for row in rows:
        blocks = row["blocks"]
        assert isinstance(blocks, list)
        told = [text for kind, text in blocks if kind == "tool_use"]
        if any(text.startswith(tuple(REMINDED)) for text in told):
            continue
        tokens = sum(count(text) for _, text in blocks)
        pair = Pair(str(row["session"]), tokens, len(told), int(str(row["actual"])))
        for model in (generation(str(row["model"])), ALL):
            found[model, str(row["kind"])].append(pair)
    return found
