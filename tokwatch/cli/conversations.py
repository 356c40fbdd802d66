"""Brings what is known of conversations up to date before a command looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokwatch.cli.progress import progress

if TYPE_CHECKING:
    from tokwatch.config import Config


def read_conversations(config: Config, since_ms: int) -> None:
    """Read the conversations of the range, and say how far that is where it takes a while."""
    from tokwatch.ingest.detail_refresh import refresh_details

    with progress("reading conversations") as shown:
        add, before = None, 0
        for left, _ in refresh_details(config, since_ms):
            if add is None:
                add, before = shown.of_bytes(left), left
            add(before - left)
            before = left
