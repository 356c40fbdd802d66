"""Sources to store to analysis to snapshots: what feeds the screen. Knows no Textual."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import replace

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.facts import Facts
from tokwatch.analysis.overview import overview
from tokwatch.calibration.daily import calibrate_daily
from tokwatch.config import Config
from tokwatch.errors import in_words
from tokwatch.ingest.followed import LiveStatus
from tokwatch.ingest.heap import settle_heap
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.news import changes, has_news
from tokwatch.ingest.source_states import SourceStates
from tokwatch.log import note_failure
from tokwatch.model.snapshot import EMPTY, Page, SessionRow, Snapshot, Span, Spike
from tokwatch.model.suggestion import NO_SAVINGS, Savings
from tokwatch.model.usage import CostMode
from tokwatch.monitor.beside import Beside
from tokwatch.monitor.gather import Question
from tokwatch.monitor.kept_facts import KeptFacts
from tokwatch.monitor.last_active import last_active
from tokwatch.monitor.page_reader import PageReader
from tokwatch.monitor.pause import Rest, pause_s
from tokwatch.monitor.roll import Roll
from tokwatch.monitor.rules import rules_of
from tokwatch.monitor.watches import Watches
from tokwatch.pages.sight import Ask, Sight, opened_by
from tokwatch.sources import source_named
from tokwatch.sources.source import Surroundings
from tokwatch.store.connect import Database, open_database, store_file
from tokwatch.store.read.catalogue import bounds
from tokwatch.store.store import has_newest_tables
from tokwatch.store.view import View, open_view
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from tokwatch.analysis.audit import Audit
    from tokwatch.model.alert import Alert
    from tokwatch.model.evidence import Shown
    from tokwatch.model.suggestion import SuggestionState

AGE_S: Final = 10.0
"""After so long without news a picture is made anew, for ages and rates that fade."""
HEAD_START_S: Final = 0.3
"""What the ingest waits after a first picture: loading its code must not hold up the painting."""
FIRST_S: Final = 0.25
"""What the screen waits for its first picture: one that is drawn twice takes longer."""
FOLLOW_S: Final = 0.25
"""How often a store that another process writes is asked for news."""

_INGEST_SECTIONS: Final = ("general", "store", "sources", "mapping", "endpoint", "prices", "detail")

Publish = Callable[[Snapshot], None]


class Monitor:
    """Keeps the store up to date and publishes a picture whenever it changed."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        where: Surroundings | None = None,
    ) -> None:
        """Prepare to read this machine's logs, or those of other surroundings, from `start` on."""
        self._config = config
        self._clock = clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._looked = threading.Event()
        """Set as soon as there is a first picture, or nothing to make one of."""
        self._range: tuple[Span, datetime | None] | None = None
        self._ask: Ask | None = None
        self._where = where
        self._roll = Roll(lambda: epoch_ms(clock()))
        self._news = threading.Event()
        self._live = self._made_live()
        self._ingests = False
        self._ingest_lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._last = EMPTY
        self._watches = Watches(
            *(self._reads_all, lambda: self._last.sources, self._wake.set, clock),
            aside=where is None,
            tell_roll=self._roll.note,
        )
        self._reopen = False
        self._kept = KeptFacts()
        self._spikes_ask: Ask | None = None
        self._pages = PageReader(self._open, self._wake.set, self._roll.note)
        self._beside = Beside()
        self._states = SourceStates()
        self._zone = find_zone(config.general.timezone)
        self._rules = rules_of(config)

    def _made_live(self) -> LiveIngest:
        told = (self._wake.set, self._where, self._roll.note, self._news.set)
        return LiveIngest(self._config, *told)

    def start(self, publish: Publish) -> None:
        """Begin to ingest and to publish, the first picture at once where the store is quick."""
        settle_heap()  # before there is a thread
        painter = threading.Thread(
            target=self._paint, args=(publish,), name="pictures", daemon=True
        )
        self._threads = [painter]
        painter.start()
        if self._where is None:
            daily = calibrate_daily(lambda: self._config, self._stop, self._roll.note)
            self._threads.append(daily)
        self._looked.wait(FIRST_S)

    def stop(self) -> None:
        """End every thread."""
        self._stop.set()
        self._news.set()
        self._wake.set()
        with self._ingest_lock:
            self._live.stop()
            self._watches.stop()
        self._pages.stop()
        for thread in self._threads:
            thread.join(timeout=1.0)

    def show(self, span: Span, until: datetime | None) -> None:
        """Publish this range of time from here on; None follows now."""
        self._range = (span, until)
        self._live.hush()
        self._wake.set()

    def look(self, ask: Ask | None) -> None:
        """Publish the answer to this question too from here on; None asks nothing."""
        self._ask = ask
        self._live.hush()
        self._live.open(opened_by(ask))
        self._wake.set()

    def retry(self) -> None:
        """Look at every source again at once."""
        self._live.retry()

    def pause_endpoint(self, name: str) -> bool:
        """Stop asking an endpoint, or go on; False while another process asks."""
        return self._live.pause_endpoint(name)

    def configure(self, config: Config) -> None:
        """Let changed settings take effect: the ingest starts anew where they concern it."""
        before, self._config = self._config, config
        self._zone, self._rules = find_zone(config.general.timezone), rules_of(config)
        if any(getattr(before, name) != getattr(config, name) for name in _INGEST_SECTIONS):
            self._ingest_anew()
        if self._ingests:
            self._watch_rules()
        self._reopen = True
        self._wake.set()

    def _begin_anew(self) -> None:
        """Forget what was read under the settings before, in the thread that reads."""
        self._reopen = False
        self._kept, self._spikes_ask = KeptFacts(), None
        self._pages.forget()
        self._states.forget()

    def _ingest_anew(self) -> None:
        with self._ingest_lock:
            self._live.stop()
            self._live = self._made_live()
            self._live.open(opened_by(self._ask))
            if self._ingests and not self._stop.is_set():
                self._live.start()

    def _begin_to_ingest(self) -> None:
        """Start the ingest, a moment after the first picture where there is one."""
        if self._last is not EMPTY:
            self._stop.wait(HEAD_START_S)
        with self._ingest_lock:
            self._ingests = True
            if not self._stop.is_set():
                self._live.start()
        self._watch_rules()

    def _watch_rules(self) -> None:
        """Begin to judge the rules, as the settings have them by now."""
        with self._ingest_lock:
            self._watches.stop()
            if not self._stop.is_set():
                self._watches.start(self._config)

    def _reads_all(self) -> bool:
        """Tell whether this process reads the logs, and has read all of them."""
        status = self._live.status
        is_whole = status.started and status.progress is None
        return is_whole and status.follower_of is None and not status.error

    def acknowledge(self, alert: int, *, snoozes: bool = False) -> bool:
        """Keep an alert quiet, for good or for a while; False where it is over."""
        from tokwatch.alerts.alerting import quieted

        done = quieted(self._config, alert, self._clock(), snoozes=snoozes)
        self._wake.set()
        return done

    def answer(self, suggestion: int, state: SuggestionState) -> bool:
        """Write what the user says to a suggestion; False where there is none of that number."""
        from tokwatch.suggestions.suggesting import answered

        done = answered(self._config, suggestion, state, self._clock())
        self._wake.set()
        return done

    def titles(self, rows: Sequence[SessionRow]) -> dict[str, str]:
        """Return the tools' own titles of rows, read from their logs and kept nowhere."""
        found: dict[str, str] = {}
        for row in rows:
            source = source_named(row.source)
            if source is not None and row.path:
                found[row.key] = source.title_of(Path(row.path), row.session)
        return found

    def explain(self, shown: Shown) -> Audit | None:
        """Return what a number of a picture rests on."""
        from tokwatch.audit.explain import explain

        return explain(self._config, shown)

    def _paint(self, publish: Publish) -> None:
        database: Database | None = None
        rest = Rest(self._stop, self._news)
        try:
            while not self._stop.is_set():
                self._wake.clear()
                began = time.monotonic()
                is_news = self._news.is_set()
                self._news.clear()
                seen: object = None
                try:
                    if self._reopen:
                        self._begin_anew()
                        if database is not None:
                            database.close()
                            database = None
                    database = database or self._open()
                    seen = changes(database)
                    self._publish(publish, database, seen)
                    self._roll.note("pictures")
                except Exception as error:  # a worker's top: shown, tried again
                    self._roll.note("pictures", error=in_words(error))
                    if self._last.error != in_words(error):
                        note_failure(self._config.data, self._config.log, "picture_failed", error)
                    broken = replace(self._last, error=in_words(error))
                    self._send(publish, broken)
                    if database is not None:
                        database.close()
                        database = None
                self._looked.set()
                spent = time.monotonic() - began
                if not self._ingests:
                    self._begin_to_ingest()
                rest.take(pause_s(spent, self._config.ui.refresh_hz), after_news=is_news)
                self._sleep(database, seen)
        finally:
            if database is not None:
                database.close()

    def _sleep(self, database: Database | None, seen: object) -> None:
        """Wait for news; a store that another process writes is asked for them."""
        # While no session is live nothing fades sooner than by the minute, as the clock shows it.
        rest_s = 60 - self._clock().timestamp() % 60
        until = time.monotonic() + (AGE_S if self._last.sessions_live else rest_s)
        while not self._wake.is_set() and time.monotonic() < until:
            following = self._live.status.follower_of is not None
            self._wake.wait(FOLLOW_S if following else until - time.monotonic())
            if following and has_news(database, seen):
                return

    def _open(self) -> Database | None:
        """Open the store for reading; one that does not exist yet is empty."""
        url, data = self._config.store.url, self._config.data
        file = store_file(url, data)
        if file is not None and not file.exists():
            return None
        database = open_database(url, data, read_only=True)
        if not has_newest_tables(database):  # the ingest is about to make or to migrate them
            database.close()
            return None
        return database

    def _publish(self, publish: Publish, database: Database | None, seen: object) -> None:
        status = self._live.status
        if self._sees_nothing_yet(status, database):
            return
        now = self._clock()
        view = open_view(database, self._config.general.workspace) if database else None
        span, until = self._range or last_active(view, now, self._zone[1])
        moment = epoch_ms(until or now)
        facts = None if database is None else self._facts_of(database, moment, span)
        sight = self._sight(view, facts, epoch_ms(now), span)
        alerts, savings = self._found(view)
        is_hasty = self._last is EMPTY
        aside = None if is_hasty else sight
        frame = Snapshot(
            now=now,
            zone=self._zone[0],
            span=span,
            until=until,
            sources=self._states.of(view, status, self._config),
            progress=status.progress,
            follower_of=status.follower_of,
            error=status.error,
            is_hasty=is_hasty,
            alerts=alerts,
            savings=savings,
            spikes=self._spikes(sight, status, seen),
            budget=None if aside is None else self._beside.tightest(aside, self._config),
            gateways=() if aside is None else self._beside.gateways(aside, self._config),
            page=self._page(sight, seen),
        )
        self._send(publish, overview(facts, frame, self._rules, self._last))

    def _sight(
        self, view: View | None, facts: Facts | None, now_ms: int, span: Span
    ) -> Sight | None:
        """Return what pages are made from; None of an empty store."""
        if view is None or facts is None:
            return None
        zone_name, zone = self._zone
        return Sight(
            view=view,
            config=self._config,
            at_ms=facts.at_ms,
            now_ms=now_ms,
            span=span,
            range=facts.range,
            calendar=facts.calendar,
            zone_name=zone_name,
            zone=zone,
            rows=self._rules.rows,
            detail=self._live.reading(),
            workers=self._roll.states(),
            past=self._kept.past,
        )

    def _page(self, sight: Sight | None, seen: object) -> Page | None:
        """Return the newest answer to what the open screen asks."""
        ask = self._ask
        return None if ask is None or sight is None else self._pages.page(ask, sight, seen)

    def _found(self, view: View | None) -> tuple[tuple[Alert, ...], Savings]:
        """Return open alerts and the best suggestions; the first picture does not wait for them."""
        if view is None or self._last is EMPTY:
            return (), NO_SAVINGS
        from tokwatch.store.read.alerts import open_alerts
        from tokwatch.store.read.suggestions import savings

        return tuple(open_alerts(view)) if self._config.alerts.on else (), savings(view)

    def _spikes(self, sight: Sight | None, status: LiveStatus, seen: object) -> tuple[Spike, ...]:
        """Return the spikes of the overview's chart, but not in the first picture, and not before
        there is all of history to judge them by.
        """
        is_told = self._last is not EMPTY and status.progress is None
        if sight is None or self._ask is not None or not is_told:
            return ()
        from tokwatch.pages.spikes import SpikesAsk

        self._spikes_ask = self._spikes_ask or SpikesAsk()
        found = self._pages.page(self._spikes_ask, sight, seen)
        return () if found is None else cast("tuple[Spike, ...]", found.content)

    def _sees_nothing_yet(self, status: LiveStatus, database: Database | None) -> bool:
        """Tell whether an empty picture would be premature: the logs are not read yet."""
        if status.started and status.progress is None:
            return False
        if database is None:
            return True
        return bounds(open_view(database, self._config.general.workspace)) is None

    def _send(self, publish: Publish, picture: Snapshot) -> None:
        if picture is not self._last:
            self._last = picture
            publish(picture)

    def _facts_of(self, database: Database, at_ms: int, span: Span) -> Facts | None:
        config = self._config
        mode, starts = CostMode(config.prices.mode), config.week.starts
        question = Question(at_ms, *self._zone, span, mode, starts, bool(config.endpoint))
        view = open_view(database, config.general.workspace)
        since_ms = self._live.changed_since_ms()
        return self._kept.again(view, question, since_ms, self._live.status)
