"""Near-duplicates are found in bands as they would be by looking at every pair."""

from __future__ import annotations

import random

import pytest

from tokwatch.analysis.likeness import MOST_BITS, is_near, near_keys
from tokwatch.model.repeats import KeyKind, Likeness, RequestKeys


def keyed(own: int, sketch: int, chars: int = 100, rest: int = 1) -> RequestKeys:
    """Return the keys of a request."""
    like = Likeness(sketch, chars, rest, rest, rest) if sketch else None
    return RequestKeys(own, own, own, 0, 0, like)


def turned(sketch: int, bits: int, dice: random.Random) -> int:
    """Return a sketch with so many other bits."""
    for bit in dice.sample(range(63), bits):
        sketch ^= 1 << bit
    return sketch


def test_the_same_groups_as_by_looking_at_every_pair() -> None:
    dice = random.Random(3)
    made = [keyed(number, dice.getrandbits(63) or 1, rest=number % 2) for number in range(60)]
    for number in range(60, 400):
        like = dice.choice(made).likeness
        assert like is not None
        sketch = turned(like.sketch, dice.randrange(12), dice)
        made.append(keyed(number, sketch, dice.choice((100, 97, 80)), dice.randrange(2)))
    found = near_keys(KeyKind.WHOLE, made)
    leaders: list[RequestKeys] = []
    for keys, key in zip(made, found, strict=True):
        like = keys.likeness
        assert like is not None
        near = {
            one.whole
            for one in leaders
            if one.likeness and one.likeness.whole == like.whole and is_near(one.likeness, like)
        }
        assert key in near if near else key == keys.whole
        if not near:
            leaders.append(keys)
    assert len(leaders) < 340


@pytest.mark.parametrize(
    ("bits", "is_same"), [(0, True), (MOST_BITS, True), (MOST_BITS + 1, False)]
)
def test_so_many_bits_may_differ(bits: int, is_same: bool) -> None:
    first = keyed(1, 2**62 - 1)
    other = keyed(2, turned(2**62 - 1, bits, random.Random(5)))
    assert near_keys(KeyKind.NEWEST, [first, other]) == [1, 1 if is_same else 2]


def test_what_is_equal_is_the_same_without_a_sketch() -> None:
    assert near_keys(KeyKind.RECENT, [keyed(1, 0), keyed(2, 0), keyed(1, 0)]) == [1, 2, 1]


def test_another_rest_of_the_key_or_another_length_is_another_request() -> None:
    first = keyed(1, 7)
    assert near_keys(KeyKind.WHOLE, [first, keyed(2, 7, rest=2), keyed(3, 7, 94)]) == [1, 2, 3]
