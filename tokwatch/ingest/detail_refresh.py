"""Reads the conversations of a range's logs at once, for a command that does not stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tokwatch.ingest.ingest import open_ingest
from tokwatch.ingest.lock import IngestLock
from tokwatch.sources.detail_reader import Wish, is_told, read_detail
from tokwatch.sources.source import Detailed, is_detailed
from tokwatch.store.detail import DetailWriter
from tokwatch.store.store import open_store, workspace_id

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.sources.discover import FoundLog

PIECE_BYTES: Final = 1 << 22


def refresh_details(config: Config, since_ms: int) -> Iterator[tuple[int, int]]:
    """Read what is new in the conversations that were written to since an instant.

    Yields how many bytes are left and how many logs; nothing while another process reads logs.
    """
    lock = IngestLock(config.data)
    if not lock.acquire():
        return
    try:
        database = open_store(config.store.url, config.data)
        try:
            workspace = workspace_id(database, config.general.workspace) or 0
            writer = DetailWriter(database, workspace, config.general.machine)
            max_line = config.sources.max_line_mb << 20
            statuses = writer.statuses()
            left: list[tuple[Detailed, FoundLog]] = []
            for log in open_ingest(config, database).walk().logs:
                known = statuses.get(log.found.path)
                if (
                    is_detailed(log.source)
                    and log.found.mtime_ns >= since_ms * 1_000_000
                    and not is_told(log.found, known, log.source.detail_version)
                ):
                    left.append((log.source, log.found))
            while left:
                yield sum(found.size for _, found in left), len(left)
                _read(writer, *left.pop(), max_line, since_ms)
        finally:
            database.close()
    finally:
        lock.release()


def _read(
    writer: DetailWriter, source: Detailed, found: FoundLog, max_line: int, since_ms: int
) -> None:
    """Read one log to its end; one that cannot be read is left as it is."""
    cursor = writer.cursor(found.path)
    more = True
    while more:
        try:
            read = read_detail(source, found, cursor, max_line, PIECE_BYTES, Wish(since_ms))
        except (OSError, ValueError):
            return
        if not writer.write(found.path, read.detail, read.cursor, from_start=read.from_start):
            return  # the log itself is not known yet
        cursor, more = read.cursor, read.more
