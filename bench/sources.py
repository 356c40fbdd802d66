"""How fast each format is read: megabytes and events a second, of one core."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.measured import BenchError
from tests.sources.agents.databases import turns
from tests.sources.test_every_tool import BUILDS, DATABASES
from tokwatch.sources import SOURCES
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.reader import read_log
from tokwatch.sources.source import Source, Surroundings
from tokwatch.sources.tables import is_database

LONGEST_LINE: Final = 64 << 20
CHUNK: Final = 1 << 40
LINES_BYTES: Final = 4_000_000
"""A log of lines is made as long as this, of the same lines again and again."""
COPIES: Final = 100
"""Documents and small databases are read so many times."""
TURNS: Final = 50
"""Requests in a database."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--home", metavar="FOLDER", help="read these logs in place of made ones")
    parser.add_argument("--rounds", type=int, default=3, help="times that all is read")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Read the logs of every source and print the medians."""
    with tempfile.TemporaryDirectory() as scratch:
        found = logs_below(Path(args.home)) if args.home else made_logs(Path(scratch))
        figures = [_figure(source, logs, args.rounds) for source, logs in found]
    if not figures:
        raise BenchError(f"no source has logs in {args.home}")
    if args.json:
        print(json.dumps([dict(zip(("source", *HEAD), row, strict=True)) for row in figures]))
        return 0
    print(f"{'source':<14}" + "".join(f"{name:>14}" for name in HEAD))
    for name, *numbers in figures:
        print(f"{name:<14}" + "".join(f"{number:>14,.1f}" for number in numbers))
    return 0


HEAD: Final = ("MB", "events", "MB/s", "events/s")


def logs_below(home: Path) -> list[tuple[Source, list[FoundLog]]]:
    """Return the logs of every source that has any in a home."""
    where, walk = Surroundings(home, {}, "linux"), Walk()
    found = [(source, walk.over(source.roots(where), source.wants)) for source in SOURCES]
    return [(source, logs) for source, logs in found if logs]


def made_logs(scratch: Path) -> list[tuple[Source, list[FoundLog]]]:
    """Return logs that the tests' own builders make, each source in a home of its own."""
    databases = {tool.source: tool for tool in DATABASES}
    found: list[tuple[Source, list[FoundLog]]] = []
    for name, build in BUILDS.items():
        home = scratch / name
        if name in databases:
            tool = databases[name]
            turns(tool.path(home), tool, *range(1, TURNS + 1))
        else:
            build(home)
            for _, logs in logs_below(home):
                _lengthen(logs)
        found += [(source, logs) for source, logs in logs_below(home) if source.name == name]
    return found


def _lengthen(logs: list[FoundLog]) -> None:
    for log in logs:
        path = Path(log.path)
        if path.suffix == ".jsonl" and log.size:
            path.write_bytes(path.read_bytes() * (LINES_BYTES // log.size))


def _figure(source: Source, logs: list[FoundLog], rounds: int) -> tuple[str, *tuple[float, ...]]:
    size = sum(log.size for log in logs) / 1e6
    times, events = [], 0
    again = 1 if size > 1 else max(1, COPIES // len(logs))
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(again):
            events = sum(_events(source, logs))
        times.append((time.process_time() - began) / again)
    seconds = max(statistics.median(times), 1e-9)
    return source.name, size, float(events), size / seconds, events / seconds


def _events(source: Source, logs: list[FoundLog]) -> Iterator[int]:
    """Yield how many records each log tells of: what replaced one of the same request counts."""
    for log in logs:
        cursor, more = None, True
        while more:
            reading, more = read_log(source, log, cursor, LONGEST_LINE, CHUNK)
            cursor = reading.cursor
            yield len(reading.sightings) + reading.tally.repeated * (not is_database(log.path))
