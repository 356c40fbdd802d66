"""The store for a command that changes it: a screen that reads logs into it gives way meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.connect import Database


@contextmanager
def writing(config: Config) -> Iterator[tuple[Database, int]]:
    """Open the configured store and workspace, telling whom a wait is for."""
    from tokwatch.store import store

    url, data, name = config.store.url, config.data, config.general.workspace
    with store.writing(url, data, name, tell_wait) as found:
        yield found


def tell_wait(process: int) -> None:
    """Say that another process has the store."""
    who = f"process {process}" if process else "another process"
    print(f"tokwatch: waiting for {who}, which reads logs into the store ...", file=sys.stderr)
