"""Brings the store up to date before a command reads it, and says what could not be read."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tokwatch.cli.progress import progress
from tokwatch.store.store import NewerStoreError
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.ingest.ingest import Refreshed


def refreshed(config: Config, sources: tuple[str, ...] = ()) -> Refreshed | None:
    """Read what is new in the logs; None where nothing is, or the store may only be read."""
    from tokwatch.ingest.freshness import is_fresh

    # That a newer tokwatch wrote the store is told when it is read.
    with suppress(NewerStoreError):
        if not is_fresh(config, sources):
            from tokwatch.ingest.ingest import refresh

            with progress("reading logs") as shown:
                looked = refresh(config, sources, shown.of_bytes)
            _tell_unread(looked.errors)
            return looked
    return None


def _tell_unread(errors: dict[str, str]) -> None:
    if errors:
        path, error = next(iter(errors.items()))
        more = f" and {len(errors) - 1:,} more" if len(errors) > 1 else ""
        print(f"tokwatch: cannot read {printable(path)}{more}: {error}", file=sys.stderr)
