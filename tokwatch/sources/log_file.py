"""One log, open for one read: as lines, as one document, or as SQLite tables."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from tokwatch.sources.lines import Lines, buffered

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager


class LogFile(Struct, frozen=True):
    """What a source is given to read; it uses the form that its format has."""

    name: str
    root: Path
    lines: Lines
    """The complete lines behind the cursor; none where the log is a database."""
    _file: BinaryIO
    _limit: int
    since_ms: int = 0
    """What of a database ended before, nobody asks for."""
    wanted: str = ""
    """The session of a database that somebody waits for: it comes first, whatever its age."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.name)

    def document(self) -> bytes:
        """Return the whole content; raises OSError where it is larger than a line may be."""
        with buffered(self._file) as file:
            file.seek(0)
            content = file.read(self._limit + 1)
        if len(content) > self._limit:
            raise OSError(errno.EFBIG, "larger than [sources] max_line_mb allows")
        return content

    def tables(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open the log as a database, without ever locking or changing it; raises OSError."""
        from tokwatch.sources.tables import open_tables

        return open_tables(self.path)
