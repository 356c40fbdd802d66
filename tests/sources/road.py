"""The whole road in a test: logs in a home, the ingest, a store, and what it then holds."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple

from tokwatch.config import load
from tokwatch.ingest.ingest import Ingest, Round
from tokwatch.model.reading import Cursor, Reading
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import Dimension, Usage
from tokwatch.sources import source_named
from tokwatch.sources.discover import FoundLog
from tokwatch.sources.reader import read_log
from tokwatch.sources.source import Surroundings
from tokwatch.store.read.every import events, open_view, usage
from tokwatch.store.store import open_store, workspace_id

CANARY = "CANARY-7f3a prompt text must never be stored"
FIXTURES = Path(__file__).parent.parent / "fixtures" / "home"
MAX_LINE = 64 << 20
CHUNK = 32 << 20
DAY_BY = (Dimension.SOURCE, Dimension.SESSION, Dimension.DAY, Dimension.MODEL)


class Resolution(NamedTuple):
    """What the price list says in these tests: nothing is priced."""

    cards: tuple[()] = ()
    priced_as: str = ""
    note: str = ""


class Spent(NamedTuple):
    """Token sums of one group, in the classes of the sources' rules."""

    requests: int = 0
    input: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    output: int = 0
    reasoning: int = 0

    def plus(self, other: Spent) -> Spent:
        """Return the sums."""
        return Spent(*(a + b for a, b in zip(self, other, strict=True)))


Fields = dict[str, Any]  # of a record: values of every type
Sums = dict[tuple[str | int, ...], Spent]


def unpriced(config: object) -> object:
    """Stand in for the price list, which takes long to load."""
    return lambda model: Resolution()


class Road:
    """A store that reads the logs of one home."""

    def __init__(self, home: Path, data: Path) -> None:
        """Open the store in `data`, a new one if there is none."""
        data.mkdir(parents=True, exist_ok=True)
        config = load(data=data, environ={})
        self.database = open_store(f"sqlite:///{data / 'store.db'}", data)
        workspace = workspace_id(self.database, "local")
        assert workspace is not None
        where = Surroundings(home, {}, "linux")
        self.ingest = Ingest(config, self.database, workspace, where, zone=UTC)
        self.view = open_view(self.database, "local")

    def read(self) -> Round:
        """Read whatever is new, once."""
        found = self.ingest.walk()
        for _ in self.ingest.read(found.pending):
            pass
        return found

    def sums(self, by: tuple[Dimension, ...] = DAY_BY) -> Sums:
        """Return what was spent, by source, session, day and model unless told otherwise."""
        return {cell.group: spent_of(cell.usage) for cell in usage(self.view, by=by)}

    def total(self) -> Spent:
        """Return what was spent in all."""
        return self.sums(()).get((), Spent())

    def events(self) -> list[EventFact]:
        """Return every event, the newest first."""
        return events(self.view, limit=1_000_000)

    def close(self) -> None:
        """Close the store."""
        self.database.close()


def spent_of(found: Usage) -> Spent:
    """Return the token classes of summed usage."""
    return Spent(
        found.requests,
        found.input,
        found.cache_write_5m,
        found.cache_write_1h,
        found.cache_read,
        found.output,
        found.reasoning,
    )


def spelt(record: object) -> bytes:
    """Return a record as one line, as the tools spell it; half characters are escaped."""
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def write(path: Path, *lines: bytes) -> Path:
    """Write a log and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def found_log(path: Path, root: Path) -> FoundLog:
    """Return a log as a walk would."""
    status = path.stat()
    return FoundLog(
        str(path), root, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino
    )


def reading(
    source: str,
    path: Path,
    root: Path,
    cursor: Cursor | None = None,
    *,
    max_line: int = MAX_LINE,
    chunk: int = CHUNK,
) -> Reading:
    """Return one read of one log by the named source."""
    reader = source_named(source)
    assert reader is not None
    return read_log(reader, found_log(path, root), cursor, max_line, chunk).reading


def outputs(found: Reading) -> list[int | None]:
    """Return the output tokens of every sighting that counts."""
    return [sighting.output for sighting in found.sightings if sighting.grade < 2]
