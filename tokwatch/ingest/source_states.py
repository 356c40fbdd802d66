"""How each source does: as it is followed here, and as the store counts it."""

from __future__ import annotations

import time
from typing import Final

from tokwatch.analysis.calendar import instant
from tokwatch.config import Config
from tokwatch.ingest.chosen import told_by_endpoints
from tokwatch.ingest.followed import FollowedSource, LiveStatus
from tokwatch.model.snapshot import SourceMode, SourceStatus
from tokwatch.model.usage import Dimension, Slice
from tokwatch.sources import SOURCES
from tokwatch.store.read.catalogue import LogCounts, log_counts, newest_by_source
from tokwatch.store.read.usage import usage
from tokwatch.store.view import View

COUNT_AGAIN_S: Final = 10.0
"""Counts over all logs and requests are as old as this at most: they only grow."""


class SourceStates:
    """Remembers what the store counts, so that not every picture counts it again."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counted_at = -COUNT_AGAIN_S
        self._logs: dict[str, LogCounts] = {}
        self._requests: dict[str, int] = {}
        self._newest: dict[str, int] = {}

    def of(self, view: View | None, status: LiveStatus, config: Config) -> tuple[SourceStatus, ...]:
        """Return the state of every source that is followed, here or by another process."""
        if view is not None and time.monotonic() - self._counted_at >= COUNT_AGAIN_S:
            self._count(view)
        told = told_by_endpoints(config)
        sources = status.sources or self._elsewhere(config)
        return tuple(self._state(source, told.get(source.name, ())) for source in sources)

    def forget(self) -> None:
        """Count again for the next picture: the store is another one."""
        self._counted_at = -COUNT_AGAIN_S

    def _count(self, view: View) -> None:
        self._counted_at = time.monotonic()
        self._logs = {count.source: count for count in log_counts(view)}
        cells = usage(view, Slice(), (Dimension.SOURCE,))
        self._newest = newest_by_source(view)
        self._requests = {str(cell.group[0]): cell.usage.requests for cell in cells}

    def _elsewhere(self, config: Config) -> tuple[FollowedSource, ...]:
        titles = {source.name: source.title for source in SOURCES}
        titles |= {name: mapping.title or name for name, mapping in config.mapping.items()}
        return tuple(
            FollowedSource(name, titles.get(name, name), SourceMode.LIVE, (), count.files)
            for name, count in self._logs.items()
        )

    def _state(self, source: FollowedSource, endpoints: tuple[str, ...]) -> SourceStatus:
        counts = self._logs.get(source.name)
        is_told = endpoints and source.mode is SourceMode.ABSENT
        return SourceStatus(
            name=source.name,
            title=source.title,
            mode=SourceMode.ENDPOINT if is_told else source.mode,
            roots=source.roots,
            files=source.files,
            events=self._requests.get(source.name, 0),
            bad_lines=counts.bad_lines if counts else 0,
            error=source.error,
            last_event=instant(self._newest[source.name]) if source.name in self._newest else None,
            endpoints=endpoints,
        )
