"""How the ingest does: each source's folders and what cannot be read there, for the screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tokwatch.model.snapshot import Progress, RootStatus, SourceMode
from tokwatch.sources.source import Root, Source

if TYPE_CHECKING:
    from tokwatch.ingest.ingest import Ingest


class FollowedSource(Struct, frozen=True):
    """How one source is followed now."""

    name: str
    title: str
    mode: SourceMode
    roots: tuple[RootStatus, ...]
    files: int
    error: str = ""


class LiveStatus(Struct, frozen=True):
    """How the ingest does: for the header and the health pane."""

    sources: tuple[FollowedSource, ...] = ()
    progress: Progress | None = None
    follower_of: int | None = None
    error: str = ""
    started: bool = False
    """True once the first look at the logs is done."""


def all_followed(
    ingest: Ingest,
    files: Mapping[str, int],
    errors: Mapping[str, str],
    is_watched: Callable[[Root], bool],
) -> tuple[FollowedSource, ...]:
    """Return how each source is followed of which the files are counted."""
    return tuple(
        followed(source, ingest.last_roots(source), files[source.name], errors, is_watched)
        for source in ingest.sources
        if source.name in files
    )


def followed(
    source: Source,
    roots: Sequence[Root],
    files: int,
    errors: Mapping[str, str],
    is_watched: Callable[[Root], bool],
) -> FollowedSource:
    """Return how a source is followed that has so many files below its roots."""
    statuses = tuple(
        RootStatus(str(root.path), os.path.exists(root.path), trouble_at(str(root.path), errors))
        for root in roots
    )
    failing = next((status for status in statuses if status.error), None)
    existing = [root for root, status in zip(roots, statuses, strict=True) if status.found]
    if failing is not None:
        mode = SourceMode.ERROR
    elif not existing:
        mode = SourceMode.ABSENT
    elif all(is_watched(root) for root in existing if not root.polled):
        mode = SourceMode.LIVE
    else:
        mode = SourceMode.POLLING
    error = "" if failing is None else f"{failing.path}: {failing.error}"
    return FollowedSource(source.name, source.title, mode, statuses, files, error)


def trouble_at(root: str, errors: Mapping[str, str]) -> str:
    """Say what cannot be read of a root: the root itself, or the first place below it."""
    if root in errors:
        return errors[root]
    below = sorted(path for path in errors if path.startswith(root + os.sep))
    if not below:
        return ""
    more = f" and {len(below) - 1:,} more" if len(below) > 1 else ""
    return f"{errors[below[0]]}: {os.path.relpath(below[0], root)}{more}"
