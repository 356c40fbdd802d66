"""Copies a store while it is in use: always whole, whoever writes meanwhile."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tokwatch.errors import TokwatchError


def backup(store: Path, target: Path) -> None:
    """Copy a SQLite store as of one moment to a file that does not exist yet."""
    if target.exists():
        raise TokwatchError(f"{target} exists already", "Name another file, or remove it first.")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            # In one step: in several, each write in between would begin the copy anew.
            source.backup(copy)
        os.replace(unfinished, target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise TokwatchError(
            f"cannot copy {store} to {target}: {error}", "Check both folders and the free space."
        ) from error
