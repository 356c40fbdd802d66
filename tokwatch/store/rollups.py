"""Keeps the roll-ups equal to the events: grows them, compares them, makes them anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tokwatch.store.connect import Database
from tokwatch.store.sql import DROP_EMPTY_CELLS, GROW_ROLLUPS, GROW_SQLITE, MEASURES, delta_of
from tokwatch.store.store import setting

DayOf = Callable[[int], int]
"""Day (since 1970-01-01, in the zone of the roll-ups) of a quarter-hour's start in UTC ms."""

PRUNED: Final = "pruned_before_ms"
"""Setting that tells from when on the events are there; of those before, only the sums are."""

_SUMS: Final = ", ".join(f"CAST(sum(d.{name}) AS BIGINT)" for name in MEASURES)
_CELLS: Final = {
    "quarter": (
        "quarter_ms, scope, model",
        "d.quarter_ms, d.scope, d.model",
        "delta d",
    ),
    "day": (
        "day, place, model",
        "k.day, o.place, d.model",
        "delta d JOIN calendar k ON k.quarter_ms = d.quarter_ms JOIN scope o ON o.id = d.scope",
    ),
    "total": ("scope, model", "d.scope, d.model", "delta d"),
}
"""For each roll-up: its dimensions, and how they come from the sums by quarter-hour."""


class RollUps:
    """The roll-ups of one workspace; the temporary tables of `sql.py` must exist."""

    def __init__(self, database: Database, workspace: int, day_of: DayOf) -> None:
        """Use the days that `day_of` tells."""
        self._database = database
        self._workspace = workspace
        self._day_of = day_of

    def grow(self) -> None:
        """Add the pending changes in `delta` to every roll-up."""
        self._know_days()
        for statement in GROW_ROLLUPS if self._database.postgres else GROW_SQLITE:
            self._database.execute(statement, (self._workspace,))
        if self._database.value("SELECT 1 FROM delta WHERE events < 0"):
            for statement in DROP_EMPTY_CELLS:
                self._database.execute(statement, (self._workspace,))

    def differences(self) -> dict[str, int]:
        """Return how many cells of each roll-up differ from the events; equal ones are left out."""
        self._sum_events()
        found = {table: self._differing(table) for table in _CELLS}
        return {table: cells for table, cells in found.items() if cells}

    def rebuild(self) -> dict[str, int]:
        """Make every roll-up anew from the events, and return where they had differed."""
        differing = self.differences()
        for table in differing:
            self._database.execute(f"DELETE FROM {table} WHERE workspace = ?", (self._workspace,))
        for table, statement in zip(_CELLS, GROW_ROLLUPS, strict=True):
            if table in differing:
                self._database.execute(statement, (self._workspace,))
        return differing

    def remake_days(self) -> None:
        """Make the roll-up by day anew: its days are those of another zone now."""
        self._database.script(("DELETE FROM delta", "DELETE FROM calendar"))
        self._take_quarters("true")
        self._know_days()
        self._database.execute("DELETE FROM day WHERE workspace = ?", (self._workspace,))
        self._database.execute(GROW_ROLLUPS[list(_CELLS).index("day")], (self._workspace,))

    def _sum_events(self) -> None:
        """Sum the events up by quarter-hour; of pruned ones only the sums are left."""
        self._database.execute("DELETE FROM delta")
        kept_ms = int(setting(self._database, self._workspace, PRUNED) or 0)
        events = f"event e WHERE e.workspace = {self._workspace:d} AND e.instant_ms >= {kept_ms:d}"
        self._database.execute(delta_of(events, 1))
        self._take_quarters("quarter_ms < ?", kept_ms)
        self._know_days()

    def _take_quarters(self, which: str, *values: int) -> None:
        columns = f"quarter_ms, scope, model, {', '.join(MEASURES)}"
        self._database.execute(
            f"INSERT INTO delta ({columns}) SELECT {columns} FROM quarter"
            f" WHERE workspace = ? AND {which}",
            (self._workspace, *values),
        )

    def _differing(self, table: str) -> int:
        dimensions, select, source = _CELLS[table]
        stored = f"SELECT {dimensions}, {', '.join(MEASURES)} FROM {table} WHERE workspace = ?"
        derived = f"SELECT * FROM (SELECT {select}, {_SUMS} FROM {source} GROUP BY {select}) a"
        count: int = self._database.value(
            f"SELECT count(*) FROM (SELECT {dimensions} FROM ({derived} EXCEPT {stored}) x"
            f" UNION SELECT {dimensions} FROM ({stored} EXCEPT {derived}) y) z",
            (self._workspace, self._workspace),
        )
        return count

    def _know_days(self) -> None:
        new = self._database.rows(
            "SELECT DISTINCT quarter_ms FROM delta WHERE quarter_ms NOT IN"
            " (SELECT quarter_ms FROM calendar)"
        )
        self._database.executemany(
            "INSERT INTO calendar (quarter_ms, day) VALUES (?, ?)",
            [(quarter, self._day_of(quarter)) for (quarter,) in new],
        )
