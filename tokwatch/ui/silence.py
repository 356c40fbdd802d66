"""Whether what is shown may be stale: no log has been written for long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tokwatch.model.snapshot import EPOCH, Snapshot

QUIET: Final = timedelta(minutes=15)
"""Silence from which the screen says how long it has lasted."""


def silent_since(snapshot: Snapshot, now: datetime) -> datetime | None:
    """Return when a log was last written, where that is long ago; the past is never silent."""
    # A source's last use is told to a quarter of an hour: the listed sessions know better.
    told = [each.last_event or EPOCH for each in snapshot.sources]
    last = max([*told, *(row.last for row in snapshot.sessions)], default=EPOCH)
    if snapshot.until is not None or last == EPOCH or now - last < QUIET:
        return None
    return last
