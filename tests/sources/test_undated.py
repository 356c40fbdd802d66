"""Totals without an instant are told of once."""

from __future__ import annotations

from tokwatch.sources.undated import Undated


def test_a_total_is_told_of_once() -> None:
    first = Undated()
    for name in ("a", "b", "a"):
        first.note(name)
    second = Undated(first.names)
    for name in ("b", "c"):
        second.note(name)

    assert (first.count, second.count) == (2, 1)
    assert second.names == ["a", "b", "c"]


def test_state_that_is_no_state_is_none() -> None:
    assert Undated({"a": 1}).names == []
    assert Undated([1, "a"]).names == ["a"]
