"""Brings the store up to date before a command reads it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tokwatch.store.store import NewerStoreError

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.ingest import Refreshed


def refreshed(config: Config, sources: tuple[str, ...] = ()) -> Refreshed | None:
    """Read what is new in the logs; None where nothing is, or the store may only be read."""
    from tokwatch.freshness import is_fresh

    # That a newer tokwatch wrote the store is told when it is read.
    with suppress(NewerStoreError):
        if not is_fresh(config, sources):
            from tokwatch.ingest import refresh

            return refresh(config, sources)
    return None
