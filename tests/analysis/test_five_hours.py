"""The running block: by the algorithm, and by the reset time that a log tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.blocks import blocks
from tokwatch.analysis.five_hours import Limit, limited_block, running_block
from tokwatch.model.facets import Spell
from tokwatch.model.stored import Moment
from tokwatch.model.units import QUARTER_MS

NOON = 1_774_267_200_000
HOUR_MS = 4 * QUARTER_MS
LIMIT = Limit("codex", NOON, NOON - 3 * HOUR_MS, NOON + 2 * HOUR_MS, 41.0)


def spell(at_ms: int, nano: int = 10) -> Spell:
    """Return a quarter of an hour with two requests."""
    return Spell(at_ms, nano, 100, 2)


@given(
    st.lists(st.integers(0, 4 * 60), unique=True, max_size=40),
    st.integers(0, 60 * HOUR_MS),
)
def test_the_running_block_is_the_last_one_of_single_requests(
    quarters: list[int], later_ms: int
) -> None:
    """Requests at the end of each quarter make the same blocks as the quarters do."""
    spells = [spell(NOON + number * QUARTER_MS) for number in sorted(quarters)]
    at_ms = NOON + later_ms
    seen = [one for one in spells if one.at_ms <= at_ms]
    found = blocks(
        Moment(min(one.at_ms + QUARTER_MS - 1, at_ms), "", 0, 0, 0, 0, one.nano) for one in seen
    )
    last = found[-1] if found and found[-1].is_active(at_ms) else None
    running = running_block(spells, at_ms, 5)
    if last is None:
        assert running is None
    else:
        assert running is not None
        assert (running.begin_ms, running.end_ms) == (last.start_ms, last.end_ms)
        inside = [one for one in seen if last.start_ms <= one.at_ms]
        assert running.nano == last.nano == sum(one.nano for one in inside)
        assert running.tokens == 100 * len(inside)
        assert running.requests == 2 * len(inside)
        assert running.limit is None


def test_a_block_begins_on_the_full_hour_of_its_first_request() -> None:
    running = running_block([spell(NOON + QUARTER_MS)], NOON + HOUR_MS, 5)
    assert running is not None
    assert (running.begin_ms, running.end_ms) == (NOON, NOON + 5 * HOUR_MS)


def test_a_block_that_is_over_runs_no_more() -> None:
    assert running_block([spell(NOON)], NOON + 5 * HOUR_MS, 5) is None
    assert running_block([], NOON, 5) is None


def test_a_limits_block_lies_where_its_log_says() -> None:
    spells = [spell(NOON - 3 * HOUR_MS), spell(NOON), spell(NOON + HOUR_MS)]
    running = limited_block(spells, LIMIT, NOON + 1)
    assert running is not None
    assert (running.begin_ms, running.end_ms) == (LIMIT.begin_ms, LIMIT.resets_ms)
    assert (running.nano, running.tokens, running.requests) == (20, 200, 4)
    assert running.limit == LIMIT


def test_a_limit_holds_from_when_it_was_told_until_it_resets() -> None:
    assert limited_block([], LIMIT, NOON - 1) is None
    assert limited_block([], LIMIT, LIMIT.resets_ms) is None
    assert limited_block([], LIMIT, LIMIT.resets_ms - 1) is not None
