"""What there is to read: each source's folders and logs, and what the store holds of them."""

from __future__ import annotations

import os

from msgspec import Struct, field

from tokwatch.config import Config
from tokwatch.ingest.chosen import (
    chosen_sources,
    roots_of,
    sources_of,
    surroundings,
    told_by_endpoints,
)
from tokwatch.ingest.followed import trouble_at
from tokwatch.ingest.unread import Unread, unread_among
from tokwatch.model.snapshot import RootStatus
from tokwatch.model.usage import Dimension, Slice
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.source import Source, Surroundings
from tokwatch.store.read.every import LogCounts, log_counts, open_view, usage
from tokwatch.store.statuses import Status, statuses
from tokwatch.store.store import open_existing


class _Stored(Struct, frozen=True):
    """What the store holds of all sources."""

    counts: dict[str, LogCounts] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    """Of each log when it was read, by path."""


class SourceState(Struct, frozen=True):
    """One source as it lies on the disk and in the store."""

    name: str
    title: str
    enabled: bool
    roots: tuple[RootStatus, ...]
    files: int
    size: int
    """Bytes of all logs."""
    unread: tuple[Unread, ...]
    """Logs with something new that cannot be read."""
    read_files: int
    events: int
    """Requests that the store holds of it."""
    bad_lines: int
    oversized_lines: int
    undated: int
    unknown: int
    sample: str
    """Names of the fields of one record of an unknown shape."""
    retention: str
    """What the tool itself does with old logs, in words; empty where it keeps them."""
    endpoints: tuple[str, ...] = ()
    """Those that tell single requests of it."""


def inventory(config: Config, *, with_store: bool = True) -> list[SourceState]:
    """Look at every source's folders, switched on or not, and at what the store holds of them."""
    place = surroundings()
    stored = _stored(config) if with_store else _Stored()
    enabled = {source.name for source in chosen_sources(config)}
    walk = Walk()
    return [
        _state(config, source, place, walk, stored, is_enabled=source.name in enabled)
        for source in sources_of(config)
    ]


def _state(
    config: Config,
    source: Source,
    place: Surroundings,
    walk: Walk,
    stored: _Stored,
    *,
    is_enabled: bool,
) -> SourceState:
    roots = roots_of(source, config, place)
    logs = list(walk.over(roots, source.wants))
    count = stored.counts.get(source.name)
    new = [log for log in logs if stored.statuses.get(log.path) != _status(source, log)]
    max_line = config.sources.max_line_mb << 20
    return SourceState(
        name=source.name,
        title=source.title,
        enabled=is_enabled,
        roots=tuple(
            RootStatus(
                str(root.path), os.path.exists(root.path), trouble_at(str(root.path), walk.errors)
            )
            for root in roots
        ),
        files=len(logs),
        size=sum(log.size for log in logs),
        unread=tuple(unread_among(source, new, max_line)) if is_enabled else (),
        read_files=count.files if count else 0,
        events=stored.requests.get(source.name, 0),
        bad_lines=count.bad_lines if count else 0,
        oversized_lines=count.oversized_lines if count else 0,
        undated=count.undated if count else 0,
        unknown=count.unknown if count else 0,
        sample=count.sample if count else "",
        retention=source.retention(place),
        endpoints=told_by_endpoints(config).get(source.name, ()),
    )


def _status(source: Source, log: FoundLog) -> Status:
    return log.size, log.mtime_ns, str(log.inode), source.version


def _stored(config: Config) -> _Stored:
    database = open_existing(config.store.url, config.data)
    if database is None:
        return _Stored()
    try:
        view = open_view(database, config.general.workspace)
        counts = {count.source: count for count in log_counts(view)}
        cells = usage(view, Slice(), (Dimension.SOURCE,))
        requests = {str(cell.group[0]): cell.usage.requests for cell in cells}
        return _Stored(counts, requests, statuses(database, view.workspace, config.general.machine))
    finally:
        database.close()
