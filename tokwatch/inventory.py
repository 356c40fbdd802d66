"""What there is to read: each source's folders and logs, and what the store holds of them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tokwatch.chosen import chosen_sources, roots_of, sources_of, surroundings
from tokwatch.config import Config
from tokwatch.model import Dimension, Slice
from tokwatch.snapshot import RootStatus
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Source, Surroundings
from tokwatch.store.read import LogCounts, log_counts, open_view, usage
from tokwatch.store.store import open_existing


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as it lies on the disk and in the store."""

    name: str
    title: str
    enabled: bool
    roots: tuple[RootStatus, ...]
    files: int
    size: int
    """Bytes of all logs."""
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


def inventory(config: Config, *, with_store: bool = True) -> list[SourceState]:
    """Look at every source's folders, switched on or not, and at what the store holds of them."""
    place = surroundings()
    counts, requests = _stored(config) if with_store else ({}, {})
    enabled = {source.name for source in chosen_sources(config)}
    walk = Walk()
    return [
        _state(config, source, place, walk, counts, requests, source.name in enabled)
        for source in sources_of(config)
    ]


def _state(
    config: Config,
    source: Source,
    place: Surroundings,
    walk: Walk,
    counts: dict[str, LogCounts],
    requests: dict[str, int],
    enabled: bool,
) -> SourceState:
    roots = roots_of(source, config, place)
    logs = walk.over(roots, source.wants)
    count = counts.get(source.name)
    return SourceState(
        name=source.name,
        title=source.title,
        enabled=enabled,
        roots=tuple(
            RootStatus(
                str(root.path), os.path.exists(root.path), _trouble(str(root.path), walk.errors)
            )
            for root in roots
        ),
        files=len(logs),
        size=sum(log.size for log in logs),
        read_files=count.files if count else 0,
        events=requests.get(source.name, 0),
        bad_lines=count.bad_lines if count else 0,
        oversized_lines=count.oversized_lines if count else 0,
        undated=count.undated if count else 0,
        unknown=count.unknown if count else 0,
        sample=count.sample if count else "",
        retention=source.retention(place),
    )


def _trouble(root: str, errors: dict[str, str]) -> str:
    """Say what could not be looked at in a root: itself, or the first place below it."""
    if root in errors:
        return errors[root]
    below = sorted(path for path in errors if path.startswith(root + os.sep))
    if not below:
        return ""
    more = f" and {len(below) - 1:,} more" if len(below) > 1 else ""
    return f"{errors[below[0]]}: {below[0]}{more}"


def _stored(config: Config) -> tuple[dict[str, LogCounts], dict[str, int]]:
    """Return the counts of logs and of requests by source."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return {}, {}
    try:
        view = open_view(database, config.general.workspace)
        counts = {count.source: count for count in log_counts(view)}
        cells = usage(view, Slice(), (Dimension.SOURCE,))
        return counts, {str(cell.group[0]): cell.usage.requests for cell in cells}
    finally:
        database.close()
