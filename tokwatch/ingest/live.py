"""Keeps the store up to date while a screen is open: hints first, history behind, sweeps always."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.config import Config
from tokwatch.errors import in_words
from tokwatch.ingest.followed import LiveStatus, all_followed
from tokwatch.ingest.heap import Thrift
from tokwatch.ingest.history import History
from tokwatch.ingest.polling import Polling
from tokwatch.ingest.price_updates import PriceUpdates
from tokwatch.ingest.sweep import Sweep
from tokwatch.log import OwnLog
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.worker import Note, unnoted
from tokwatch.sources.follow import Notices
from tokwatch.sources.source import Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.ingest.carrier import Carrier
    from tokwatch.ingest.details import DetailPass
    from tokwatch.ingest.ingest import Ingest, Pending
    from tokwatch.ingest.lock import IngestLock
    from tokwatch.model.detail import DetailReading
    from tokwatch.store.write import Written

RETRY_LOCK_S = 2.0
"""How often who has the lock and who would have it look at it."""
HAND_OVER_S = 0.1
"""Until a process that waited for the lock has it."""
QUIET_S = 60.0
"""Without a write for so long, the store's file is brought up to date for who copies it."""
HUSH_S = 0.3
"""After a key the screen is drawn anew: what nobody waits for is read later."""
HISTORY_SHOWN_S = 0.25
"""Between two pictures of history alone; what the tools write meanwhile is shown at once."""


class _Due(Struct):
    """When the next one of each is due, in monotonic seconds."""

    sweep: float = 0.0
    walk: float = 0.0
    picture: float = 0.0
    """Of history going on."""
    checkpoint: float = math.inf


class LiveIngest:
    """Ingests in a thread of its own, or waits while another process does."""

    def __init__(
        self,
        config: Config,
        changed: Callable[[], None],
        where: Surroundings | None = None,
        tell_roll: Note = unnoted,
        news: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare to call `changed` whenever the store or the status changed.

        `news` is called before it where the tools have written something.
        """
        self._news = news
        self._tell_roll = tell_roll
        self._config = config
        self._where = where
        self._changed = changed
        self._log = OwnLog(config.data, config.log)
        self._stop = threading.Event()
        self._must_end: Callable[[], bool] = self._stop.is_set
        self._hints: queue.SimpleQueue[set[str]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._has_hints: Callable[[], bool] = lambda: not self._hints.empty()
        self._sweep = Sweep(self._has_hints)
        self._files: dict[str, int] = {}
        self._errors: dict[str, str] = {}
        self._notices = Notices(self._hints.put)
        self._shallow_notices = Notices(self._hints.put, recursive=False)
        self._due = _Due()
        self._thrift = Thrift()
        self._prices = PriceUpdates(config, lambda: self._hints.put(set()), self._stop, tell_roll)
        self._repricing: Iterator[int] | None = None
        self._since_ms = OPEN_END_MS
        self._history: History | None = None
        self._carrier: Carrier | None = None
        self._since_lock = threading.Lock()
        self._opened: tuple[str, str] | None = None
        self._details: DetailPass | None = None
        self._polling = Polling(config, lambda: self._hints.put(set()))
        self.status = LiveStatus()

    def start(self) -> None:
        """Begin to ingest."""
        self._thread.start()

    def stop(self) -> None:
        """End within half a second."""
        self._stop.set()
        self._hints.put(set())
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)

    def open(self, session: tuple[str, str] | None) -> None:
        """Read the detail of a session (source, id) before all others; None: of recent ones."""
        if session != self._opened:
            self._opened = session
            self._hints.put(set())

    def retry(self) -> None:
        """Look at every folder and log again at once, also at those that could not be read."""
        self._due.walk = 0.0
        self._polling.retry()
        self._hints.put(set())

    def pause_endpoint(self, name: str) -> bool:
        """Stop asking an endpoint, or go on; False while another process asks."""
        return self._polling.pause(name)

    def reading(self) -> DetailReading | None:
        """Return how far that session's detail is read; None while another process ingests."""
        details = self._details
        return None if details is None else details.reading

    def hush(self, seconds: float = HUSH_S) -> None:
        """Leave the processor to the screen for a moment."""
        details = self._details
        if details is not None:
            details.hush(seconds)

    def changed_since_ms(self) -> int:
        """Return the earliest instant whose sums changed since the last call."""
        with self._since_lock:
            since_ms, self._since_ms = self._since_ms, OPEN_END_MS
        return since_ms

    def _note(self, written: Written) -> None:
        if written.since_ms is not None:
            self._note_since(written.since_ms)

    def _note_since(self, since_ms: int) -> None:
        self._due.checkpoint = time.monotonic() + QUIET_S
        with self._since_lock:
            self._since_ms = min(self._since_ms, since_ms)

    def _run(self) -> None:
        from tokwatch.ingest.lock import IngestLock
        from tokwatch.ingest.presence import Presence

        lock, presence = IngestLock(self._config.data), Presence(self._config.data)
        presence.enter()
        is_away = False
        while not self._stop.is_set():
            try:
                if not lock.acquire() or lock.is_wanted():
                    is_away = True
                    lock.release()
                    self._wait_for(lock)
                    continue
                if not self.status.error:
                    self._log.note("ingest_started")
                if is_away:  # what the other process wrote is told by nobody
                    is_away = False
                    self._note_since(0)
                    self._changed()
                self._ingest(lock)
                self._log.note("ingest_ended")
            except Exception as error:  # a worker's top: shown, tried again
                if self.status.error != in_words(error):
                    self._log.note_error("ingest_failed", error)
                self._tell(LiveStatus(error=in_words(error), started=True))
                self._tell_roll("ingest", error=in_words(error))
                self._stop.wait(RETRY_LOCK_S)
            finally:
                self._notices.stop()
                self._shallow_notices.stop()
                lock.release()
        presence.leave()
        self._log.close()

    def _wait_for(self, lock: IngestLock) -> None:
        """Let a moment pass; tell that another process ingests where it takes longer than that."""
        self._stop.wait(HAND_OVER_S)
        if lock.acquire():
            lock.release()
            return
        if self.status.follower_of is None:
            self._log.note("following", process=lock.holder())
        self._tell(LiveStatus(follower_of=lock.holder(), started=True))
        for name in ("ingest", "details", "prices"):
            self._tell_roll(name, told="another process does it")
        self._stop.wait(RETRY_LOCK_S)

    def _tell(self, status: LiveStatus) -> None:
        """Keep a status and tell that it changed; of history going on tell now and then."""
        before, self.status = self.status, status
        if before.progress and status.progress:
            before = replace(before, progress=status.progress)
            now = time.monotonic()
            if status == before and now < self._due.picture:
                return
            self._due.picture = now + HISTORY_SHOWN_S
        elif status == before:
            return
        self._changed()

    def _ingest(self, lock: IngestLock) -> None:
        """Ingest until asked to stop, until another process wants to, or something fails."""
        from tokwatch.ingest.details import open_details
        from tokwatch.ingest.ingest import open_ingest
        from tokwatch.store.store import open_store

        database = open_store(self._config.store.url, self._config.data)
        try:
            ingest = open_ingest(self._config, database, where=self._where)
            self._details = open_details(self._config, database, ingest, self._log, self._changed)
            self._polling.start(ingest, database)
            self._must_end = lambda: self._stop.is_set() or lock.is_wanted()
            self._follow(ingest, self._start(ingest))
        finally:
            self._details = None
            self._polling.stop()
            if self._carrier is not None:
                self._carrier.join()
            database.close()

    def _start(self, ingest: Ingest) -> History | None:
        """Watch the folders, look at all logs, and return what is to be read."""
        from tokwatch.ingest.carrier import open_carrier
        from tokwatch.ingest.ingest import LIVE

        self._watch(ingest)
        self._history = None
        pending = self._walk(ingest)
        if not pending:
            ingest.writer.settle()
            return None
        total_bytes = sum(log.found.size for log in pending)
        self._history = history = History(iter(()), total_bytes, len(pending))
        self._carrier = open_carrier(self._config, self._log, ingest.writer)
        history.is_held, held = self._carrier.stands, self._carrier.holds

        def is_wanted() -> bool:
            return self._has_hints() or held()

        history.batches = ingest.read(pending, history.done, LIVE, is_wanted)
        return history

    def _follow(self, ingest: Ingest, history: History | None) -> None:
        self._report(ingest, history)
        self._repricing = ingest.reprice()
        self._prices.start()
        while not self._must_end():
            for written in self._polling.step():
                self._note(written)
                self._changed()
            paths = self._next_hints(self._rest_s(history))
            self._read(ingest, ingest.look_at(paths) if paths else [])
            if history is not None and not history.read_on(self._hints.empty, self._note):
                ingest.writer.settle()
                if self._carrier is not None:
                    self._carrier.end()
                self._log.note("history_read", bytes=history.done_bytes)
                history = self._history = None
            self._reprice(ingest)
            if self._details is not None and self._hints.empty():
                is_idle = history is None and self._repricing is None
                self._details.step(self._opened, is_idle=is_idle)
                self._tell_roll("details")
            self._look_around(ingest, history)
            if time.monotonic() >= self._due.checkpoint:
                self._due.checkpoint = math.inf
                ingest.writer.checkpoint()
            self._thrift.turn()
            self._report(ingest, history)
            self._tell_roll("ingest")

    def _reprice(self, ingest: Ingest) -> None:
        """Price some of the stored events anew, where prices have changed."""
        if self._repricing is None and self._prices.arrived():
            self._repricing = ingest.reprice()
        if self._repricing is None:
            return
        changed = next(self._repricing, None)
        if changed is None:
            self._repricing = None
        elif changed:
            self._note_since(0)
            self._changed()

    def _rest_s(self, history: History | None) -> float:
        """Return how long to wait for hints, at most until the next sweep."""
        if history is not None:
            return history.rest_s()
        if self._repricing is not None or self._sweep.goes_on:
            return 0.0
        until_sweep = min(RETRY_LOCK_S, max(0.0, self._due.sweep - time.monotonic()))
        return until_sweep if self._details is None else min(until_sweep, self._details.rest_s())

    def _next_hints(self, timeout: float) -> set[str]:
        """Return the paths that changed since the last call, after waiting for so long."""
        paths: set[str] = set()
        try:
            paths |= self._hints.get(timeout=timeout) if timeout else self._hints.get_nowait()
            while True:
                paths |= self._hints.get_nowait()
        except queue.Empty:
            return paths

    def _read(self, ingest: Ingest, pending: list[Pending]) -> None:
        from tokwatch.ingest.ingest import LIVE

        self._sweep.add(pending)
        if pending and self._history is not None:
            self._history.give_way()
        for written in ingest.read(pending, pace=LIVE):
            self._note(written)
            self._news()
            self._changed()
            if self._must_end():
                return  # what is left is read after the next start
        if self._details is not None and pending:
            self._details.offer(pending, _now_ms())

    def _look_around(self, ingest: Ingest, history: History | None) -> None:
        """Sweep the recently used logs, and now and then walk all folders."""
        now = time.monotonic()
        if now >= self._due.sweep or now >= self._due.walk:
            if ingest.take_told():
                self._changed()
            appeared = self._watch(ingest)
            if history is None and (appeared or now >= self._due.walk):
                self._read(ingest, self._walk(ingest))
                if ingest.writer.retain(self._config.retention.events_days, _now_ms()):
                    self._note_since(0)
                    self._changed()
            else:
                self._due.sweep = now + self._config.sources.sweep_seconds
                self._sweep.begin()
        if self._sweep.goes_on and not (history is not None and history.rest_s()):
            self._read(ingest, self._sweep.step(ingest, all_new=history is None))

    def _watch(self, ingest: Ingest) -> bool:
        """Follow notices of every folder that sends them; tell whether folders came or went."""
        roots = [root for root in ingest.all_roots() if not root.polled]
        is_new = self._notices.refresh(root.path for root in roots if not root.shallow)
        return self._shallow_notices.refresh(root.path for root in roots if root.shallow) or is_new

    def _is_watched(self, root: Root) -> bool:
        """Tell whether notices of a folder arrive."""
        return (self._shallow_notices if root.shallow else self._notices).watches(root.path)

    def _walk(self, ingest: Ingest) -> list[Pending]:
        hours = max(self._config.sources.active_hours, self._config.detail.days * 24)
        found = ingest.walk(_hours_ago_ns(hours))
        now = time.monotonic()
        self._due.walk = now + self._config.sources.walk_seconds
        self._due.sweep = now + self._config.sources.sweep_seconds
        self._sweep.renew(found.logs, _hours_ago_ns(self._config.sources.active_hours))
        self._files, self._errors = found.files, found.errors
        if self._details is not None:
            self._details.offer(found.logs, _now_ms())
            self._details.forget_old()
        return found.pending

    def _report(self, ingest: Ingest, history: History | None) -> None:
        progress = None
        if history is not None:
            if self.status.progress is not None and time.monotonic() < self._due.picture:
                return  # what nobody would be told of yet is not put together
            progress = history.progress
        errors = self._errors | ingest.read_errors
        self._tell(
            LiveStatus(
                sources=all_followed(ingest, self._files, errors, self._is_watched),
                progress=progress,
                started=True,
            )
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _hours_ago_ns(hours: float) -> int:
    return time.time_ns() - int(hours * 3.6e12)
