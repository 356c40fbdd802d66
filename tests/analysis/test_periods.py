"""Rows of reports: sums by period and by name."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from tokwatch.analysis.calendar import day_number
from tokwatch.analysis.periods import Period, name_rows, period_rows
from tokwatch.analysis.sums import by_cost, grouped, total
from tokwatch.model.usage import NO_USAGE, Cell, CostMode, Usage

ONE = Usage(**{name: number + 1 for number, name in enumerate(Usage.__struct_fields__)})


def cell(day: date, model: str, nano: int) -> Cell:
    """Return a day's usage of a model."""
    used = Usage(requests=1, computed_nano=nano, auto_nano=nano, logged_nano=100 - nano)
    return Cell((day_number(day), model), used)


def test_a_total_is_the_sum_field_by_field() -> None:
    assert total([]) == NO_USAGE
    assert total([ONE]) == ONE
    assert total([ONE, ONE, NO_USAGE]) == ONE + ONE
    assert (ONE + ONE).blind_prompt == 2 * ONE.blind_prompt


def test_groups_keep_the_order_of_appearance() -> None:
    cells = [Cell(("b",), ONE), Cell(("a",), ONE), Cell(("b",), ONE)]
    found = grouped(cells, lambda one: one.group[0])
    assert list(found.items()) == [("b", ONE + ONE), ("a", ONE)]


def test_equal_costs_are_ordered_by_name() -> None:
    cheap = replace(ONE, auto_nano=0)
    ranked = by_cost({"b": ONE, "c": cheap, "a": ONE}, CostMode.AUTO)
    assert [name for name, _ in ranked] == ["a", "b", "c"]


def test_days_weeks_and_months_have_the_same_sum() -> None:
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 20)]
    cells = [cell(day, model, 7) for day in days for model in ("x", "y")]
    rows = {period: period_rows(cells, period, CostMode.AUTO) for period in Period}
    assert [row.name for row in rows[Period.DAY]] == [day.isoformat() for day in days]
    assert [row.name for row in rows[Period.WEEK]] == ["2026-10-26", "2026-11-02", "2026-11-16"]
    assert [row.name for row in rows[Period.MONTH]] == ["2026-10", "2026-11"]
    sums = {total(row.usage for row in found) for found in rows.values()}
    assert len(sums) == 1


def test_weeks_may_begin_on_sunday() -> None:
    cells = [cell(date(2026, 11, 1), "x", 1), cell(date(2026, 11, 2), "x", 1)]
    (row,) = period_rows(cells, Period.WEEK, CostMode.AUTO, "sunday")
    assert (row.name, row.usage.requests) == ("2026-11-01", 2)


def test_models_of_a_row_come_dearest_first_under_the_mode() -> None:
    day = date(2026, 11, 1)
    cells = [cell(day, "cheap", 1), cell(day, "dear", 9)]
    (row,) = period_rows(cells, Period.DAY, CostMode.AUTO)
    assert [name for name, _ in row.models] == ["dear", "cheap"]
    (row,) = period_rows(cells, Period.DAY, CostMode.DISPLAY)
    assert [name for name, _ in row.models] == ["cheap", "dear"]


def test_named_rows_come_dearest_first() -> None:
    cells = [
        Cell(("small", "x"), Usage(auto_nano=1)),
        Cell(("big", "x"), Usage(auto_nano=5)),
        Cell(("big", "y"), Usage(auto_nano=5)),
    ]
    rows = name_rows(cells, CostMode.AUTO)
    assert [(row.name, row.usage.auto_nano) for row in rows] == [("big", 10), ("small", 1)]
    assert rows[0].models == (("x", Usage(auto_nano=5)), ("y", Usage(auto_nano=5)))
