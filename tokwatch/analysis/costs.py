"""Spending in rows and columns, against the range before, and by hour and weekday."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from tokwatch.model.facets import NOTHING, TIMES, Amount, Facet, Spending, Unit, Value, total

WEEKDAYS: Final = 7
HOURS: Final = 24
MOST_LINES: Final = 500
"""Lines of a table: what is smaller can be seen once something is picked."""


class CostLine(Struct, frozen=True):
    """What one value of the rows' facet cost, by the values of the columns' facet."""

    value: Value
    amount: Amount
    before: Amount | None
    """In the range before; None where there is none."""
    cells: tuple[Amount, ...]
    """In the order of the table's columns."""


class CostTable(Struct, frozen=True):
    """Spending by one facet in rows and, where there is one, another in columns."""

    rows: Facet
    columns: Facet | None
    values: tuple[Value, ...]
    """Of the columns; names with the dearest first, times in their order."""
    lines: tuple[CostLine, ...]
    """Names with the dearest first, days with the newest, hours and weekdays in their order."""
    others: int
    """Values without a line: those of the smallest amounts."""
    amount: Amount
    """All values together, those without a line as well."""
    before: Amount | None


def merged(*parts: Sequence[Spending]) -> list[Spending]:
    """Return the sums of several parts' groups, in order."""
    if len(parts) == 1:
        return list(parts[0])
    groups: dict[tuple[Value, ...], list[Amount]] = {}
    for part in parts:
        for group, amount in part:
            groups.setdefault(group, []).append(amount)
    return [Spending(group, total(groups[group])) for group in sorted(groups)]


def cost_table(
    now: Sequence[Spending],
    before: Sequence[Spending] | None,
    rows: Facet,
    columns: Facet | None,
    unit: Unit,
) -> CostTable:
    """Return spending as a table.

    `now` is by rows and columns, or by rows alone; `before` is by rows. A value that was spent
    on before alone has a line too.
    """
    by_row = _sums(now, 0)
    by_column = _sums(now, 1) if columns else {}
    earlier = None if before is None else _sums(before, 0)
    known = {value: by_row.get(value, NOTHING) for value in by_row.keys() | (earlier or {}).keys()}
    order = _ordered(known, rows, unit)
    values = tuple(_ordered(by_column, columns, unit)) if columns else ()
    cells = {group: amount for group, amount in now} if columns else {}
    lines = tuple(
        CostLine(
            value,
            known[value],
            None if earlier is None else earlier.get(value, NOTHING),
            tuple(cells.get((value, column), NOTHING) for column in values),
        )
        for value in order[:MOST_LINES]
    )
    return CostTable(
        *(rows, columns, values, lines, len(order) - len(lines)),
        total([amount for _, amount in now]),
        None if earlier is None else total(list(earlier.values())),
    )


def _sums(spent: Sequence[Spending], place: int) -> dict[Value, Amount]:
    """Return the sums by one of the facets."""
    groups: dict[Value, list[Amount]] = {}
    for group, amount in spent:
        groups.setdefault(group[place], []).append(amount)
    return {value: total(amounts) for value, amounts in groups.items()}


def _ordered(sums: dict[Value, Amount], facet: Facet, unit: Unit) -> list[Value]:
    """Return values in the order in which they are shown."""
    if facet in TIMES:
        return sorted(sums, key=int, reverse=facet is Facet.DAY)
    return sorted(sums, key=lambda value: (-sums[value].of(unit), str(value)))


class HeatMap(Struct, frozen=True):
    """Spending by weekday and hour of the day, by the clock on the wall."""

    since_ms: int
    until_ms: int
    first_weekday: int
    """With which the week begins; 0 is Monday."""
    cells: tuple[tuple[Amount, ...], ...]
    """24 hours of each weekday, the first weekday's first."""

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The weekday of each line."""
        return tuple((self.first_weekday + line) % WEEKDAYS for line in range(WEEKDAYS))

    @property
    def amount(self) -> Amount:
        """All of it."""
        return total([cell for line in self.cells for cell in line])


def heat_map(
    spent: Iterable[Spending], since_ms: int, until_ms: int, first_weekday: int
) -> HeatMap:
    """Return the map of spending by (WEEKDAY, HOUR)."""
    known = {group: amount for group, amount in spent}
    return HeatMap(
        *(since_ms, until_ms, first_weekday),
        tuple(
            tuple(
                known.get(((first_weekday + line) % WEEKDAYS, hour), NOTHING)
                for hour in range(HOURS)
            )
            for line in range(WEEKDAYS)
        ),
    )
