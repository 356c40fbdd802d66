"""Why a cache broke, cause by cause, and what it cost."""

from __future__ import annotations

import pytest

from tests.analysis.cached import INPUT, LONG, READ, SHORT, START_MS, sent
from tokwatch.analysis.cache_breaks import LEAST_TOKENS, after, break_of, warm_ends
from tokwatch.model.caching import LONG_MS, SHORT_MS, Break, CachedRequest, Cause, Chain, Warm

CHAIN = Chain("claude-code", "s1", "")
WARM = sent(1, cache_write_5m=500)
"""It leaves 20,500 tokens in the cache for five minutes."""


def found(*requests: CachedRequest, compacted_s: float | None = None) -> Break | None:
    """Return the break that the last of some requests shows."""
    *before, last = requests
    told = {} if compacted_s is None else {CHAIN: [START_MS + round(compacted_s * 1000)]}
    return break_of(warm_ends(before).get(CHAIN), last, told)


def cause(*requests: CachedRequest, compacted_s: float | None = None) -> Cause | None:
    broken = found(*requests, compacted_s=compacted_s)
    return broken and broken.cause


def cold(after_s: float, **told: object) -> CachedRequest:
    """Return a request that reads nothing and writes all of its prompt again."""
    return sent(2, after_s, **{"cache_read": 0, "cache_write_5m": 21_000, **told})


def test_what_was_left_is_read_and_nothing_broke() -> None:
    assert cause(WARM, sent(2, 30, cache_read=20_500, cache_write_5m=600)) is None


def test_the_first_request_of_an_agent_lost_nothing() -> None:
    broken = found(cold(0))
    assert broken is not None
    assert (broken.cause, broken.rewritten, broken.lost_nano) == (Cause.FIRST, 0, 0)
    assert cause(WARM, cold(5, agent="a1")) is not None
    assert cause(sent(1, cache_read=0)) is None, "nothing tells of a cache"


@pytest.mark.parametrize(
    ("pause_s", "expected"), [(299, Cause.PREFIX), (300, Cause.PREFIX), (301, Cause.IDLE)]
)
def test_idle_is_longer_than_five_minutes(pause_s: float, expected: Cause) -> None:
    assert cause(WARM, cold(pause_s)) is expected


@pytest.mark.parametrize(("pause_s", "expected"), [(3_600, Cause.PREFIX), (3_601, Cause.IDLE)])
def test_what_is_written_for_an_hour_lives_an_hour(pause_s: float, expected: Cause) -> None:
    written = sent(1, cache_write_1h=500)
    broken = found(written, cold(pause_s))
    assert broken is not None
    assert (broken.cause, broken.ttl_ms) == (expected, LONG_MS)


def test_a_request_that_only_reads_keeps_the_lifetime_of_the_writes_before() -> None:
    reads = sent(2, 60, cache_read=20_500)
    broken = found(sent(1, cache_write_1h=500), reads, cold(1_000))
    assert broken is not None
    assert (broken.cause, broken.ttl_ms, broken.rewritten) == (Cause.PREFIX, LONG_MS, 20_500)


def test_the_pause_counts_from_the_first_sign_of_the_answer_before() -> None:
    slow = WARM._replace(instant_ms=WARM.first_ms + 200_000)
    broken = found(slow, cold(350))
    assert broken is not None
    assert (broken.cause, broken.idle_ms) == (Cause.IDLE, 350_000)


def test_another_model_has_a_cache_of_its_own() -> None:
    assert cause(WARM, cold(10, model="sonnet")) is Cause.SWITCH
    assert cause(WARM, cold(1_000, model="sonnet")) is Cause.SWITCH, "an hour would not help"
    back = sent(3, 20, model="opus", cache_read=0, cache_write_5m=21_500)
    assert cause(WARM, cold(10, model="sonnet"), back) is Cause.SWITCH


def test_a_small_question_to_another_model_is_no_switch() -> None:
    aside = sent(2, 5, model="haiku", input=900, cache_read=0, cache_write_5m=2_000)
    assert cause(WARM, aside) is None
    assert cause(WARM, aside, sent(3, 10, cache_read=20_500)) is None
    again = cold(20)
    broken = found(WARM, aside, again)
    assert broken is not None
    assert (broken.cause, broken.rewritten) == (Cause.PREFIX, 20_500)


def test_a_model_that_goes_on_alone_is_the_conversation() -> None:
    asides = [
        sent(2 + n, 5 * n, model="haiku", input=10, cache_read=0, cache_write_5m=5_000 + n)
        for n in range(3)
    ]
    broken = found(WARM, *asides, sent(9, 30, model="haiku", cache_read=0, cache_write_5m=6_000))
    assert broken is not None
    assert (broken.cause, broken.rewritten) == (Cause.PREFIX, 5_002)


def test_a_compaction_is_told_by_the_log_or_by_the_prompt() -> None:
    assert cause(WARM, cold(5), compacted_s=3) is Cause.COMPACTION
    assert cause(WARM, cold(5), compacted_s=-3) is Cause.PREFIX
    smaller = cold(5, cache_write_5m=9_000)
    assert cause(WARM, smaller) is Cause.COMPACTION
    assert cause(WARM, cold(5_000), compacted_s=3) is Cause.COMPACTION, "an hour would not help"


def test_a_changed_prefix_where_caching_is_asked_for() -> None:
    broken = found(WARM, sent(2, 9, cache_read=4_000, cache_write_5m=17_000))
    assert broken is not None
    assert (broken.cause, broken.rewritten) == (Cause.PREFIX, 16_500)


def test_a_provider_that_caches_by_itself_may_have_missed() -> None:
    first = sent(1, input=1_000, cache_read=9_000)
    broken = found(first, sent(2, 9, input=9_000, cache_read=2_000))
    assert broken is not None
    assert (broken.cause, broken.rewritten) == (Cause.MISSED, 8_000)
    assert cause(first, sent(2, 999, input=9_000, cache_read=2_000)) is Cause.IDLE


def test_a_provider_that_never_told_of_a_read_has_no_cache_to_break() -> None:
    requests = [sent(n, n, input=9_000 + n, cache_read=0) for n in range(9)]
    assert cause(*requests) is None
    read = [sent(9, 9, input=20, cache_read=9_000), sent(10, 10, input=9_100, cache_read=0)]
    assert cause(*requests, *read) is Cause.MISSED


def test_small_misses_are_no_breaks() -> None:
    assert cause(WARM, sent(2, 9, cache_read=18_450, cache_write_5m=3_000)) is None
    assert cause(WARM, sent(2, 9, cache_read=18_449, cache_write_5m=3_000)) is Cause.PREFIX
    tiny = sent(1, cache_read=0, cache_write_5m=LEAST_TOKENS - 1)
    assert cause(tiny, sent(2, 9, cache_read=0, cache_write_5m=2_000)) is None


@pytest.mark.parametrize(
    "odd",
    [
        sent(2, 5, cache_read=None),
        sent(2, 5, input=0, cache_read=0),
        sent(2, 5, requests=7, cache_read=0, cache_write_5m=9),
        sent(2, 5, is_derived=1, cache_read=0, cache_write_5m=9),
    ],
    ids=["untold", "no prompt", "several", "derived"],
)
def test_what_tells_nothing_of_one_prompt_changes_nothing(odd: CachedRequest) -> None:
    assert cause(WARM, odd) is None
    assert after(warm_ends([WARM])[CHAIN], odd) == warm_ends([WARM])[CHAIN]


def test_lost_is_what_the_front_of_the_rest_cost_above_reading() -> None:
    mixed = cold(9, cache_write_1h=3_000, cache_write_5m=4_000, input=20_000)
    broken = found(WARM, mixed)
    assert broken is not None
    assert broken.rewritten == 20_500
    rest = 20_500 - 3_000 - 4_000
    above = 3_000 * (LONG - READ) + 4_000 * (SHORT - READ) + rest * (INPUT - READ)
    assert broken.lost_nano == above // 1000


def test_what_has_no_price_is_lost_at_an_unknown_price() -> None:
    broken = found(WARM, cold(9, is_priced=0))
    assert broken is not None
    assert broken.lost_nano is None


def test_what_is_left_can_be_read_for_as_long_as_it_was_written_for() -> None:
    assert warm_ends([WARM]) == {
        CHAIN: Warm(
            *(WARM.first_ms, "opus", 20_510, 20_500, SHORT_MS),
            is_written=True,
            at_stake_nano=20_500 * (SHORT - READ) // 1000,
            project="/code/shop",
        )
    }
    by_itself = warm_ends([sent(1, is_priced=0)])[CHAIN]
    assert (by_itself.cached, by_itself.is_written) == (20_010, False)
    assert by_itself.at_stake_nano is None
