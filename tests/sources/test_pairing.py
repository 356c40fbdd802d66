"""Requests find their answers by order and time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.sources.pairing import paired

TIMES = st.lists(st.integers(0, 20), max_size=8).map(sorted)


def test_as_many_of_each_belong_together_one_by_one() -> None:
    assert list(paired([5, 6], [1, 2])) == [(0, 0), (1, 1)]


def test_else_what_ended_is_of_the_last_that_had_begun() -> None:
    assert list(paired([0, 10, 20], [11, 21])) == [(1, 0), (2, 1)]
    assert list(paired([0, 10], [1, 2, 12])) == [(0, 0), (1, 2)]
    assert list(paired([], [1])) == []
    assert list(paired([9], [])) == []


@settings(max_examples=25)
@given(begun=TIMES, ended=TIMES)
def test_each_belongs_once_and_in_order(begun: list[int], ended: list[int]) -> None:
    pairs = list(paired(begun, ended))
    assert pairs == sorted(pairs)
    for side in (0, 1):
        places = [pair[side] for pair in pairs]
        assert len(set(places)) == len(places)
    if len(begun) != len(ended):
        assert all(begun[start] <= ended[end] for start, end in pairs)
