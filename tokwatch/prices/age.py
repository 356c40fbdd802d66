"""How old the fetched price list is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tokwatch.prices.header import FILE_NAME

DAY_MS: Final = 86_400_000


def age_days(folder: Path, now_ms: int) -> int | None:
    """Return since how many days the list in a folder lies there; None without one."""
    try:
        since_ms = (folder / FILE_NAME).stat().st_mtime_ns // 1_000_000
    except OSError:
        return None
    return max(0, now_ms - since_ms) // DAY_MS
