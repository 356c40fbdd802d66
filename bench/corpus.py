"""Makes logs to measure with: a home of Claude Code and Codex, and the totals that it holds.

`mixed` is shaped like real logs: few lines carry usage, some are large, half of a response's
lines repeat it. In `dense` every line is a response of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.corpus_claude import dense_session, mixed_session
from bench.corpus_codex import dense_thread, mixed_thread
from bench.corpus_text import Log, Spent, Writing
from bench.measured import BenchError

END: Final = datetime(2026, 11, 15, 18, 0, tzinfo=UTC)
CODEX_SHARE: Final = 0.25
_UNITS: Final = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}

Session = Callable[[Writing], Iterator[Log]]
SHAPES: Final[dict[str, tuple[Session, Session]]] = {
    "mixed": (mixed_session, mixed_thread),
    "dense": (dense_session, dense_thread),
}
"""Of each shape what makes a session of Claude Code and a thread of Codex."""


@dataclass(slots=True)
class Made:
    """What was written."""

    size: int = 0
    files: int = 0
    lines: int = 0
    spent: dict[str, Spent] = field(default_factory=dict)
    """By source."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--out", type=Path, required=True, help="folder that gets `home`")
    parser.add_argument("--size", default="350MB", help="size of all logs together, as 350MB")
    parser.add_argument("--shape", choices=SHAPES, default="mixed", help="what the lines are")
    parser.add_argument("--days", type=int, default=90, help="days that they are spread over")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same bytes")


def run(args: argparse.Namespace) -> int:
    """Make the logs, write their totals beside them and tell what was made."""
    made = make(args.out, size_of(args.size), args.shape, days=args.days, seed=args.seed)
    print(f"{made.size >> 20} MB, {made.lines} lines, {made.files} files in {args.out / 'home'}")
    return 0


def size_of(text: str) -> int:
    """Return bytes of a size such as 350MB."""
    found = re.fullmatch(r"(\d+)\s*([KMG]B)", text.strip().upper())
    if found is None:
        raise BenchError(f"{text!r} is no size; write it as 350MB or 1GB")
    return int(found[1]) * _UNITS[found[2]]


def make(out: Path, size: int, shape: str, *, days: int = 90, seed: int = 1) -> Made:
    """Write logs of about a size below `out/home`, and `out/manifest.json`."""
    home = out / "home"
    if home.exists():
        raise BenchError(f"{home} exists already")
    chance = random.Random(seed)
    session, thread = SHAPES[shape]
    made = Made(spent={"claude-code": Spent(), "codex": Spent()})
    codex_size = 0
    while made.size < size:
        is_codex = codex_size < CODEX_SHARE * made.size
        begins = END - timedelta(days=days * chance.random())
        writing = Writing(chance, begins, made.spent["codex" if is_codex else "claude-code"])
        for log in (thread if is_codex else session)(writing):
            written = _written(home / log.path, log.lines)
            made.size += written
            codex_size += written if is_codex else 0
            made.files += 1
            made.lines += len(log.lines)
    (out / "manifest.json").write_text(json.dumps(asdict(made), indent=1) + "\n", "utf-8")
    return made


def _written(path: Path, lines: list[str]) -> int:
    """Write a log and return its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes("".join(lines).encode())
