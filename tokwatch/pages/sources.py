"""The health of what is read and of what is kept: sources, store, prices, other processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.alerts.notify import channels
from tokwatch.doctor.checked import Checked, last_checked
from tokwatch.ingest.lock import IngestLock
from tokwatch.ingest.presence import Running, running
from tokwatch.model.alert import Delivery
from tokwatch.model.endpoint import EndpointHealth
from tokwatch.model.stored import EventFact
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.model.worker import WorkerState
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.prices.age import age_days
from tokwatch.prices.settings import PriceSettings
from tokwatch.prices.version import version
from tokwatch.store.read.every import (
    deliveries,
    events,
    log_counts,
    newest_by_source,
    read_calibrations,
)
from tokwatch.store.read.health import StoreFacts, detail_counts, store_facts
from tokwatch.tokens.calibrated import Calibration
from tokwatch.tokens.estimate import of_prompts

TOLD_MS: Final = 7 * DAY_MS
KEPT_MS: Final = 10_000
"""Counts over all logs are as old as this at most."""


class StoreHealth(Struct, frozen=True):
    """The store, the price list, and who uses them."""

    store: StoreFacts
    data: str
    """Folder of everything that tokwatch writes."""
    checked: Checked | None
    prices: str
    """Version of all prices."""
    prices_days: int | None
    """Since a list was fetched; None while the installed one is used."""
    prices_update: bool
    processes: tuple[Running, ...]
    reader: int
    """Process that reads the logs; 0 where it cannot be told."""
    deliveries: tuple[Delivery, ...] = ()
    """The newest of each road by which alerts are told."""
    roads: tuple[str, ...] = ()
    """Those that are switched on."""
    calibrations: tuple[Calibration, ...] = ()
    """How far counted tokens of prompts are off, by model."""


class SourceCounts(Struct, frozen=True):
    """What the store knows of one source's logs."""

    files: int = 0
    """Logs that were ever read, also those that are gone."""
    bad_lines: int = 0
    oversized_lines: int = 0
    undated: int = 0
    unknown: int = 0
    sample: str = ""
    """Names of the fields of one record of an unknown shape."""
    conversations: int = 0
    """Logs whose conversation was read too."""
    newest: EventFact | None = None

    @property
    def troubles(self) -> int:
        """Lines and records that could not be counted."""
        return self.bad_lines + self.oversized_lines + self.undated + self.unknown


class SourcesPage(Struct, frozen=True):
    """What the store knows of each source, and the health of the store."""

    counts: dict[str, SourceCounts]
    """By source."""
    health: StoreHealth | None
    """None while there is no store yet."""
    at_ms: int
    endpoints: tuple[EndpointHealth, ...] = ()
    """Those that are configured."""
    workers: tuple[WorkerState, ...] = ()
    """The threads of this process."""


NO_STORE: Final = SourcesPage({}, None, 0)


@dataclass(frozen=True, slots=True)
class SourcesAsk:
    """Asks how sources and store do."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> SourcesPage:
        """Return the page; counts over everything may be some seconds old."""
        counts, health = self.memory.recall(
            "sources", None, sight.now_ms, KEPT_MS, lambda: (_counts(sight), _health(sight))
        )
        return SourcesPage(counts, health, sight.now_ms, self._endpoints(sight), sight.workers)

    def _endpoints(self, sight: Sight) -> tuple[EndpointHealth, ...]:
        """Return the endpoints as they do now; their sums of the last day may be a little older."""
        if not sight.config.endpoint:
            return ()
        from tokwatch.ingest.endpoint_health import endpoint_health
        from tokwatch.pages.endpoint_sums import day_sums

        sums = day_sums(sight.view, sight.now_ms, self.memory)
        return endpoint_health(sight.config, sight.view, sight.now_ms, sums)


def _counts(sight: Sight) -> dict[str, SourceCounts]:
    view = sight.view
    logs = {count.source: count for count in log_counts(view)}
    conversations, newest = detail_counts(view), {}
    for source, quarter_ms in newest_by_source(view).items():
        part = Slice(quarter_ms, quarter_ms + QUARTER_MS, (source,))
        newest[source] = next(iter(events(view, part, 1)), None)
    found = {}
    for name in logs.keys() | newest.keys():
        of = logs.get(name)
        counted = (0, 0, 0, 0, 0, "")
        if of is not None:
            counted = (
                of.files,
                of.bad_lines,
                of.oversized_lines,
                of.undated,
                of.unknown,
                of.sample,
            )
        found[name] = SourceCounts(*counted, conversations.get(name, 0), newest.get(name))
    return found


def _health(sight: Sight) -> StoreHealth:
    config = sight.config
    settings = PriceSettings.from_config(config.prices, config.data)
    return StoreHealth(
        store=store_facts(sight.view),
        data=str(config.data),
        checked=last_checked(config.data),
        prices=version(settings),
        prices_days=age_days(config.data, sight.now_ms),
        prices_update=config.prices.update,
        processes=running(config.data),
        reader=IngestLock(config.data).holder(),
        deliveries=_deliveries(sight),
        roads=channels(config.notify),
        calibrations=tuple(of_prompts(read_calibrations(sight.view)).values()),
    )


def _deliveries(sight: Sight) -> tuple[Delivery, ...]:
    """Return the newest delivery of each road."""
    newest: dict[str, Delivery] = {}
    for one in deliveries(sight.view, sight.now_ms - TOLD_MS):
        newest.setdefault(one.channel, one)
    return tuple(newest.values())
