"""Makes of good records what broken and hostile ones look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

HOSTILE = "\x1b[31mred\x1b]0;title\x07 \u202etxt \ud800 [bold]x[/] " + "long " * 200

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from([HOSTILE, "", "2026-08-01T10:00:00Z", "0", "NaN", -1, 1e300])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
"""Any JSON value, those that Python writes beyond the standard included."""


@st.composite
def spoilt(draw: Callable[..., Any], record: object) -> object:
    """Return a record in which one value, however deep, is another one or missing."""
    copy = json.loads(json.dumps(record))
    place = draw(st.sampled_from(places(copy)))
    if not place:
        return draw(ANYTHING)
    inner = copy
    for step in place[:-1]:
        inner = inner[step]
    if draw(st.booleans()) and isinstance(inner, dict):
        del inner[place[-1]]
    else:
        inner[place[-1]] = draw(ANYTHING)
    return copy


def places(value: object) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a value, itself first."""
    found: list[tuple[Any, ...]] = [()]
    steps: Any = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, inner in steps:
        found += [(step, *rest) for rest in places(inner)]
    return found


def bytes_of(record: object) -> bytes:
    """Return a record as JSON, whatever is in it, without a newline."""
    return json.dumps(record).encode()


def shuffled(random: Any, value: object) -> object:  # hypothesis types no randoms
    """Return the same JSON value with the keys of every object in another order."""
    if isinstance(value, list):
        return [shuffled(random, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    random.shuffle(names)
    return {name: shuffled(random, value[name]) for name in names}
