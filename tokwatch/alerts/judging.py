"""Judges the rules once, for a command that does not stay: what a screen does every second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.errors import TokwatchError

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.snapshot import SourceStatus
    from tokwatch.store.view import View

TALK_MS: Final = 2 * 3_600_000
"""Conversations that were written to within this time are read first, for rules about turns."""
SPARE_S: Final = 1.0

Clock = Callable[[], datetime]


def judge_now(
    config: Config,
    errors: Mapping[str, str],
    clock: Clock = lambda: datetime.now(UTC),
) -> bool:
    """Judge every rule, write what is found, and tell it by the roads of `[notify]`.

    False where alerts are off, where nothing may be written, and where another process reads
    the logs: that one judges. `errors` are those of logs that could not be read just now.
    """
    from tokwatch.ingest.lock import IngestLock

    if not config.alerts.on:
        return False
    lock = IngestLock(config.data)
    try:
        _read_conversations(config, clock)
        return lock.acquire() and _judged(config, errors, clock)
    except TokwatchError:  # nothing may be written: what was found before is told
        return False
    finally:
        lock.release()


def _read_conversations(config: Config, clock: Clock) -> None:
    from tokwatch.ingest.detail_refresh import refresh_details

    if config.detail.days:
        for _ in refresh_details(config, epoch_ms(clock()) - TALK_MS):
            pass


def _judged(config: Config, errors: Mapping[str, str], clock: Clock) -> bool:
    """Judge; False where there is no store, or it is another version's."""
    from tokwatch.alerts.alerting import open_rounds, opened_store
    from tokwatch.store.view import open_view

    database = opened_store(config, read_only=True)
    if database is None:
        return False
    try:
        states = source_states(config, open_view(database, config.general.workspace), errors)
    finally:
        database.close()
    rounds = open_rounds(config, lambda: states, clock)
    if rounds is None:
        return False
    try:
        rounds.catch_up()
        rounds.turn()
        rounds.settle(config.notify.timeout_seconds + SPARE_S)
    finally:
        rounds.close()
    return True


def source_states(
    config: Config, view: View, errors: Mapping[str, str]
) -> tuple[SourceStatus, ...]:
    """Return how every source does, at one look at its folders."""
    from tokwatch.ingest.chosen import chosen_sources, roots_of, surroundings
    from tokwatch.ingest.followed import LiveStatus, followed
    from tokwatch.ingest.source_states import SourceStates
    from tokwatch.sources.discover import Walk

    where, walk = surroundings(), Walk()
    found = []
    for source in chosen_sources(config):
        roots = roots_of(source, config, where)
        files = sum(1 for _ in walk.over(roots, source.wants))
        found.append((source, roots, files))
    troubles = {**walk.errors, **errors}
    status = LiveStatus(
        tuple(followed(*one, troubles, lambda root: True) for one in found), started=True
    )
    return SourceStates().of(view, status, config)
