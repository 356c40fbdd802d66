"""Watches the rules while a process reads logs: what is there, what rules say, what is written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from tokwatch.alerts.lookout import Lookout, States
from tokwatch.alerts.notify import Courier, channels, is_loud
from tokwatch.analysis.alerting.judge import Quiet, judge
from tokwatch.analysis.alerting.life import Patience, advanced
from tokwatch.analysis.alerting.rules import ready_rules
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config import Config
from tokwatch.config.measures import USE
from tokwatch.ingest.news import changes
from tokwatch.log import OwnLog
from tokwatch.model.alert import Delivery, DeliveryState
from tokwatch.model.units import DAY_MS
from tokwatch.model.worker import Note, unnoted
from tokwatch.store.alerts import (
    acknowledge,
    forget_alerts,
    keep_pending,
    note_delivery,
    note_judged,
    pending,
    snooze,
    write_alerts,
)
from tokwatch.store.connect import Database, open_database, store_file
from tokwatch.store.read.alerts import alerts, deliveries
from tokwatch.store.store import has_newest_tables, refuse_newer, workspace_id
from tokwatch.store.view import View
from tokwatch.zones import find_zone

TICK_S: Final = 1.0
STILL_MS: Final = 10_000
"""Rules are judged this often though nothing new is stored: rates fade."""
NOTED_MS: Final = 60_000
"""How often it is kept when they were judged."""
MOST_LOOKS: Final = 30
SETTLE_S: Final = 0.25
REMEMBERED_MS: Final = 60 * 60_000
"""What a rule waited for when it was judged last is forgotten after so long."""
FAILED_S: Final = 5.0
WAITED_MS: Final = DAY_MS
"""What nobody saw to for so long is not told any more."""
WAITS: Final = "waits: logs are being read, or another process does it"
SUGGESTION: Final = "suggestion"
"""Rule of alerts that stand for suggestions: no rule here closes them."""

Clock = Callable[[], datetime]


class AlertWatch:
    """Judges the rules once a second at most, while this process is the one that reads logs."""

    def __init__(
        self,
        config: Config,
        is_ours: Callable[[], bool],
        states: States = lambda: (),
        changed: Callable[[], None] = lambda: None,
        clock: Clock = lambda: datetime.now(UTC),
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to watch from `start` on; `changed` is called when alerts are others."""
        self._tell_roll = tell_roll
        self._config = config
        self._is_ours = is_ours
        self._changed = changed
        self._clock = clock
        self._states = states
        self._stop = threading.Event()
        self._log = OwnLog(config.data, config.log)
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin to watch, if the settings ask for it."""
        if self._config.alerts.on:
            self._thread.start()
        else:
            self._tell_roll("alerts", told="off in the settings")

    def stop(self) -> None:
        """End within half a second."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=0.5)

    def _run(self) -> None:
        rounds: Rounds | None = None
        failed = ""
        while not self._stop.wait(TICK_S):
            try:
                if not self._is_ours():
                    _end(rounds)
                    rounds = None
                    self._tell_roll("alerts", told=WAITS)
                    continue
                if rounds is None:
                    rounds = open_rounds(self._config, self._states, self._clock)
                if rounds is not None and rounds.turn():
                    self._changed()
                failed = ""
                self._tell_roll("alerts")
            except Exception as error:  # a worker's top: told, tried again
                if type(error).__name__ != failed:
                    self._log.note_error("alerts_failed", error)
                    failed = type(error).__name__
                self._tell_roll("alerts", error=failed)
                _end(rounds)
                rounds = None
                self._stop.wait(FAILED_S)
        _end(rounds)
        self._log.close()


def _end(rounds: Rounds | None) -> None:
    if rounds is not None:
        rounds.close()


class Rounds:
    """One round after the other over an open store: look, judge, write, tell."""

    def __init__(
        self, config: Config, reader: Database, writer: Database, states: States, clock: Clock
    ) -> None:
        """Take two open databases; `close` closes them."""
        self._config, self._clock = config, clock
        self._reader, self._writer = reader, writer
        self._workspace = workspace_id(writer, config.general.workspace) or 0
        self._view = View(reader, self._workspace)
        zone_name, zone = find_zone(config.general.timezone)
        self._rules = ready_rules(config.alerts.rules)
        self._lookout = Lookout(config, zone_name, zone, self._rules, states)
        forgotten_ms = epoch_ms(clock()) - REMEMBERED_MS
        self._pending = pending(writer, self._workspace, forgotten_ms)
        self._patience = Patience(dict(self._pending))
        self._quiet: Quiet = {}
        self._handled: set[tuple[int, int | None, int | None]] = set()
        self._waits = {rule.name: rule.for_ms for rule in self._rules if rule.for_ms}
        self._seen: object = None
        self._judged_ms = -STILL_MS
        self._noted_ms = -NOTED_MS
        self._forgot_day = 0
        self._done: list[Delivery] = []
        self._done_lock = threading.Lock()
        self._courier = Courier(config.notify, zone, clock, self._note)
        self._has_waiting = True
        self._suggested: set[int] = set()

    def close(self) -> None:
        """Let go of the store."""
        self._courier.wait(0.2)
        self._reader.close()
        self._writer.close()

    def catch_up(self) -> None:
        """Look back over the time for which rules of use must hold, as if this had watched it."""
        # Of what sessions have cost the store does not tell the past.
        rules = tuple(rule for rule in self._rules if rule.for_ms and rule.kind == USE)
        now = self._lookout
        past = Lookout(now.config, now.zone_name, now.zone, rules, now.states)
        at_ms = epoch_ms(self._clock())
        longest_ms = max((rule.for_ms for rule in rules), default=0)
        step_ms = max(NOTED_MS, longest_ms // MOST_LOOKS)
        for past_ms in range(at_ms - longest_ms, at_ms, step_ms):
            found = judge(rules, past.look(self._view, past_ms), past_ms)
            self._patience.sift(found, self._waits, ())

    def settle(self, seconds: float) -> None:
        """Wait until what was found is told, for so long at most; another process does the rest."""
        until = time.monotonic() + seconds
        while self._has_waiting and time.monotonic() < until:
            self._courier.wait(SETTLE_S)
            self._tell(epoch_ms(self._clock()))
            if not self._courier.is_busy:
                return

    def turn(self) -> bool:
        """Judge, if there is a reason to; tell whether alerts are others."""
        at_ms = epoch_ms(self._clock())
        seen = changes(self._reader)
        is_still = seen == self._seen
        if is_still and 0 <= at_ms - self._judged_ms < STILL_MS and not self._has_waiting:
            return False
        self._seen, self._judged_ms = seen, at_ms
        changed = self._judge(at_ms)
        self._note_judged(at_ms)
        self._tell(at_ms)
        self._forget(at_ms)
        return changed

    def _judge(self, at_ms: int) -> bool:
        flapping_ms = self._config.alerts.flapping_minutes * 60_000
        every = alerts(self._view, at_ms - flapping_ms)
        known = [one for one in every if one.rule != SUGGESTION]
        # What the watch of suggestions asks to be delivered is delivered here.
        asked = {one.id for one in every if one.rule == SUGGESTION}
        self._has_waiting = self._has_waiting or bool(asked - self._suggested)
        self._suggested = asked
        names = {one.name for one in known if one.closed_ms is None}
        readings = self._lookout.look(self._view, at_ms)
        found = judge(self._rules, readings, at_ms, names, self._quiet)
        found = self._patience.sift(found, self._waits, names)
        self._keep_pending()
        active = {rule.name for rule in self._rules}
        changes = advanced(known, found, active, flapping_ms)
        done = {(one.id, one.acknowledged_ms, one.snoozed_until_ms) for one in known}
        is_handled, self._handled = done != self._handled, done
        if not changes:
            return is_handled  # a user of another process has seen to one
        settings = self._config.notify
        quiet = [one for one in changes if one.tells and not is_loud(one.alert, settings)]
        loud = [one for one in changes if one not in quiet]
        write_alerts(self._writer, self._workspace, quiet)
        told = write_alerts(self._writer, self._workspace, loud, channels(settings))
        self._has_waiting = self._has_waiting or bool(told and channels(settings))
        return True

    def _keep_pending(self) -> None:
        """Keep since when rules hold that must hold for a while, where that is others."""
        since = {name: at for name, at in self._patience.since.items() if name[0] in self._waits}
        if since != self._pending:
            self._pending = since
            keep_pending(self._writer, self._workspace, since)

    def _tell(self, at_ms: int) -> None:
        """See to the deliveries that wait, and write how those went that came to an end."""
        with self._done_lock:
            done, self._done = self._done, []
        for one in done:
            note_delivery(self._writer, one)
        if not self._has_waiting:
            return
        waiting = [
            one
            for one in deliveries(self._view, at_ms - WAITED_MS)
            if one.state is DeliveryState.WAITING
        ]
        by_number = {one.id: one for one in alerts(self._view, at_ms - 2 * WAITED_MS)}
        both = [(one, by_number[one.alert]) for one in waiting if one.alert in by_number]
        for one in self._courier.see_to(both):
            note_delivery(self._writer, one)
        self._has_waiting = bool(waiting)

    def _note_judged(self, at_ms: int) -> None:
        """Keep now and then when rules were judged; that alone is no reason to judge again."""
        if 0 <= at_ms - self._noted_ms < NOTED_MS:
            return
        self._noted_ms = at_ms
        is_still = changes(self._reader) == self._seen
        note_judged(self._writer, self._workspace, at_ms)
        if is_still:
            self._seen = changes(self._reader)

    def _note(self, delivery: Delivery) -> None:
        """Take how a delivery went, from its thread."""
        with self._done_lock:
            self._done.append(delivery)

    def _forget(self, at_ms: int) -> None:
        """Delete old history, once a day."""
        day = at_ms // DAY_MS
        if day != self._forgot_day:
            self._forgot_day = day
            before_ms = at_ms - self._config.alerts.history_days * DAY_MS
            forget_alerts(self._writer, self._workspace, before_ms)


def open_rounds(config: Config, states: States, clock: Clock) -> Rounds | None:
    """Return rounds over the configured store; None while that is not made yet."""
    writer = opened_store(config, read_only=False)
    if writer is None:
        return None
    reader = opened_store(config, read_only=True)
    if reader is None:
        writer.close()
        return None
    return Rounds(config, reader, writer, states, clock)


def opened_store(config: Config, *, read_only: bool) -> Database | None:
    """Return the configured store; None while it is not made, or is of an older version.

    One of a newer version is refused where it would be written to.
    """
    url, data = config.store.url, config.data
    file = store_file(url, data)
    if file is not None and not file.exists():
        return None
    database = open_database(url, data, read_only=read_only)
    try:
        if has_newest_tables(database):
            if not read_only:
                refuse_newer(database)
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return None


def quieted(
    config: Config, alert: int, now: datetime, *, snoozes: bool = False, minutes: int | None = None
) -> bool:
    """Keep an open alert quiet: for good, or for some minutes, by default as configured.

    Whoever reads the logs; False where there is no open alert of that number.
    """
    database = opened_store(config, read_only=False)
    if database is None:
        return False
    try:
        workspace = workspace_id(database, config.general.workspace) or 0
        if not snoozes:
            return acknowledge(database, workspace, alert, epoch_ms(now))
        length = config.alerts.snooze_minutes if minutes is None else minutes
        return snooze(database, workspace, alert, epoch_ms(now) + length * 60_000)
    finally:
        database.close()
