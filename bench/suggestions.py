"""Time and memory of a look for savings, each in a process of its own."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from bench.figures import Row, Table, figure, show
from bench.made_store import DAY_MS, MODELS, make
from bench.measured import Cost, environment, measure
from tokwatch.store.connect import Database

END_MS: Final = 1_790_000_000_000 // DAY_MS * DAY_MS
DAYS: Final = 30
LOADED: Final = "import tokwatch.suggestions.suggesting"
LOOK: Final = (
    "import sys; from pathlib import Path; from tokwatch.config import load; "
    "from tokwatch.suggestions.suggesting import looked; "
    "looked(load(None, Path(sys.argv[1]), None), int(sys.argv[2]))"
)
BLOCKS: Final = (("assistant", "", 120), ("tool call", "Bash", 90), ("tool result", "Bash", 900))
"""What stands between two requests: part, tool, mean tokens."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--requests", type=int, nargs="+", default=[40_000, 100_000])
    parser.add_argument("--runs", type=int, default=5, help="looks at each store")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Make the stores, look for savings in each, and print the figures."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        scratch = Path(folder)
        env = environment(scratch / "home", scratch)
        rows.append(_row("nothing but what is loaded", [measure(_code(LOADED), env)]))
        for requests in args.requests:
            data = scratch / str(requests)
            blocks = _made(data, requests)
            env["TOKWATCH_SUGGESTIONS__REQUESTS"] = str(requests)
            look = _code(LOOK, str(data), str(END_MS))
            costs = [measure(look, env) for _ in range(args.runs + 1)][1:]
            rows.append(_row(f"{requests:,} requests, {blocks:,} blocks", costs))
    title = f"a look for savings over {DAYS} days"
    note = "each in a process of its own, its start and the writing of what was found included"
    show(Table(title, ("CPU s", "wall s", "peak MB"), tuple(rows), (note,)), as_json=args.json)
    return 0


def _code(text: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", text, *arguments]


def _row(name: str, costs: list[Cost]) -> Row:
    columns = zip(*((one.cpu_s, one.wall_s, one.peak_mb) for one in costs), strict=True)
    return Row(name, tuple(map(figure, columns)))


def _made(data: Path, requests: int) -> int:
    """Make a store with prices and conversations; return how many blocks those have."""
    database = make(data, requests, DAYS, END_MS)
    with database.transaction():
        _write_cards(database)
        database.execute(
            "INSERT INTO strand (id, workspace, log, session, agent) "
            "SELECT g.id, g.workspace, g.id, '', '' FROM log g"
        )
        database.executemany(
            "INSERT INTO block (strand, number, workspace, instant_ms, part, tool, chars, tokens, "
            "digest, subject, call, is_error, request, offset_bytes) "
            "VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _blocks(database),
        )
    found = int(database.value("SELECT count(*) FROM block"))
    database.close()
    return found


def _write_cards(database: Database) -> None:
    database.executemany(
        "INSERT INTO card (workspace, model, since_ms, above_tokens, until_ms, upto_tokens, input, "
        "cache_read, cache_write_5m, cache_write_1h, output, web_search, source) "
        "VALUES (1, ?, 0, -1, ?, ?, 5000000, 500000, 6250000, 10000000, 25000000, 0, 'bench')",
        [(number + 1, 1 << 60, 1 << 60) for number in range(len(MODELS))],
    )


def _blocks(database: Database) -> Iterator[tuple[object, ...]]:
    """Yield what the main agents' conversations are made of; one result in twelve came before."""
    dice, strand, number = Random(3), 0, 0
    requests = database.rows(
        "SELECT t.log, t.key, t.instant_ms FROM event t JOIN scope s ON s.id = t.scope "
        "WHERE s.agent = '' ORDER BY t.log, t.instant_ms"
    )
    for log, key, at_ms in requests:
        number = number + 1 if log == strand else 1
        strand = log
        for place, (part, tool, mean) in enumerate(BLOCKS):
            tokens = dice.randrange(20, 2 * mean) * (9 if dice.random() < 0.02 else 1)
            digest = dice.randrange(12) if dice.random() < 0.08 else dice.getrandbits(60)
            call = number if tool else 0
            request = key if part != "tool result" else 0
            yield (
                *(log, number * 4 + place, at_ms + place, part, tool, tokens * 4, tokens, digest),
                *(digest % 97, call, int(dice.random() < 0.05), request, number * 900),
            )
