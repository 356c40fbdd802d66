"""How old the fetched price list is."""

from __future__ import annotations

from pathlib import Path

from tokwatch.model.units import DAY_MS
from tokwatch.prices.header import FILE_NAME, header


def age_days(folder: Path, now_ms: int) -> int | None:
    """Return how many days ago the list in a folder was fetched; None where none was."""
    stored = header(folder)
    if stored is None or not stored.update:
        return None
    try:
        since_ms = (folder / FILE_NAME).stat().st_mtime_ns // 1_000_000
    except OSError:
        return None
    return max(0, now_ms - since_ms) // DAY_MS
