"""Sums of rows by quarter-hour, scope and model: both engines make the same ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.row_engines import (
    COMPILED_ENGINE,
    ENGINES,
    PLAIN_ENGINE,
    Engine,
    engine_of,
    exact,
    rows,
)
from tokwatch.model.event import Grade
from tokwatch.model.units import QUARTER_MS
from tokwatch.store.cells import cells_of, plain_cells_of
from tokwatch.store.rows import Priced

Known = int | None


def row(
    *counts: Known,
    at_ms: int = 0,
    scope: int = 1,
    model: int = 1,
    requests: int = 1,
    searches: int = 0,
    logged: Known = None,
    grade: int = Grade.RECORD,
    final: int = 1,
    nano: Known = 0,
) -> Priced:
    """Return a row with some counts, from fresh input to reasoning; the others are nought."""
    fresh, read, short, long, output, reasoning = counts + (0,) * (6 - len(counts))
    return (
        *(7, 1, at_ms, at_ms, scope, model, requests, fresh, read, short, long, output, reasoning),
        *(searches, logged, None, int(grade), final, 0, 0, 1, nano),
    )


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return each engine."""
    return engine_of(request.param)


def sums(engine: Engine, *batch: Priced) -> tuple[int, ...]:
    """Return the measures of rows that are all of one cell."""
    found = engine.cells_of(batch)
    assert found is not None
    [cell] = found
    return cell[3:]


@settings(max_examples=60)
@given(batch=st.lists(rows(odd=False), max_size=12))
def test_both_make_the_same_sums(batch: list[Priced]) -> None:
    compiled, in_python = engine_of(COMPILED_ENGINE), engine_of(PLAIN_ENGINE)

    assert exact(compiled.cells_of(batch)) == exact(in_python.cells_of(batch))


@settings(max_examples=60)
@given(batch=st.lists(rows(odd=False), max_size=3), odd=rows(odd=True))
def test_what_is_not_plain_is_summed_all_the_same(batch: list[Priced], odd: Priced) -> None:
    expected = exact(plain_cells_of([*batch, odd]))
    found = engine_of(COMPILED_ENGINE).cells_of([*batch, odd])

    assert found is None or exact(found) == expected
    assert exact(cells_of([*batch, odd])) == expected


def test_a_cell_is_of_a_quarter_hour_a_scope_and_a_model(engine: Engine) -> None:
    """They come in the order of their first rows."""
    late = QUARTER_MS
    batch = [row(1, at_ms=late), row(2, at_ms=late - 1), row(3, at_ms=2 * late - 1)]
    batch += [row(4, scope=2), row(5, model=2), row(6, at_ms=late), row(7, at_ms=0)]

    found = engine.cells_of(batch)

    assert found is not None
    assert [(*cell[:4], cell[5]) for cell in found] == [
        (QUARTER_MS, 1, 1, 3, 10),
        (0, 1, 1, 2, 9),
        (0, 2, 1, 1, 4),
        (0, 1, 2, 1, 5),
    ]
    assert engine.cells_of([]) == []


def test_many_cells_are_all_kept(engine: Engine) -> None:
    batch = [row(scope, scope=scope) for scope in range(1, 500)] * 2

    found = engine.cells_of(batch)

    assert found is not None
    assert [(cell[1], cell[3], cell[5]) for cell in found] == [
        (scope, 2, 2 * scope) for scope in range(1, 500)
    ]


def test_counts_are_added_and_what_is_unknown_is_nought(engine: Engine) -> None:
    first = row(1, 2, 4, 8, 16, 32, requests=3, searches=5, logged=7, nano=9)
    second = row(100, None, None, None, None, None, requests=10, nano=20)

    assert sums(engine, first)[:12] == (1, 3, 1, 2, 4, 8, 16, 32, 5, 7, 9, 7)
    assert sums(engine, first, second)[:12] == (2, 13, 101, 2, 4, 8, 16, 32, 5, 7, 29, 27)


def test_the_best_cost_is_the_logged_one_else_the_computed(engine: Engine) -> None:
    costs = [(5, 9), (None, 20), (0, 40), (80, None), (None, None)]

    assert sums(engine, *(row(logged=logged, nano=nano) for logged, nano in costs))[9:12] == (
        *(85, 69, 105),
    )


def test_tokens_without_a_price_are_prompt_and_output(engine: Engine) -> None:
    counts = (1, 2, 4, 8, 16, 32)

    assert sums(engine, row(*counts, nano=None))[12:14] == (31, 31)
    assert sums(engine, row(*counts, nano=None, logged=0))[12:14] == (31, 0)
    assert sums(engine, row(*counts, nano=0))[12:14] == (0, 0)
    assert sums(engine, row(None, 2, None, 8, None, 32, nano=None))[12:14] == (10, 10)


def test_requests_that_are_lower_bounds_or_derived_are_counted(engine: Engine) -> None:
    batch = [row(requests=3, final=0), row(requests=5), row(requests=7, grade=Grade.DERIVED)]
    batch += [row(requests=11, grade=grade) for grade in {*Grade, 2**70} - {Grade.DERIVED}]
    batch += [row(requests=13, final=2)]

    assert sums(engine, *batch)[14:] == (3, 0, 7)


def test_a_prompt_whose_cache_reads_are_unknown_is_counted(engine: Engine) -> None:
    batch = [row(1, None, 4, 8, 16), row(100, 200), row(None, None, 32, None, 64)]

    assert sums(engine, *batch)[15] == 45


def test_sums_are_no_larger_than_c_holds() -> None:
    """A million rows of the largest numbers that it takes; one row more is left to Python."""
    compiled, most, number = engine_of(COMPILED_ENGINE), 2**40 - 1, 2**20
    largest = row(*(most,) * 6, searches=most, requests=most, nano=None)

    assert sums(compiled, *(largest,) * number) == (
        *(
            number,
            number * most,
            *(number * most,) * 7,
            0,
            0,
            0,
            *(number * 5 * most,) * 2,
            0,
            0,
            0,
        ),
    )
    assert compiled.cells_of([largest] * (number + 1)) is None


@pytest.mark.parametrize("place", [2, 4, 5, *range(6, 15), 17, 21])
def test_a_number_that_is_not_plain_is_left_to_python(place: int) -> None:
    compiled = engine_of(COMPILED_ENGINE)
    odd = [-1, 2**62, 2**63, -(2**63) - 1, True, 1.5]
    if place not in (2, 4, 5, 17):  # a count, or an amount of money
        odd.append(2**40)
    for number in odd:
        batch: Any = [row(1), (*row(2)[:place], number, *row(3)[place + 1 :])]

        assert compiled.cells_of(batch) is None
