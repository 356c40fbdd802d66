"""The detail pass: reads what requests are made of, when the ingest has nothing else to do.

It runs in the ingest's thread and with its connection, a piece at a time: the session that is
looked at first, then behind everything else the recent ones, newest first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tokwatch.model.detail import DetailReading
from tokwatch.model.units import DAY_MS
from tokwatch.sources.detail_reader import Wish, is_told, read_detail
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Detailed, is_detailed
from tokwatch.sources.tables import is_database
from tokwatch.store.detail import DetailWriter
from tokwatch.store.store import workspace_id

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.ingest.ingest import Ingest, Pending
    from tokwatch.log import OwnLog
    from tokwatch.model.detail import DetailCursor
    from tokwatch.sources.discover import FoundLog
    from tokwatch.store.connect import Database

PIECE_BYTES: Final = 1 << 19
"""Read at once behind everything else: a few milliseconds."""
WANTED_BYTES: Final = 1 << 21
"""Read at once while somebody waits for it."""
REST: Final = 2.0
"""After a piece that nobody waits for, so many times as long is rested."""
TELL_S: Final = 0.3
"""Between two pictures of how far the reading is."""
NEVER_MS: Final = 1 << 42
"""No session is as young."""


class _Log(Struct, gc=False):
    """A log of a source with detail: as it was found last, and as it was when it was read."""

    source: Detailed
    found: FoundLog
    told: DetailCursor | None = None
    """Its status alone; where it is read to, the store knows."""


class DetailPass:
    """Knows whose detail is still to be read, and reads it piece by piece."""

    def __init__(
        self,
        config: Config,
        database: Database,
        workspace: int,
        log: OwnLog,
        find: Callable[[str], Pending | None],
        changed: Callable[[], None],
    ) -> None:
        """Prepare to `find` older logs by path, and to call `changed` when more is known of what
        is looked at.
        """
        self._max_line = config.sources.max_line_mb << 20
        self._recent_ms = config.detail.days * DAY_MS
        self._log = log
        self._find = find
        self._changed = changed
        self._writer = DetailWriter(database, workspace, config.general.machine)
        self._told = self._writer.statuses()
        """By path what was told of logs, until they are offered for the first time."""
        self._current: tuple[str, DetailCursor] | None = None
        """The log that is being read, and how far."""
        self._logs: dict[str, _Log] = {}
        """Those that are recent or opened, by path."""
        self._queue: dict[str, _Log] = {}
        self._refused: dict[str, int] = {}
        """Time of change of logs that could not be read: tried again once they change."""
        self._opened: tuple[str, str] | None = None
        self._paths: tuple[str, ...] = ()
        """The logs of the opened session."""
        self._offsets: dict[str, int] = {}
        """How far logs of which a piece is left have been read."""
        self._aside: set[str] = set()
        """Databases of which only sessions are left that nobody waits for."""
        self._oldest_ms = NEVER_MS
        """What ended before is read only when it is opened."""
        self._rest_until = self._tell_at = 0.0
        self.reading: DetailReading | None = None
        """How far the opened session has been read."""

    def offer(self, logs: Iterable[Pending], now_ms: int) -> None:
        """Take logs as they were found: those with something new are read in their turn."""
        if self._recent_ms:
            self._oldest_ms = now_ms - self._recent_ms
        oldest_ns = self._oldest_ms * 1_000_000
        for log in logs:
            if is_detailed(log.source) and log.found.mtime_ns >= oldest_ns:
                self._enqueue(self._seen(log.source, log.found))
        self._told = {}
        if self._opened is not None:
            self._look_at_opened()

    def forget_old(self) -> None:
        """Let go of the logs that are neither recent any more nor opened."""
        oldest_ns = self._oldest_ms * 1_000_000
        old = [path for path, log in self._logs.items() if log.found.mtime_ns < oldest_ns]
        for path in old:
            if path not in self._paths:
                del self._logs[path]

    def _seen(self, source: Detailed, found: FoundLog) -> _Log:
        """Return what is known of a log that was found."""
        path = found.path
        log = self._logs.get(path)
        if log is None:
            log = self._logs[path] = _Log(source, found, self._status(path))
        log.source, log.found = source, found
        return log

    def _status(self, path: str) -> DetailCursor | None:
        """Return what a log was when it was read; what was moved or forgotten the store knows."""
        if path in self._told:
            return self._told[path]
        cursor = self._writer.cursor(path)
        return None if cursor is None else cursor.status

    def _known(self, path: str) -> _Log | None:
        """Return what is known of a log of the opened session."""
        log = self._logs.get(path)
        if log is None and (found := self._find(path)) and is_detailed(found.source):
            log = self._seen(found.source, found.found)
        return log

    def hush(self, seconds: float) -> None:
        """Read nothing that nobody waits for, for so long."""
        self._rest_until = max(self._rest_until, time.monotonic() + seconds)

    def rest_s(self) -> float:
        """Return how long to wait before the next piece; infinite where there is none."""
        if self._next_opened() is not None:
            return 0.0
        return max(0.0, self._rest_until - time.monotonic()) if self._queue else math.inf

    def step(self, opened: tuple[str, str] | None, *, is_idle: bool) -> None:
        """Read one piece, if one is due: of the opened session (source, id), or if idle of any."""
        if opened != self._opened:
            self._open(opened)
        path = self._next_opened()
        if path is not None:
            self._read(self._queue[path], WANTED_BYTES)
            self._tell()
        elif is_idle and self._queue and self.rest_s() == 0.0:
            begun = time.monotonic()
            self._read(max(self._queue.values(), key=lambda log: log.found.mtime_ns), PIECE_BYTES)
            now = time.monotonic()
            self._rest_until = now + REST * (now - begun)

    def _open(self, session: tuple[str, str] | None) -> None:
        """Read a session before all others and follow it; None: only what is recent."""
        self._opened, self._paths, self.reading = session, (), None
        if session is not None:
            self._look_at_opened()
            for path in filter(is_database, self._paths):
                if not self._writer.is_told(path, session[1]):
                    self._queue[path] = self._logs[path]
                    self._aside.discard(path)
            self._note_reading()
            self._changed()

    def _enqueue(self, log: _Log) -> None:
        """Queue a log that has something new and did not fail as it is."""
        path = log.found.path
        is_refused = self._refused.get(path) == log.found.mtime_ns
        if not is_refused and not is_told(log.found, log.told, log.source.detail_version):
            self._queue[path] = log
            self._aside.discard(path)

    def _look_at_opened(self) -> None:
        """Queue what is new in the opened session's logs, and tell how far they are read."""
        assert self._opened is not None
        known = [log for path in self._writer.logs_of(*self._opened) if (log := self._known(path))]
        self._paths = tuple(log.found.path for log in known)
        walk = Walk()
        for log in known:
            for found in walk.file(log.found.path):
                log.found = found._replace(root=log.found.root)
                self._enqueue(log)
        self._note_reading()

    def _next_opened(self) -> str | None:
        due = (path for path in self._paths if path in self._queue and path not in self._aside)
        return next(due, None)

    def _read(self, log: _Log, piece_bytes: int) -> None:
        """Read and write one piece of a log; what fails is logged and left until it changes."""
        found, path = log.found, log.found.path
        is_opened = self._opened is not None and path in self._paths and path not in self._aside
        wish = Wish(self._oldest_ms, self._opened[1] if self._opened and is_opened else "")
        try:
            read = read_detail(
                log.source, found, self._cursor(path), self._max_line, piece_bytes, wish
            )
            is_known = self._writer.write(
                path, read.detail, read.cursor, from_start=read.from_start
            )
        except FileNotFoundError:
            del self._queue[path]
        except Exception as error:  # a source's loop: shown, tried again when the log changes
            self._current = None
            del self._queue[path]
            self._refused[path] = found.mtime_ns
            self._log.note_error("detail_failed", error)
        else:
            if is_known:
                log.told = read.cursor.status
                self._current = (path, read.cursor)
                self._offsets[path] = read.cursor.offset
            if is_known and read.rest and not read.more and self._recent_ms:
                self._aside.add(path)
            elif not (is_known and read.more):
                del self._queue[path]  # a log that is not known yet is offered again
                self._aside.discard(path)
                self._offsets.pop(path, None)

    def _cursor(self, path: str) -> DetailCursor | None:
        """Return how far a log's detail has been read."""
        if self._current is None or self._current[0] != path:
            found = self._writer.cursor(path)
            if found is None:
                return None
            self._current = (path, found)
        return self._current[1]

    def _tell(self) -> None:
        """Tell of the opened session now and then, and when it is read."""
        self._note_reading()
        now = time.monotonic()
        if self._next_opened() is None or now >= self._tell_at:
            self._tell_at = now + TELL_S
            self._changed()

    def _note_reading(self) -> None:
        if self._opened is None:
            return
        done = total = 0
        for path in self._paths:
            size = self._logs[path].found.size
            total += size
            is_due = path in self._queue and path not in self._aside
            done += self._offsets.get(path, 0) if is_due else size
        is_refused = any(path in self._refused for path in self._paths)
        error = "a log could not be read; tokwatch's own log says why" if is_refused else ""
        self.reading = DetailReading(
            *self._opened, done, total, is_offered=bool(self._paths), error=error
        )


def open_details(
    config: Config, database: Database, ingest: Ingest, log: OwnLog, changed: Callable[[], None]
) -> DetailPass:
    """Return what reads details, of what an ingest finds, into its open store."""
    workspace = workspace_id(database, config.general.workspace)
    return DetailPass(config, database, workspace or 0, log, ingest.log_at, changed)
