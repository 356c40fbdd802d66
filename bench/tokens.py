"""`python -m bench tokens`: loading the encodings, counting a long prompt, editing it."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from bench.measured import CLONE
from tokwatch.tokens.counter import PieceCounter
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding

EDITS: Final = ("x", "\n", " more words", "}", "")
GOAL_MS: Final = 16.0
"""An edit may take so long: a frame of the screen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the size of the prompt, and how often it is edited."""
    parser.add_argument("--tokens", type=int, default=206_000)
    parser.add_argument("--edits", type=int, default=100)


def run(args: argparse.Namespace) -> int:
    """Time each step; 1 where an edit takes longer than it may."""
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for encoding in Encoding:
            first_ms = _ms(partial(count_in, encoding, Path(folder)))
            count = count_in(encoding, Path(folder))
            text = _prompt(args.tokens, count)
            print(f"{encoding}: {count(text):,} tokens in {text.count(chr(10)):,} lines")
            print(f"{first_ms:8.1f} ms  first load, ranks unpacked")
            print(f"{_ms(partial(count, text)):8.1f} ms  the whole at once")
            for name, one in (("lines", text), ("one line", text.replace("\n", " "))):
                counter = PieceCounter(count)
                whole_ms = _ms(partial(counter.count, one))
                times = _edits(counter, one, args.edits)
                slowest = max(slowest, statistics.median(times))
                print(f"{whole_ms:8.1f} ms  by pieces, {name}")
                told = f"{statistics.median(times):8.2f} ms  an edit, {name}"
                print(f"{told} (most {max(times):.2f})")
    print(f"goal: an edit in {GOAL_MS:g} ms: {'met' if slowest <= GOAL_MS else 'missed'}")
    return int(slowest > GOAL_MS)


def _prompt(tokens: int, count: Callable[[str], int]) -> str:
    """Return about so many tokens of code and prose: this repository's own."""
    files = sorted([*CLONE.glob("tokwatch/**/*.py"), *CLONE.glob("docs/*.md")])
    text = "\n".join(file.read_text("utf-8") for file in files)
    text *= -(-tokens * 5 // len(text))
    return text[: len(text) * tokens // count(text)]


def _edits(counter: PieceCounter, text: str, edits: int) -> list[float]:
    chance = random.Random(5)
    times = []
    for _ in range(edits):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(EDITS) + text[at + 1 :]
        times.append(_ms(partial(counter.count, text)))
    return times


def _ms(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000
