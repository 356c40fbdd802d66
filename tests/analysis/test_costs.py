"""Tables and the heat map: lines, columns and totals add up, against plain sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.costs import (
    MOST_LINES,
    cost_table,
    heat_map,
    merged,
)
from tokwatch.model.facets import NOTHING, Amount, Facet, Spending, Unit, Value, total

COUNT = st.integers(0, 10**12)
AMOUNTS = st.builds(Amount, *(COUNT for _ in Amount._fields))
NAMES = st.sampled_from(("opus", "haiku", "sonnet", ""))
BY_TWO = st.dictionaries(st.tuples(NAMES, NAMES), AMOUNTS)
BY_ONE = st.dictionaries(st.tuples(NAMES), AMOUNTS)


def spending(found: Mapping[tuple[Any, ...], Amount]) -> list[Spending]:
    """Return groups as a read returns them."""
    return [Spending(group, found[group]) for group in sorted(found)]


def plain_sum(amounts: list[Amount]) -> Amount:
    """Return the sum, field by field."""
    return Amount(*(sum(getattr(one, name) for one in amounts) for name in Amount._fields))


@given(BY_TWO, BY_ONE, st.sampled_from(Unit))
def test_lines_and_columns_add_up_to_the_total(
    now: dict[tuple[str, ...], Amount], before: dict[tuple[str, ...], Amount], unit: Unit
) -> None:
    table = cost_table(spending(now), spending(before), Facet.PROJECT, Facet.MODEL, unit)

    assert table.amount == plain_sum(list(now.values()))
    assert table.before == plain_sum(list(before.values()))
    assert plain_sum([line.amount for line in table.lines]) == table.amount
    assert plain_sum([line.before for line in table.lines if line.before]) == table.before
    for line in table.lines:
        assert plain_sum(list(line.cells)) == line.amount
        assert line.amount == plain_sum([a for (row, _), a in now.items() if row == line.value])
    for place, value in enumerate(table.values):
        column = [line.cells[place] for line in table.lines]
        assert plain_sum(column) == plain_sum([a for (_, c), a in now.items() if c == value])
    shown = [line.amount.of(unit) for line in table.lines]
    assert shown == sorted(shown, reverse=True)


@given(BY_TWO, BY_TWO, BY_TWO)
def test_parts_of_a_range_add_up(
    one: dict[tuple[Value, ...], Amount],
    two: dict[tuple[Value, ...], Amount],
    three: dict[tuple[Value, ...], Amount],
) -> None:
    found = merged(spending(one), spending(two), spending(three))
    assert [cell.group for cell in found] == sorted({*one, *two, *three})
    for cell in found:
        assert cell.amount == plain_sum(
            [part.get(cell.group, NOTHING) for part in (one, two, three)]
        )
    assert merged(spending(one)) == spending(one)
    assert merged() == []


def of(nano: int) -> Amount:
    """Return one request of a cost."""
    return Amount(requests=1, nano=nano)


def test_without_a_column_facet_a_line_has_no_cells() -> None:
    now = [Spending(("a",), of(3)), Spending(("b",), of(5))]
    table = cost_table(now, None, Facet.MODEL, None, Unit.COST)
    assert [(line.value, line.amount.nano, line.before, line.cells) for line in table.lines] == [
        ("b", 5, None, ()),
        ("a", 3, None, ()),
    ]
    assert (table.values, table.before) == ((), None)


def test_what_was_spent_on_before_alone_has_a_line() -> None:
    table = cost_table([], [Spending(("gone",), of(7))], Facet.MODEL, None, Unit.COST)
    (line,) = table.lines
    assert (line.value, line.amount, line.before) == ("gone", NOTHING, of(7))


def test_days_begin_with_the_newest_hours_go_round_the_clock() -> None:
    now = [Spending((number,), of(number)) for number in (1, 2, 3)]
    days = cost_table(now, None, Facet.DAY, None, Unit.COST)
    hours = cost_table(now, None, Facet.HOUR, None, Unit.COST)
    assert [line.value for line in days.lines] == [3, 2, 1]
    assert [line.value for line in hours.lines] == [1, 2, 3]


def test_the_unit_decides_the_order() -> None:
    dear = Amount(requests=1, input=5, nano=9)
    busy = Amount(requests=7, input=1, nano=2)
    wordy = Amount(requests=2, output=90, nano=1)
    now = [Spending((name,), one) for name, one in (("d", dear), ("b", busy), ("w", wordy))]
    firsts = [
        cost_table(now, None, Facet.MODEL, None, unit).lines[0].value
        for unit in (Unit.COST, Unit.TOKENS, Unit.REQUESTS)
    ]
    assert firsts == ["d", "w", "b"]


def test_more_values_than_lines_are_counted_and_still_in_the_total() -> None:
    now = [Spending((f"{number:04}",), of(1)) for number in range(MOST_LINES + 3)]
    table = cost_table(now, None, Facet.SESSION, None, Unit.COST)
    assert (len(table.lines), table.others, table.amount.nano) == (MOST_LINES, 3, MOST_LINES + 3)


@given(
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), AMOUNTS),
    st.integers(0, 6),
)
def test_the_heat_map_holds_every_hour_of_the_week(
    found: dict[tuple[int, int], Amount], first: int
) -> None:
    heat = heat_map([Spending(group, one) for group, one in found.items()], 1, 2, first)
    assert heat.amount == plain_sum(list(found.values()))
    assert sorted(heat.weekdays) == list(range(7))
    assert heat.weekdays[0] == first
    for line, weekday in enumerate(heat.weekdays):
        assert [heat.cells[line][hour] for hour in range(24)] == [
            found.get((weekday, hour), NOTHING) for hour in range(24)
        ]


def test_nothing_sums_to_nothing() -> None:
    assert total([]) == NOTHING
    assert total([of(3)]) == of(3)
