"""How fast each format is read: megabytes and events a second, of one core."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.measured import BenchError
from tests.sources.logs_of_documents import DOCUMENTS, ROWS
from tests.sources.logs_of_lines import LINES, TALK
from tests.sources.mapped.logs import NAME, mapping, record
from tests.sources.road import spelt, write
from tokwatch.config import load
from tokwatch.ingest.chosen import source_of
from tokwatch.model.event import Grade
from tokwatch.sources import SOURCES, source_named
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.reader import read_log
from tokwatch.sources.source import Root, Source, Surroundings
from tokwatch.sources.tables import is_database

LONGEST_LINE: Final = 64 << 20
CHUNK: Final = 1 << 40
MAPPING: Final = "mapping"
REQUESTS: Final = 2_000
"""Requests in each made log, or in its documents together."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--home", metavar="FOLDER", help="read these logs in place of made ones")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="in each made log")
    parser.add_argument("--only", metavar="SOURCE", help="one source, in every form of its logs")
    parser.add_argument("--rounds", type=int, default=3, help="times that all is read")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Read the logs of every source and print the medians."""
    with tempfile.TemporaryDirectory() as scratch:
        found = logs_below(Path(args.home)) if args.home else made_logs(Path(scratch), args)
        figures = [_figure(name, source, logs, args.rounds) for name, source, logs in found]
    if not figures:
        raise BenchError("there are no logs: no source has any in that home, or has that name")
    if args.json:
        print(json.dumps([dict(zip(("source", *HEAD), row, strict=True)) for row in figures]))
        return 0
    print(f"{'source':<20}" + "".join(f"{name:>14}" for name in HEAD))
    for name, *numbers in figures:
        print(f"{name:<20}" + "".join(f"{number:>14,.1f}" for number in numbers))
    return 0


HEAD: Final = ("MB", "events", "MB/s", "events/s")
Found = tuple[str, Source, list[FoundLog]]
"""A form of logs, the source that reads it, and the logs."""


def logs_below(home: Path) -> list[Found]:
    """Return the logs of every source that has any in a home."""
    where, walk = Surroundings(home, {}, "linux"), Walk()
    found = [(source, list(walk.over(source.roots(where), source.wants))) for source in SOURCES]
    return [(source.name, source, logs) for source, logs in found if logs]


def made_logs(scratch: Path, args: argparse.Namespace) -> Iterator[Found]:
    """Yield made logs of every source, each form in a home of its own that is gone afterwards."""
    for name, build in (LINES | DOCUMENTS | ROWS).items():
        source = source_named(name.partition("/")[0])
        if source is None or args.only not in (None, source.name):
            continue
        home = scratch / "home"
        build(home, args.requests)
        roots = source.roots(Surroundings(home, {}, "linux")) or (Root(home / "gateways"),)
        yield name, source, list(Walk().over(roots, source.wants))
        shutil.rmtree(home)
    if args.only in (None, MAPPING):
        yield MAPPING, *_mapped(scratch, args.requests)


def _mapped(scratch: Path, requests: int) -> tuple[Source, list[FoundLog]]:
    """Make the log of a gateway that no tool writes, and the mapping that a user would write."""
    folder = scratch / "logs"
    settings = mapping().replace("~/logs", str(folder))
    config = write(scratch / "config.toml", settings.encode())
    source = source_of(load(config, scratch, environ={}), NAME)
    told = (record(turn, messages=[{"content": TALK}]) for turn in range(1, requests + 1))
    write(folder / "a.jsonl", *map(spelt, told))
    return source, list(Walk().over((Root(folder),), source.wants))


def _figure(
    name: str, source: Source, logs: list[FoundLog], rounds: int
) -> tuple[str, *tuple[float, ...]]:
    size = sum(log.size for log in logs) / 1e6
    times, events = [], 0
    for _ in range(rounds):
        began = time.process_time()
        events = sum(_events(source, logs))
        times.append(time.process_time() - began)
    seconds = max(statistics.median(times), 1e-9)
    return name, size, float(events), size / seconds, events / seconds


def _events(source: Source, logs: list[FoundLog]) -> Iterator[int]:
    """Yield how many records each log tells of: what replaced one of the same request counts."""
    for log in logs:
        cursor, more = None, True
        while more:
            reading, more = read_log(source, log, cursor, LONGEST_LINE, CHUNK)
            cursor = reading.cursor
            told = sum(sighting.grade < Grade.GHOST for sighting in reading.sightings)
            yield told + reading.tally.repeated * (not is_database(log.path))
