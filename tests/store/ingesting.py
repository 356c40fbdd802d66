"""An ingest as a program of its own, to be killed: it tells each statement before it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tokwatch.config import load
from tokwatch.ingest import ingest
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.event import ModelName
from tokwatch.prices.resolve import Resolution
from tokwatch.store import first_fill
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store

CARD = RateCard(0, FOREVER_MS, -1, ANY_TOKENS, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, "test")
FIRST_EVENTS = 40
PACE = ingest.Pace(chunk_bytes=4_000, batch_events=30, batch_logs=4)


def price(_: ModelName) -> Resolution:
    """Price every model alike."""
    return Resolution((CARD,), "test", "", "")


def run(data: Path, url: str, *, forever: bool = False) -> None:
    """Read all logs of this home in small batches; hold the lock meanwhile."""
    ingest.pricing = lambda config: price
    first_fill.FIRST_EVENTS = FIRST_EVENTS  # type: ignore[misc]
    lock = IngestLock(data)
    if not lock.acquire():
        sys.exit("the lock is held")
    config = load(data=data, environ={"TOKWATCH_STORE__URL": url})
    database = open_store(url, data)
    reader = ingest.open_ingest(config, database)
    while True:
        for _ in reader.read(reader.walk().pending, pace=PACE):
            pass
        if not forever:
            break
    database.close()
    lock.release()


def tell_statements() -> None:
    """Write a line to stdout before every statement and before every commit."""
    execute, executemany, transaction = (
        Database.execute,
        Database.executemany,
        Database.transaction,
    )

    def told_execute(self: Database, sql: str, values: Sequence[object] = ()) -> object:
        os.write(1, b".\n")
        return execute(self, sql, values)

    def told_executemany(self: Database, sql: str, rows: Iterable[Sequence[object]]) -> None:
        os.write(1, b".\n")
        executemany(self, sql, rows)

    @contextmanager
    def told_transaction(self: Database) -> Iterator[None]:
        with transaction(self):
            yield
            os.write(1, b".\n")

    for told in (told_execute, told_executemany, told_transaction):
        patch.object(Database, told.__name__.removeprefix("told_"), told).start()


if __name__ == "__main__":
    tell_statements()
    run(Path(sys.argv[1]), sys.argv[2], forever="FOREVER" in os.environ)
