"""Looks for savings: facts from the store, analysers over them, suggestions into the store.

The screen's watch and the command share this.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tokwatch.alerts.alerting import SUGGESTION, opened_store
from tokwatch.alerts.notify import channels
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.suggesting.analysers import findings
from tokwatch.analysis.suggesting.proof import discounts, proved
from tokwatch.analysis.suggesting.triggers import fired
from tokwatch.analysis.suggesting.weighing import Past, weighed
from tokwatch.config import Config
from tokwatch.ingest.news import changes
from tokwatch.log import OwnLog
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.model.suggestion import Suggestion, SuggestionState, TriggerCount
from tokwatch.model.suggestion_facts import Facts
from tokwatch.store.alerts import write_alerts
from tokwatch.store.connect import Database
from tokwatch.store.read.suggestions import suggestions, trigger_counts
from tokwatch.store.store import workspace_id
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
FOLLOWED: Final = frozenset((SuggestionState.ACCEPTED, SuggestionState.DONE))
QUIET: Final = frozenset((SuggestionState.DISMISSED, SuggestionState.DONE))
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Look:
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
    followed = [one for one in stored if one.state in FOLLOWED and one.accepted_ms is not None]
    past = Past(
        discounts(stored),
        Counter(one.kind for one in stored if one.state is SuggestionState.DISMISSED),
        frozenset(one.key for one in stored if one.state in QUIET),
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
    before = {one.key for one in suggestions(View(database, workspace, user or None))}
    write_suggestions(database, workspace, seen.found, seen.at_ms, user)
    write_proofs(database, workspace, seen.proofs)
    write_triggers(database, workspace, seen.triggers, user)
    fresh = [one for one in seen.found if one.key not in before]
    return _tell(database, workspace, seen, fresh, config)


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
    ) -> None:
        """Prepare to watch from `start` on; `changed` is called after each look."""
        self._config, self._is_ours, self._changed, self._clock = config, is_ours, changed, clock
        self._stop = threading.Event()
        self._seen: object = None
        self._looked_ms: int | None = None
        self._log = OwnLog(config.data, config.log)
        self._thread = threading.Thread(target=self._run, name="suggestions", daemon=True)

    def start(self) -> None:
        """Begin to watch, if the settings ask for it."""
        if self._config.suggestions.on:
            self._thread.start()

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
                if self._is_ours() and self.turn():
                    self._changed()
            except Exception as error:  # a worker's top: told, tried again
                self._log.note_error("suggestions_failed", error)
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
            seen = reader.value("SELECT max(instant_ms) FROM event"), changes(reader)
            if seen[0] is None or seen == self._seen:
                return False
            self._seen, self._looked_ms = seen, at_ms
            workspace = workspace_id(reader, self._config.general.workspace) or 0
            found = look(View(reader, workspace), self._config, at_ms)
        finally:
            reader.close()
        self._write(workspace, found)
        return True

    def _write(self, workspace: int, found: Look) -> None:
        writer = opened_store(self._config, read_only=False)
        if writer is None:
            return
        try:
            write_look(writer, workspace, found, self._config)
        finally:
            writer.close()
