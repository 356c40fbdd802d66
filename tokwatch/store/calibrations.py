"""Writes calibrations: the newest fit of each model takes the place of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.store.connect import Database
from tokwatch.tokens.calibrated import Calibration

COLUMNS: Final = (
    *("model", "kind", "encoding", "a", "b", "pairs", "dropped", "sessions"),
    *("error", "p90", "raw_error", "fitted_ms"),
)
_UPSERT: Final = (
    f"INSERT INTO calibration (workspace, user_name, {', '.join(COLUMNS)})"
    f" VALUES (?, ?, {', '.join('?' * len(COLUMNS))})"
    " ON CONFLICT (workspace, user_name, model, kind, encoding) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[3:])
)


def write_calibrations(
    database: Database, workspace: int, user: str, fits: Sequence[Calibration]
) -> None:
    """Keep the calibrations of one user's logs, in one transaction; others of theirs stay."""
    with database.transaction():
        for one in fits:
            database.execute(_UPSERT, (workspace, user, *one[:1], one.kind.value, *one[2:]))
