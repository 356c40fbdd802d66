"""Where sources and store meet: reads what is new in the logs and writes it, newest first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.config import Config
from tokwatch.errors import TokwatchError
from tokwatch.ingest.chosen import chosen_sources, roots_of, surroundings
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.measure import of_user
from tokwatch.model.reading import Reading
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.reader import is_same_log, is_unchanged, is_untouched, read_log
from tokwatch.sources.source import Root, Source, Surroundings
from tokwatch.sources.tables import database_of
from tokwatch.status.spool import Spool
from tokwatch.store.connect import Database
from tokwatch.store.dimensions import Pricing
from tokwatch.store.store import open_store, workspace_id
from tokwatch.store.write import Writer, Written
from tokwatch.uncollected import uncollected
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from tokwatch.prices.settings import PriceSettings


class Pace(Struct, frozen=True):
    """How much is read and written at once: large pieces are cheap, small ones let others in."""

    chunk_bytes: int = 32 << 20
    batch_events: int = 10_000
    batch_logs: int = 400
    fills: bool = True
    """Whether an empty store is filled in few large transactions, of which nobody sees a part."""


BULK: Final = Pace()
LIVE: Final = Pace(chunk_bytes=1 << 18, batch_events=300, batch_logs=10, fills=False)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class Pending(Struct, frozen=True, gc=False):
    """A log and whose it is; where nothing else is said, one with something new in it."""

    source: Source
    found: FoundLog


class Round(Struct, frozen=True):
    """One walk over all roots: what is new, and what could not be looked at."""

    pending: list[Pending]
    """The newest first."""
    logs: list[Pending]
    """Those that changed since the instant that was asked for; all where none was."""
    files: dict[str, int]
    """Source -> how many logs it has."""
    errors: dict[str, str]
    """Folder or file -> why it could not be looked at."""

    @property
    def bytes_pending(self) -> int:
        """Size of the logs with something new."""
        return sum(log.found.size for log in self.pending)


class Ingest:
    """Reads logs into one store; only the process that holds the lock may have one."""

    def __init__(
        self,
        config: Config,
        database: Database,
        workspace: int,
        where: Surroundings,
        *,
        zone: tzinfo = UTC,
        only: tuple[str, ...] = (),
    ) -> None:
        """Prepare to read the configured sources, or only some of them."""
        self._config = config
        self._where = where
        self._database, self._workspace = database, workspace
        self._spool = Spool(config.data, config.general.user)
        self._max_line = config.sources.max_line_mb << 20
        self.sources = chosen_sources(config, only, where.home)
        self.read_errors: dict[str, str] = {}
        """Logs that could not be read, and why."""
        self.writer = Writer(
            database,
            workspace,
            machine=config.general.machine,
            pricing=pricing(config),
            day_of=day_of(zone),
        )
        self._logs: dict[str, Pending] = {}
        """What the last walk kept, by path."""
        self._roots = [(source, root) for source in self.sources for root in self.roots(source)]

    def take_told(self) -> int:
        """Take what status lines left behind; return how much of it is new."""
        return self._spool.take(self._database, self._workspace, time.time_ns() // 1_000_000)

    def roots(self, source: Source) -> tuple[Root, ...]:
        """Return the folders of a source: its own, then the configured ones."""
        return roots_of(source, self._config, self._where)

    def walk(self, since_ns: int | None = None) -> Round:
        """Look at every log's status and tell what is new, and what changed since an instant.

        What is neither is not kept: there may be twenty thousand.
        """
        walk = Walk(self._found_before)
        logs: list[Pending] = []
        unread: list[Pending] = []
        files = {source.name: 0 for source in self.sources}
        self._roots = [(source, root) for source in self.sources for root in self.roots(source)]
        for source in self.sources:
            own = [root for owner, root in self._roots if owner is source]
            for found in walk.over(own, source.wants):
                log = self._as_before(source, found)
                files[source.name] += 1
                if since_ns is None or found.mtime_ns >= since_ns:
                    logs.append(log)
                if self.is_new(log):
                    unread.append(log)
        self._logs = {log.found.path: log for log in logs}
        for path in self.read_errors.keys() - {log.found.path for log in unread}:
            del self.read_errors[path]
        self._follow_moves(unread)
        pending = [log for log in unread if self.is_new(log)]
        pending.sort(key=lambda log: log.found.mtime_ns, reverse=True)
        return Round(pending, logs, files, walk.errors)

    def _found_before(self, path: str) -> FoundLog | None:
        log = self._logs.get(path)
        return None if log is None else log.found

    def _as_before(self, source: Source, found: FoundLog) -> Pending:
        """Return a log; the one found before where it is as it was."""
        log = self._logs.get(found.path)
        if log is not None and log.found is found and log.source is source:
            return log
        return Pending(source, found)

    def reprice(self) -> Iterator[int]:
        """Price stored events anew if prices have changed; yield after each transaction."""
        from tokwatch.prices.version import version

        yield from self.writer.use_prices(version(price_settings(self._config)))

    def look_at(self, paths: Iterable[str]) -> list[Pending]:
        """Return what is new in these files, and below those of these that are folders."""
        walk = Walk()
        logs: list[Pending] = []
        for path in sorted({database_of(path) for path in paths}):
            if os.path.isdir(path):
                logs += self._below(walk, path)
            elif log := self.log_at(path):
                logs.append(log)
        self._follow_moves(logs)
        return [log for log in logs if self.is_new(log)]

    def log_at(self, path: str) -> Pending | None:
        """Return the log at a path; as a walk has it, it is the first source's that wants it."""
        for source, root in self._owners(path):
            if path == str(root.path) or source.wants(path):
                for found in Walk().file(path):
                    return Pending(source, found._replace(root=root.path))
        return None

    def _below(self, walk: Walk, folder: str) -> Iterator[Pending]:
        for source, root in self._owners(folder):
            below = Root(Path(folder), shallow=root.shallow)
            for found in walk.over((below,), source.wants):
                yield Pending(source, found._replace(root=root.path))

    def recheck(self, logs: Iterable[Pending]) -> list[Pending]:
        """Return those of these logs whose status changed since they were last read."""
        walk = Walk()
        return [
            now
            for log in logs
            for found in walk.file(log.found.path)
            if self.is_new(now := Pending(log.source, found._replace(root=log.found.root)))
        ]

    def last_roots(self, source: Source) -> tuple[Root, ...]:
        """Return the folders of a source as the last walk had them."""
        return tuple(root for owner, root in self._roots if owner is source)

    def all_roots(self) -> list[Root]:
        """Return the folders of all sources."""
        return [root for _, root in self._roots]

    def _owners(self, path: str) -> Iterator[tuple[Source, Root]]:
        """Yield the sources that look into the folder of a path, each with its root."""
        seen: set[str] = set()
        for source, root in self._roots:
            folder = str(root.path)
            is_below = path.startswith(folder + os.sep)
            if root.shallow:
                is_below = os.path.dirname(path) == folder and not os.path.isdir(path)
            if (path == folder or is_below) and source.name not in seen:
                seen.add(source.name)
                yield source, root

    def is_new(self, log: Pending) -> bool:
        """Tell whether a log's status differs from when it was last read."""
        cursor = self.writer.cursor(log.found.path)
        return not is_unchanged(log.found, cursor, log.source.version)

    def _follow_moves(self, logs: Iterable[Pending]) -> None:
        """Let logs that were moved, as Codex does when it archives, keep their cursors."""
        if next(self.writer.cursors(), None) is None:
            return
        found = (log.found for log in logs)
        unread = {
            (log.device, log.inode): log
            for log in found
            if log.inode and self.writer.cursor(log.path) is None
        }
        if not unread:
            return
        inodes = {inode for _, inode in unread}
        for cursor in [one for one in self.writer.cursors() if one.inode in inodes]:
            log = unread.get((cursor.device, cursor.inode))
            if log is None or os.path.exists(cursor.path):
                continue
            if is_untouched(log, cursor) or is_same_log(log.path, cursor):
                self.writer.rename(cursor.path, log.path)
                del unread[cursor.device, cursor.inode]

    def read(
        self,
        pending: Iterable[Pending],
        done: Callable[[int], None] | None = None,
        pace: Pace = BULK,
        is_wanted: Callable[[], bool] = lambda: False,
    ) -> Iterator[Written]:
        """Read logs and write them in batches, yielding after each; tell `done` their bytes.

        A batch ends early where the caller `is_wanted` elsewhere.
        """
        with self.writer.filling() if pace.fills else nullcontext():
            yield from self._read(pending, done, pace, is_wanted)

    def _read(
        self,
        pending: Iterable[Pending],
        done: Callable[[int], None] | None,
        pace: Pace,
        is_wanted: Callable[[], bool],
    ) -> Iterator[Written]:
        batch: list[Reading] = []
        events = 0
        for log in pending:
            for reading in self._readings(log, pace.chunk_bytes):
                batch.append(reading)
                events += len(reading.sightings)
                is_full = events >= pace.batch_events or len(batch) >= pace.batch_logs
                if is_full or is_wanted():
                    yield self.writer.add(batch)
                    batch, events = [], 0
            if done is not None:
                done(log.found.size)
        if batch:
            yield self.writer.add(batch)

    def _readings(self, log: Pending, chunk_bytes: int) -> Iterator[Reading]:
        """Yield what is new in one log, in bounded pieces."""
        path = log.found.path
        cursor = self.writer.cursor(path)
        more = True
        while more:
            try:
                reading, more = read_log(log.source, log.found, cursor, self._max_line, chunk_bytes)
            except FileNotFoundError:
                self.read_errors.pop(path, None)
                return  # moved or deleted since it was found: the next walk knows more
            except OSError as error:
                self.read_errors[path] = error.strerror or type(error).__name__
                return
            self.read_errors.pop(path, None)
            cursor = reading.cursor
            yield self._labelled(reading)

    def _labelled(self, reading: Reading) -> Reading:
        """Return a reading whose events carry the configured machine, and user if none of theirs.

        An event that came with an API key has whatever user its log tells: behind a gateway
        anybody asks. What is measured has no machine.
        """
        user, machine = self._config.general.user, self._config.general.machine
        if not user and not machine:
            return reading
        return replace(
            reading,
            sightings=[
                sighting._replace(scope=_labelled(sighting.scope, user, machine))
                for sighting in reading.sightings
            ],
            measures=tuple(of_user(measure, user) for measure in reading.measures),
        )

    def add(self, reading: Reading) -> Written:
        """Write what was read elsewhere than in a log, such as from an endpoint."""
        return self.writer.add([self._labelled(reading)])


class Refreshed(Struct, frozen=True):
    """What one look at the logs brought."""

    written: Written = field(default_factory=Written)
    locked_by: int | None = None
    """Process that ingests, when it is another one: then nothing was read."""
    errors: dict[str, str] = field(default_factory=dict)


@uncollected()
def refresh(
    config: Config,
    only: tuple[str, ...] = (),
    begun: Callable[[int], Callable[[int], None]] | None = None,
) -> Refreshed:
    """Read what was appended to the logs since the last time, unless another process does.

    `begun` learns how many bytes there are, and what it returns how many are done.
    """
    lock = IngestLock(config.data)
    if not lock.acquire():
        return Refreshed(locked_by=lock.holder())
    try:
        database = open_store(config.store.url, config.data)
        try:
            ingest = open_ingest(config, database, only)
            for _ in ingest.reprice():
                pass
            found = ingest.walk()
            added = changed = 0
            done = None if begun is None else begun(found.bytes_pending)
            for written in ingest.read(found.pending, done):
                added, changed = added + written.added, changed + written.changed
            ingest.take_told()
            ingest.writer.retain(config.retention.events_days, time.time_ns() // 1_000_000)
            return Refreshed(Written(added, changed), None, found.errors | ingest.read_errors)
        finally:
            database.close()
    finally:
        lock.release()


def open_ingest(
    config: Config,
    database: Database,
    only: tuple[str, ...] = (),
    where: Surroundings | None = None,
) -> Ingest:
    """Return what reads logs, this machine's unless told otherwise, into an open store."""
    workspace = workspace_id(database, config.general.workspace)
    if workspace is None:
        raise TokwatchError("the store is open for reading only", "check [store] url")
    name, zone = find_zone(config.general.timezone)
    ingest = Ingest(config, database, workspace, where or surroundings(), zone=zone, only=only)
    ingest.writer.use_zone(name)
    return ingest


def pricing(config: Config) -> Pricing:
    """Return what resolves a model's prices, under the configured overrides."""
    from tokwatch.prices.resolve import resolve

    settings = price_settings(config)

    def price(model: ModelName) -> object:
        return resolve(model.provider, model.name, model.tier, settings)

    return price  # type: ignore[return-value]  # a tuple of cards is a tuple of card-likes


def price_settings(config: Config) -> PriceSettings:
    """Return the configured overrides and aliases, and where the price list lies."""
    from tokwatch.prices.settings import PriceSettings

    return PriceSettings.from_config(config.prices, config.data)


def day_of(zone: tzinfo) -> Callable[[int], int]:
    """Return what tells the day, since 1970-01-01, of an instant in UTC milliseconds."""

    def day(instant_ms: int) -> int:
        local = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(zone)
        return local.toordinal() - _EPOCH_DAY

    return day


def _labelled(scope: Scope, user: str, machine: str) -> Scope:
    known = scope.user or ("" if scope.key else user)
    return scope._replace(user=known, machine=machine)
