"""Where growth lies on its running total: on an axis that every log of the total shares."""

from __future__ import annotations

import pytest

from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.stretches import Axes


def growth(tokens: int, requests: int = 1, cost: int | None = None) -> Sighting:
    """Return growth whose key is to come."""
    scope, model = Scope("droid", "s"), ModelName("", "m")
    told = Tokens(tokens, output=1, cache_read=2)
    return sighting_of(0, 5, scope, model, told, requests=requests, cost_nano=cost)


def test_growth_begins_where_the_last_one_ended() -> None:
    axes = Axes("droid")
    first, second = axes.place("s", growth(10)), axes.place("s", growth(5, 3, 70))

    assert axes.stretches[0].begins == (0,) * 8
    assert axes.stretches[0].ends == axes.stretches[1].begins == (1, 10, 2, 0, 0, 1, 0, 0)
    assert axes.stretches[1].ends == (4, 15, 4, 0, 0, 2, 0, 70)
    assert [one.key for one in axes.stretches] == [first.key, second.key]
    assert first == growth(10)._replace(key=first.key)


def test_the_next_read_goes_on() -> None:
    whole, piecewise = Axes("droid"), Axes("droid")
    one = [whole.place("s", growth(10)), whole.place("s", growth(5))]
    two = [piecewise.place("s", growth(10))]
    piecewise = Axes("droid", piecewise.entries)
    two.append(piecewise.place("s", growth(5)))

    assert one == two


def test_two_ends_name_a_stretch() -> None:
    """The same growth between the same totals is the same, whoever looks; nothing else is."""
    looks = [("droid", "s", 10), ("droid", "s", 11), ("droid", "t", 10), ("vibe", "s", 10)]
    keys = [Axes(source).place(name, growth(tokens)).key for source, name, tokens in looks]

    assert len(set(keys)) == len(looks)
    assert Axes("droid").place("s", growth(10)).key == keys[0]


def test_what_is_passed_over_counts_nothing_and_takes_its_place() -> None:
    axes = Axes("hermes")
    passed, next_one = axes.pass_over("s", growth(10)), axes.place("s", growth(5))

    assert (passed.grade, next_one.grade) == (Grade.GHOST, Grade.RECORD)
    assert axes.stretches[1].begins[1] == 10


@pytest.mark.parametrize("entry", [3, [1], [1] * 7 + ["x"], None, [True] * 8])
def test_state_that_is_no_state_is_none(entry: object) -> None:
    axes = Axes("droid", {"s": entry})
    axes.place("s", growth(7))

    assert axes.stretches[0].begins == (0,) * 8
