"""Reads the rows of a session report."""

from __future__ import annotations

from tokwatch.analysis.periods import Row, name_rows
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice
from tokwatch.store.read.sessions import Activity, activity
from tokwatch.store.read.usage import usage
from tokwatch.store.view import View


def read_sessions(view: View, part: Slice, mode: CostMode) -> list[Row]:
    """Return a row for each session, its agents included, the dearest first."""
    by = (Dimension.SOURCE, Dimension.SESSION, Dimension.MODEL)
    cells = [
        Cell((_name(*cell.group[:2]), cell.group[2]), cell.usage) for cell in usage(view, part, by)
    ]
    return name_rows(cells, mode)


def read_activity(view: View, part: Slice) -> dict[str, Activity]:
    """Return where and when each session took place, by the name of its row."""
    return {_name(one.source, one.session): one for one in activity(view, part)}


def _name(source: str | int, session: str | int) -> str:
    """Return what tells a session from those of every other source."""
    return f"{source}\0{session}"
