"""Calibrations by model: how far token counts are off, and what corrects them."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.store.calibrations import COLUMNS
from tokwatch.store.statuses import found_path
from tokwatch.store.view import IMPORTED, Conditions, View, log_conditions
from tokwatch.tokens.calibrated import Calibration, Kind


def read_calibrations(view: View) -> list[Calibration]:
    """Return the calibrations by model, kind and encoding; of several users' one."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    if view.user is not None:
        found.add("t.user_name = ?", view.user)
    rows = view.database.rows(
        f"SELECT {', '.join(f't.{name}' for name in COLUMNS)} FROM calibration t"
        f" WHERE {found.text} ORDER BY t.model, t.kind, t.encoding, t.pairs DESC, t.user_name",
        found.values,
    )
    first: dict[tuple[str, str, str], Calibration] = {}
    for model, kind, encoding, *rest in rows:
        found_one = Calibration(model, Kind(kind), encoding, *rest)
        first.setdefault((model, kind, encoding), found_one)
    return list(first.values())


class CalibrationLog(NamedTuple):
    """A log whose text can be counted again."""

    source: str
    path: str
    session: str


def calibration_logs(view: View, since_ms: int = 0, machine: str = "") -> list[CalibrationLog]:
    """Return the logs of this machine that changed since an instant, the newest first."""
    found = log_conditions(view)
    found.add(
        "g.inode <> ? AND g.machine = ? AND g.mtime_ns >= ?",
        str(IMPORTED),
        machine,
        since_ms * 1_000_000,
    )
    rows = view.database.rows(
        f"SELECT g.source, g.path, g.session FROM log g WHERE {found.text}"
        " ORDER BY g.mtime_ns DESC, g.path",
        found.values,
    )
    return [CalibrationLog(source, found_path(path), session) for source, path, session in rows]
