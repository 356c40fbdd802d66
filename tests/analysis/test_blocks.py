"""Five-hour blocks, checked against ccusage's rule written out word for word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.blocks import Block, blocks, pace
from tokwatch.model.stored import Moment
from tokwatch.model.units import HOUR_MS, MINUTE_MS

NOON = 1_774_267_200_000
FIVE_HOURS = 5 * HOUR_MS


def moment(at_ms: int, model: str = "opus", nano: int = 1) -> Moment:
    """Return a moment of a few tokens."""
    return Moment(at_ms, model, 10, 5, 20, 100, nano)


def by_the_rule(times: list[int]) -> list[tuple[int, int, bool]]:
    """Return (start, entries, is gap) as ccusage's rule has it."""
    found: list[tuple[int, int, bool]] = []
    start = last = count = 0
    for at in times:
        if count and (at - start > FIVE_HOURS or at - last > FIVE_HOURS):
            found.append((start, count, False))
            if at - last > FIVE_HOURS:
                found.append((last + FIVE_HOURS, 0, True))
            count = 0
        if not count:
            start = at // HOUR_MS * HOUR_MS
        count, last = count + 1, at
    return [*found, (start, count, False)] if count else found


@given(st.lists(st.integers(0, 40 * HOUR_MS // 60_000), max_size=40))
def test_blocks_are_those_of_the_rule(minutes: list[int]) -> None:
    times = sorted(NOON + minute * MINUTE_MS for minute in minutes)
    found = blocks(moment(at) for at in times)
    assert [(one.start_ms, one.entries, one.is_gap) for one in found] == by_the_rule(times)


def test_a_block_begins_on_the_full_hour_and_lasts_five() -> None:
    (found,) = blocks([moment(NOON + 17 * MINUTE_MS), moment(NOON + FIVE_HOURS)])
    assert (found.start_ms, found.end_ms) == (NOON, NOON + FIVE_HOURS)
    assert (found.first_ms, found.last_ms) == (NOON + 17 * MINUTE_MS, NOON + FIVE_HOURS)


def test_a_request_after_the_end_begins_the_next_block() -> None:
    found = blocks([moment(NOON + 59 * MINUTE_MS), moment(NOON + FIVE_HOURS + 1)])
    assert [one.start_ms for one in found] == [NOON, NOON + FIVE_HOURS]


def test_a_long_pause_is_a_gap_from_five_hours_after_the_last_request() -> None:
    later = NOON + 12 * HOUR_MS + 7
    first, gap, last = blocks([moment(NOON + 5), moment(later)])
    assert gap.is_gap
    assert (gap.start_ms, gap.end_ms, gap.total, gap.models) == (
        NOON + 5 + FIVE_HOURS,
        later,
        0,
        (),
    )
    assert not first.is_gap
    assert not last.is_gap


def test_a_block_sums_its_requests() -> None:
    (found,) = blocks([moment(NOON, "b", 3), moment(NOON + 1, "a", 4), moment(NOON + 2, "b", 5)])
    assert (found.input, found.output, found.cache_write, found.cache_read) == (30, 15, 60, 300)
    assert (found.total, found.nano, found.entries, found.models) == (405, 12, 3, ("b", "a"))


def test_no_moments_make_no_blocks() -> None:
    assert blocks([]) == []


def test_a_block_is_active_until_its_end_and_while_it_is_used() -> None:
    (found,) = blocks([moment(NOON + MINUTE_MS)])
    assert found.is_active(NOON + FIVE_HOURS - 1)
    assert not found.is_active(NOON + FIVE_HOURS)
    assert not Block(NOON, NOON + FIVE_HOURS, is_gap=True).is_active(NOON + 1)


def test_a_gap_is_never_active() -> None:
    gap = Block(NOON, NOON + FIVE_HOURS, last_ms=NOON, is_gap=True)
    assert not gap.is_active(NOON + 1)


def test_the_pace_is_that_of_ccusage() -> None:
    """Figures of ccusage 20 for the same block: 3,540 tokens of an hour, 184 minutes left."""
    block = Block(
        start_ms=NOON,
        end_ms=NOON + FIVE_HOURS,
        first_ms=NOON + 46 * MINUTE_MS,
        last_ms=NOON + 106 * MINUTE_MS,
        entries=3,
        input=300,
        output=210,
        cache_write=30,
        cache_read=3000,
        nano=3_375_000,
    )
    found = pace(block, NOON + 116 * MINUTE_MS + 5_000)
    assert found is not None
    assert (found.tokens_per_minute, found.new_tokens_per_minute) == (59.0, 8.5)
    assert (found.nano_per_hour, found.remaining_minutes) == (3_375_000, 184)
    assert (found.end_tokens, found.end_nano) == (14_396, 13_725_000)


def test_one_instant_has_no_pace_and_neither_has_a_block_that_is_over() -> None:
    (single,) = blocks([moment(NOON)])
    assert pace(single, NOON + 1) is None
    (ended,) = blocks([moment(NOON), moment(NOON + HOUR_MS)])
    assert pace(ended, NOON + FIVE_HOURS) is None
