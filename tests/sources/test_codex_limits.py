"""What Codex logs tell of the plan's limits: told once for each change, never fatal."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.codex_lines import AT, event, line, meta, totals, turn
from tests.sources.conftest import Read
from tests.sources.road import Road, reading, write
from tokwatch.model.limits import PLAN_LIMIT
from tokwatch.model.measure import Measure
from tokwatch.sources.agents.codex_limits import limits_of, told_so, unlike
from tokwatch.store.read.every import measures

AT_MS = 1_785_578_400_000
FIVE_HOURS = {"used_percent": 9.0, "window_minutes": 300, "resets_at": 1_785_580_000}
WEEK = {"used_percent": 14, "window_minutes": 10_080, "resets_at": 1_786_000_000}


def limited(primary: object, secondary: object = None, at: str = AT) -> bytes:
    """Return a `token_count` event with limits."""
    limits = {"limit_id": "codex", "primary": primary, "secondary": secondary}
    return event("token_count", at, info=None, rate_limits=limits)


def test_each_limit_is_a_measure_of_percent_with_its_reset() -> None:
    first, second = limits_of(limited(FIVE_HOURS, WEEK), "70")
    assert first == Measure(
        PLAN_LIMIT,
        AT_MS,
        9.0,
        "%",
        (("minutes", "300"), ("resets", "1785580000"), ("source", "codex")),
        "70 primary",
    )
    assert (second.value, second.origin) == (14.0, "70 secondary")


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        [],
        {},
        FIVE_HOURS | {"resets_at": None},
        FIVE_HOURS | {"resets_at": -1},
        FIVE_HOURS | {"resets_at": 1e9},
        FIVE_HOURS | {"window_minutes": 0},
        FIVE_HOURS | {"window_minutes": 10**9},
        FIVE_HOURS | {"used_percent": "9"},
        FIVE_HOURS | {"used_percent": None},
    ],
)
def test_what_is_no_limit_is_left_out(told: object) -> None:
    assert limits_of(limited(told), "0") == ()


def test_lines_without_limits_tell_none() -> None:
    assert limits_of(totals((1, 0, 1, 0)), "0") == ()
    assert limits_of(line("event_msg", {"rate_limits": 5}), "0") == ()
    assert limits_of(limited(FIVE_HOURS, at="nonsense"), "0") == ()
    assert limits_of(b"{broken", "0") == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("primary", "used_percent", "window_minutes", "resets_at")), inner
            )
        ),
        max_leaves=8,
    )
)
def test_anything_in_place_of_limits_is_harmless(told: Any) -> None:
    payload = {"type": "token_count", "rate_limits": told}
    text = json.dumps({"timestamp": AT, "payload": payload})
    for one in limits_of(text.encode(), "0"):
        assert math.isfinite(one.value)
        assert dict(one.tags)["resets"].isdecimal()


def test_the_last_line_of_a_read_tells(codex: Read) -> None:
    found = codex(
        meta(),
        turn(),
        limited(FIVE_HOURS),
        limited(FIVE_HOURS | {"used_percent": 11}, WEEK),
    )
    assert [one.value for one in found.measures] == [11.0, 14.0]
    assert found.sightings == []


def test_what_was_told_so_before_is_not_told_again(rollout: Path, sessions: Path) -> None:
    same, more = limited(FIVE_HOURS, WEEK), limited(FIVE_HOURS | {"used_percent": 10}, WEEK)
    found: list[list[float]] = []
    cursor, lines = None, b""
    for new in (meta() + same, same + more, more):
        lines += new
        one = reading("codex", write(rollout, lines), sessions, cursor)
        cursor = one.cursor
        found.append([measure.value for measure in one.measures])
    assert found == [[9.0, 14.0], [10.0], []]


def test_limits_reach_the_store_as_measures(road: Road, rollout: Path) -> None:
    write(rollout, meta(), turn(), totals((5, 0, 1, 0)), limited(FIVE_HOURS, WEEK))
    road.read()
    found = measures(road.view, PLAN_LIMIT, tags=(("minutes", "300"),))
    assert [(one.value, dict(one.tags)["resets"]) for one in found] == [(9.0, "1785580000")]


def test_a_limit_is_known_by_what_it_says_not_by_when() -> None:
    (early,) = limits_of(limited(FIVE_HOURS), "0")
    (late,) = limits_of(limited(FIVE_HOURS, at="2026-08-01T11:00:00.000Z"), "9")
    assert told_so(early) == told_so(late)
    assert unlike((late,), (told_so(early),)) == ()
    assert unlike((late,), ()) == (late,)
