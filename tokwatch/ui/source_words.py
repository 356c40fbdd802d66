"""What the health of sources and store says in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from tokwatch.analysis.calendar import instant
from tokwatch.model.alert import DeliveryState
from tokwatch.model.snapshot import SourceMode, SourceStatus
from tokwatch.model.worker import WorkerState
from tokwatch.pages.sources import SourceCounts, SourcesPage, StoreHealth
from tokwatch.ui import format as fmt
from tokwatch.words import counted

GLYPHS: Final = {
    SourceMode.ERROR: "x",
    SourceMode.LIVE: "●",
    SourceMode.POLLING: "◐",
    SourceMode.ENDPOINT: "◐",
    SourceMode.ABSENT: "○",
}
MODES: Final = {
    SourceMode.ERROR: "failing",
    SourceMode.LIVE: "live",
    SourceMode.POLLING: "polling",
    SourceMode.ENDPOINT: "endpoint",
    SourceMode.ABSENT: "not here",
}
MEANINGS: Final = {
    SourceMode.ERROR: "something could not be read; R tries it again now",
    SourceMode.LIVE: "change notices arrive, a sweep every few seconds checks them",
    SourceMode.POLLING: "looked at every few seconds: no change notices arrive from there",
    SourceMode.ENDPOINT: "no logs here; an endpoint tells its requests",
    SourceMode.ABSENT: "none of its folders exists",
}
ORDER: Final = tuple(GLYPHS)


class Row(NamedTuple):
    """One source as it is followed now, and what the store knows of it."""

    status: SourceStatus
    counts: SourceCounts

    @property
    def newest(self) -> datetime | None:
        """When its newest request was answered."""
        event = self.counts.newest
        return instant(event.instant_ms) if event else None


def rows_of(sources: tuple[SourceStatus, ...], page: SourcesPage) -> list[Row]:
    """Return the sources: what fails first, then what is used, then what is not there."""
    rows = [Row(one, page.counts.get(one.name, SourceCounts())) for one in sources]
    return sorted(
        rows,
        key=lambda row: (
            ORDER.index(row.status.mode),
            -(row.counts.newest.instant_ms if row.counts.newest else 0),
            row.status.title.lower(),
        ),
    )


def troubles(counts: SourceCounts) -> Iterator[str]:
    """Yield what of a source's logs could not be counted."""
    for number, one, many in (
        (counts.bad_lines, "line that is no record", "lines that are no records"),
        (counts.oversized_lines, "line too long to be read", "lines too long to be read"),
        (counts.undated, "record without a time", "records without a time"),
        (counts.unknown, "record of an unknown shape", "records of an unknown shape"),
    ):
        if number:
            yield counted(number, one, many)


def store_facts(health: StoreHealth) -> Iterator[tuple[str, str, bool]]:
    """Yield name, words and whether it wants a look, of store, prices and processes."""
    store = health.store
    yield "store", fmt.from_home(fmt.clean(store.name)), False
    kind = "PostgreSQL" if store.is_postgres else "SQLite"
    schema = f"schema {store.revision}" + ("" if store.is_newest else ", not the newest one")
    yield "", f"{kind} · {fmt.size(store.size_bytes)} · {schema}", not store.is_newest
    if store.notice:
        yield "", fmt.clean(store.notice), True
    yield "data", fmt.from_home(fmt.clean(health.data)), False


def checked_words(health: StoreHealth, now: datetime) -> list[tuple[str, bool]]:
    """Return what the last doctor said, and whether it was bad."""
    checked = health.checked
    if checked is None:
        return [("never checked here: run tokwatch doctor", False)]
    count = len(checked.problems)
    told = counted(count, "problem") if count else "nothing was wrong"
    lines = [(f"{fmt.age(instant(checked.at_ms), now)} ago: {told}", count > 0)]
    if checked.store and not any(words.endswith(checked.store[-1]) for words in checked.problems):
        lines.append((checked.store[-1], False))
    return lines + [(problem, True) for problem in checked.problems]


def price_words(health: StoreHealth) -> tuple[str, bool]:
    """Return which price list counts, and how old it is."""
    age = "as installed" if health.prices_days is None else f"fetched {_days(health.prices_days)}"
    if not health.prices_update:
        return f"{age}; updates are off ([prices] update)", False
    return age, health.prices_days is not None and health.prices_days > 90


def _days(number: int) -> str:
    return "today" if not number else "yesterday" if number == 1 else f"{number} days ago"


def process_words(health: StoreHealth, now: datetime) -> list[str]:
    """Return the tokwatch processes of this data folder."""
    lines = []
    for one in health.processes:
        what = "reads the logs" if one.process == health.reader else "follows the store"
        this = " · this one" if one.is_this else ""
        lines.append(f"{one.process} {what} · {fmt.age(instant(one.since_ms), now)}{this}")
    known = {one.process for one in health.processes}
    if health.reader and health.reader not in known:
        lines.append(f"{health.reader} reads the logs")
    return lines or ["none"]


def worker_words(workers: Iterable[WorkerState], now: datetime) -> list[tuple[str, bool]]:
    """Return what fails, line by line, then who did their work and how long ago, then who waits."""
    lines, done, waiting = [], [], []
    for one in workers:
        ago = "" if one.done_ms is None else fmt.age(instant(one.done_ms), now)
        if one.error:
            last = f"last success {ago} ago" if ago else "no success yet"
            lines.append((f"! {one.name}: {fmt.clean(one.error)}; {last}", True))
        elif one.told or not ago:
            waiting.append(f"{one.name}: {one.told or 'nothing to do yet'}")
        else:
            done.append(f"{one.name} {ago}")
    if done:
        lines.append((f"last done: {', '.join(done)} ago", False))
    return [*lines, *((told, False) for told in waiting)]


def delivery_words(health: StoreHealth, now: datetime) -> list[tuple[str, bool]]:
    """Return how alerts were told last by each road, and whether that failed."""
    lines = []
    for one in health.deliveries:
        tries = counted(one.tries, "try", "tries")
        why = f": {one.error}" if one.error else ""
        words = f"{one.channel} {one.state} {fmt.age(instant(one.at_ms), now)} ago, {tries}{why}"
        is_bad = one.state is DeliveryState.FAILED
        lines.append((words + ("; given up, the next alert goes by it again" * is_bad), is_bad))
    told = {one.channel for one in health.deliveries}
    silent = [road for road in health.roads if road not in told]
    lines += [(f"{road}: nothing told for 7 days; T on Alerts tries it", False) for road in silent]
    return lines or [("on the screen only: [notify] names no road", False)]


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """Return a text in lines, whole paths where they fit."""
    return textwrap.wrap(fmt.clean(text), max(8, width - indent), break_on_hyphens=False) or [""]


def calibration_words(health: StoreHealth) -> list[tuple[str, bool]]:
    """Return how far token counts are off, the doubtful models first, and whether that is bad."""
    found = sorted(health.calibrations, key=lambda one: (-one.error, one.model))
    doubtful = [
        (f"! {one.model}: off by {one.error:.0%} on {counted(one.pairs, 'measurement')}", True)
        for one in found
        if one.is_doubtful
    ]
    good = [one for one in found if not one.is_doubtful]
    if good:
        least, most = good[-1].error, good[0].error
        told = f"{counted(len(good), 'model')} off by {least:.0%} to {most:.0%}"
        return [*doubtful, (told, False)]
    return doubtful
