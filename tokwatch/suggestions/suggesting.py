"""Looks for savings: facts from the store, analysers over them, suggestions into the store.

The screen's watch and the command share this.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from zlib import crc32

from msgspec import Struct

from tokwatch import __version__
from tokwatch.alerts.alerting import SUGGESTION, WAITS, opened_store
from tokwatch.alerts.notify import channels
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.suggesting.analysers import findings
from tokwatch.analysis.suggesting.proof import JUDGED, discounts, proved
from tokwatch.analysis.suggesting.triggers import fired
from tokwatch.analysis.suggesting.weighing import Past, weighed
from tokwatch.aside import command_of, run_aside
from tokwatch.config import Config
from tokwatch.log import OwnLog
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.model.alert_facts import OPTIMISATION
from tokwatch.model.measure import Measure, of_user
from tokwatch.model.suggestion import Suggestion, SuggestionState, TriggerCount, Verdict
from tokwatch.model.suggestion_facts import Facts
from tokwatch.model.units import DAY_MS
from tokwatch.model.worker import Note, unnoted
from tokwatch.store.alerts import write_alerts
from tokwatch.store.connect import Database
from tokwatch.store.fingerprint import fingerprint
from tokwatch.store.measures import add_measures
from tokwatch.store.read.suggestions import suggestions, trigger_counts
from tokwatch.store.store import set_setting, setting, workspace_id
from tokwatch.store.suggestions import (
    answer,
    close_told,
    write_proofs,
    write_suggestions,
    write_triggers,
)
from tokwatch.store.view import View
from tokwatch.suggestions.reading import facts_of

FIRST_S: Final = 20.0
"""The first look waits until the screen stands."""
TICK_S: Final = 5.0
FAILED_S: Final = 300.0
NICENESS: Final = 10
LOOKED: Final = "suggestions_looked"
"""Setting that tells on what the last look rested: the next start need not look again."""
Clock = Callable[[], datetime]


class Look(Struct, frozen=True):
    """What one look found."""

    at_ms: int
    found: tuple[Suggestion, ...]
    proofs: tuple[Suggestion, ...]
    triggers: tuple[TriggerCount, ...]


def look(view: View, config: Config, at_ms: int) -> Look:
    """Return what would save money now, and what came of what was followed."""
    settings = config.suggestions
    facts = facts_of(view, config, at_ms)
    told = fired(facts, settings)
    stored = suggestions(view)
    followed = sorted(
        (one for one in stored if one.is_followed), key=lambda one: (one.accepted_ms or 0, one.id)
    )
    past = Past(
        discounts(stored),
        Counter(one.kind for one in stored if one.state is SuggestionState.DISMISSED),
        frozenset(one.key for one in stored if one.state is SuggestionState.DISMISSED),
        tuple(one.key for one in followed),
    )
    on = [one.trigger for one in told if one.is_on]
    found = findings(facts, settings, on, {one.kind for one in followed})
    was_on = {one.name: one.is_on for one in trigger_counts(view)}
    counts = tuple(
        TriggerCount(
            str(one.trigger),
            int(one.is_on and not was_on.get(str(one.trigger), False)),
            at_ms if one.is_on else 0,
            one.value or 0.0,
            one.threshold,
            one.is_on,
        )
        for one in told
        if one.value is not None
    )
    return Look(
        at_ms,
        weighed(found, facts, settings, past),
        tuple(_proof(one, facts, config) for one in followed),
        counts,
    )


def _proof(one: Suggestion, facts: Facts, config: Config) -> Suggestion:
    after = facts.since(one.accepted_ms or 0)
    found = findings(after, config.suggestions, (), (one.kind,))
    return proved(one, after, found, config.suggestions)


def write_look(
    database: Database, workspace: int, seen: Look, config: Config, user: str = ""
) -> bool:
    """Write what a look found; tell whether people are told of something new."""
    before = {one.key: one for one in suggestions(View(database, workspace, user or None))}
    write_suggestions(database, workspace, seen.found, seen.at_ms, user)
    write_proofs(database, workspace, seen.proofs)
    add_measures(database, workspace, [of_user(one, user) for one in _outcomes(seen.proofs)])
    write_triggers(database, workspace, seen.triggers, user)
    fresh = [one for one in seen.found if _is_news(one, before.get(one.key))]
    return _tell(database, workspace, seen, fresh, config)


def _is_news(one: Suggestion, before: Suggestion | None) -> bool:
    """Tell whether a suggestion was not there before, or matters more than it did."""
    if before is None:
        return True
    return before.state is SuggestionState.NEW and one.severity.rank > before.severity.rank


def _outcomes(proofs: Iterable[Suggestion]) -> Iterator[Measure]:
    """Yield what is judged as outcomes of optimisations: of each one, which changes with it."""
    for one in proofs:
        if one.verdict in JUDGED and one.accepted_ms is not None:
            worked = float(one.verdict is not Verdict.NONE)
            origin = f"{SUGGESTION}-{one.id}"
            yield Measure(OPTIMISATION, one.accepted_ms, worked, "", (), origin)


def _tell(
    database: Database, workspace: int, seen: Look, fresh: Iterable[Suggestion], config: Config
) -> bool:
    """Open an alert for each new suggestion that matters enough, and close those of gone ones.

    It is a warning at most: nothing breaks while a suggestion waits.
    """
    close_told(database, workspace, [one.key for one in seen.found], seen.at_ms)
    least = config.suggestions.notify
    if least == "never" or not config.alerts.on:
        return False
    high = [one for one in fresh if one.severity.rank >= Severity(least).rank and not one.rather]
    told = [AlertChange(_alert(one, seen.at_ms), True, True) for one in high]
    return bool(write_alerts(database, workspace, told, channels(config.notify)))


def _alert(one: Suggestion, at_ms: int) -> Alert:
    share = one.saving_share
    saving = f"${one.saving_nano_month / 1e9:,.2f} a month"
    severity = Severity.WARNING if one.severity is Severity.CRITICAL else one.severity
    return Alert(
        *(0, SUGGESTION, one.key, severity, at_ms, at_ms),
        *(
            share,
            share,
            0.0,
            f"could save {saving}: {one.title}",
        ),
        events=one.events[:5],
    )


def answered(config: Config, number: int, state: SuggestionState, now: datetime) -> bool:
    """Write what its reader says to a suggestion; False where there is none of that number."""
    database = opened_store(config, read_only=False)
    if database is None:
        return False
    try:
        workspace = workspace_id(database, config.general.workspace) or 0
        is_done = answer(database, workspace, number, state, epoch_ms(now))
        if is_done:
            wanting = suggestions(View(database, workspace))
            keys = [one.key for one in wanting if one.state is SuggestionState.NEW]
            close_told(database, workspace, keys, epoch_ms(now))
        return is_done
    finally:
        database.close()


def looked(config: Config, at_ms: int) -> bool:
    """Look once and write what was found; False where there is no store yet."""
    database = opened_store(config, read_only=False)
    if database is None:
        return False
    try:
        workspace = workspace_id(database, config.general.workspace) or 0
        found = look(View(database, workspace), config, at_ms)
        write_look(database, workspace, found, config)
        return True
    finally:
        database.close()


class SuggestionWatch:
    """Looks now and then, while this process is the one that reads logs and something changed."""

    def __init__(
        self,
        config: Config,
        is_ours: Callable[[], bool],
        changed: Callable[[], None] = lambda: None,
        clock: Clock = lambda: datetime.now(UTC),
        *,
        aside: bool = False,
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to watch from `start` on; `changed` is called after each look.

        A look `aside` runs in a process of its own: it takes seconds of processor and hundreds
        of megabytes of a large store, neither of which stays with the screen.
        """
        self._aside, self._tell_roll = aside, tell_roll
        self._config, self._is_ours, self._changed, self._clock = config, is_ours, changed, clock
        self._stop = threading.Event()
        self._seen = ""
        self._looked_ms: int | None = None
        self._log = OwnLog(config.data, config.log)
        self._thread = threading.Thread(target=self._run, name="suggestions", daemon=True)

    def start(self) -> None:
        """Begin to watch, if the settings ask for it."""
        if self._config.suggestions.on:
            self._thread.start()
        else:
            self._tell_roll("suggestions", told="off in the settings")

    def stop(self) -> None:
        """End within half a second, or after the look that goes on."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=0.5)

    def _run(self) -> None:
        with suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        wait_s = FIRST_S
        while not self._stop.wait(wait_s):
            wait_s = TICK_S
            try:
                if not self._is_ours():
                    self._tell_roll("suggestions", told=WAITS)
                    continue
                if self.turn():
                    self._changed()
                self._tell_roll("suggestions")
            except Exception as error:  # a worker's top: told, tried again
                self._log.note_error("suggestions_failed", error)
                self._tell_roll("suggestions", error=type(error).__name__)
                wait_s = FAILED_S
        self._log.close()

    def turn(self) -> bool:
        """Look, if it is time and something changed; tell whether it did."""
        at_ms = epoch_ms(self._clock())
        every_ms = self._config.suggestions.minutes * 60_000
        if self._looked_ms is not None and 0 <= at_ms - self._looked_ms < every_ms:
            return False
        reader = opened_store(self._config, read_only=True)
        if reader is None:
            return False
        try:
            workspace = workspace_id(reader, self._config.general.workspace) or 0
            seen = self._seen_by(reader, workspace, at_ms)
            if not seen:
                return False
            before = self._seen or setting(reader, workspace, LOOKED)
            self._seen, self._looked_ms = seen, at_ms
            if seen == before:
                return False
            found = None if self._aside else look(View(reader, workspace), self._config, at_ms)
        finally:
            reader.close()
        if found is None and not self._look_aside(at_ms):
            return False
        self._write(workspace, found, seen)
        return True

    def _look_aside(self, at_ms: int) -> bool:
        command = command_of(self._config, "suggestions", "--background", str(at_ms))
        return run_aside(command, self._stop)

    def _seen_by(self, reader: Database, workspace: int, at_ms: int) -> str:
        """Return what a look now would rest on, its day and settings too; "" without requests."""
        there = fingerprint(reader, workspace)
        settings = self._config.suggestions, self._config.prices, self._config.goal
        return (
            there and f"{there} {at_ms // DAY_MS} {crc32(repr((__version__, settings)).encode())}"
        )

    def _write(self, workspace: int, found: Look | None, seen: str) -> None:
        """Write what was found here, and on what it rests."""
        writer = opened_store(self._config, read_only=False)
        if writer is None:
            return
        try:
            if found is not None:
                write_look(writer, workspace, found, self._config)
            set_setting(writer, workspace, LOOKED, seen)
        finally:
            writer.close()
