"""Brings what is known of conversations up to date before a command looks at them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.config import Config


def read_conversations(config: Config, since_ms: int) -> None:
    """Read the conversations of the range, and say so where that takes a while."""
    from tokwatch.ingest.detail_refresh import refresh_details

    is_told = False
    for left_bytes, logs in refresh_details(config, since_ms):
        if not is_told and left_bytes > 20_000_000:
            is_told = True
            told = f"reading {counted(logs, 'conversation')}, {left_bytes / 1e6:,.0f} MB ..."
            print(f"tokwatch: {told}", file=sys.stderr)
