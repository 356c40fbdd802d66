"""Sums of what caching did, against a slow computation of every token."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.cached import INPUT, LONG, READ, SHORT, START_MS, sent, slowly
from tokwatch.analysis.cache_breaks import LOOK_BACK, warm_ends
from tokwatch.analysis.cache_savings import MOST_BREAKS, cache_part, joined, total
from tokwatch.model.caching import (
    CachedRequest,
    CachePart,
    CacheSum,
    Cause,
    CauseSum,
    Chain,
    SessionName,
)

HOUR_MS = 3_600_000
TOKENS = st.sampled_from([0, 0, 900, 5_000, 20_000, 20_777])
"""Of each class; beside 100,000 of input no prompt is half another one's."""


@st.composite
def worlds(draw: st.DrawFn) -> list[CachedRequest]:
    """Return requests of a few agents, some of which tell little; no small asides."""
    made, after_s = [], 0.0
    for number in range(draw(st.integers(0, 30))):
        after_s += draw(st.sampled_from([1, 40, 290, 310, 1_000, 3_700]))
        made.append(
            sent(
                number,
                after_s,
                session=draw(st.sampled_from(["s1", "s1", "s2"])),
                agent=draw(st.sampled_from(["", "", "a1"])),
                model=draw(st.sampled_from(["opus", "opus", "sonnet"])),
                requests=draw(st.sampled_from([1, 1, 1, 1, 3])),
                input=100_000 + draw(TOKENS),
                cache_read=draw(st.one_of(TOKENS, st.none())),
                cache_write_5m=draw(TOKENS),
                cache_write_1h=draw(st.sampled_from([0, 0, 0, 1_500, 20_000])),
                is_priced=draw(st.sampled_from([1, 1, 1, 0])),
            )
        )
    return made


def hourly(at_ms: int) -> int:
    return at_ms // HOUR_MS * HOUR_MS


def part_of(requests: list[CachedRequest], *earlier: CachedRequest) -> CachePart:
    return cache_part(requests, warm_ends(earlier), {}, hourly)


@given(worlds(), st.data())
def test_sums_equal_a_slow_computation(made: list[CachedRequest], data: st.DataObject) -> None:
    compacted = data.draw(st.lists(st.sampled_from([one.instant_ms for one in made] or [1])))
    told = {Chain("claude-code", "s1", ""): compacted}
    part, slow = cache_part(made, {}, told, hourly), slowly(made, told)

    assert total(part.models.values()) == slow.sum
    assert total(part.sessions.values()) == slow.sum
    assert total(part.buckets.values()) == slow.sum
    assert sorted((b.key, b.cause, b.rewritten, b.lost_nano) for b in part.breaks) == sorted(
        slow.breaks
    )
    for cause in Cause:
        some = [one for one in slow.breaks if one[1] is cause]
        assert part.causes.get(cause, CauseSum()) == CauseSum(
            len(some),
            sum(one[2] for one in some),
            sum(one[3] or 0 for one in some),
            sum(one[3] is None for one in some),
        )


@given(worlds(), st.lists(st.integers(0, 30), max_size=4))
def test_stretches_joined_equal_the_whole(made: list[CachedRequest], cuts: list[int]) -> None:
    """Of the requests before a stretch each agent's last few are enough."""
    made = [replace_told(one) for one in made]
    ends = sorted({0, len(made), *(min(cut, len(made)) for cut in cuts)})
    parts = []
    for first, end in pairwise(ends):
        before: dict[Chain, list[CachedRequest]] = {}
        for one in made[:first]:
            before.setdefault(one.chain, []).append(one)
        earlier = [one for some in before.values() for one in some[-LOOK_BACK:]]
        parts.append(part_of(made[first:end], *earlier))
    whole = part_of(made)

    assert joined(CachePart(), *parts) == replace(whole, ends={})
    assert joined(CachePart(), *reversed(parts)) == replace(whole, ends={})


def replace_told(one: CachedRequest) -> CachedRequest:
    """Return a request of which everything is told: the others count in the look back too."""
    return one._replace(requests=1, cache_read=one.cache_read or 0)


def test_what_reads_save_and_writes_cost() -> None:
    part = part_of([sent(1, cache_read=8_000, cache_write_5m=1_000, cache_write_1h=500)])
    name = SessionName("claude-code", "s1")
    assert part.sessions == {
        name: CacheSum(
            told=1,
            hits=1,
            input=10,
            read=8_000,
            write_5m=1_000,
            write_1h=500,
            saved_nano=8 * (INPUT - READ),
            written_nano=1_000 * SHORT // 1000 + 500 * LONG // 1000,
            premium_nano=1_000 * (SHORT - INPUT) // 1000 + 500 * (LONG - INPUT) // 1000,
            long_nano=1_000 * (LONG - SHORT) // 1000,
            short_nano=500 * (SHORT - LONG) // 1000,
        )
    }
    assert part.projects == {name: (START_MS + 400, "/code/shop")}
    assert part.models["opus"].token_rate == 8_000 / 9_510


def test_rates_are_of_what_is_known() -> None:
    one = total(
        part_of([sent(1), sent(2, 9, cache_read=0), sent(3, 10, cache_read=None)]).models.values()
    )
    assert (one.request_rate, one.blind_prompt) == (0.5, 10)
    assert one.token_rate == 20_000 / 20_020
    assert CacheSum().token_rate is None
    assert CacheSum().request_rate is None


def test_only_the_costliest_breaks_are_listed_but_all_are_counted() -> None:
    made = []
    for number in range(MOST_BREAKS + 20):
        size = 20_000 + number
        made.append(sent(number, number * 2, cache_read=0, cache_write_5m=size))
    part = part_of(made)
    assert len(part.breaks) == MOST_BREAKS
    assert part.causes[Cause.PREFIX].breaks == MOST_BREAKS + 19
    lost = [one.lost_nano or 0 for one in part.breaks]
    assert lost == sorted(lost, reverse=True)
    assert min(lost) > 0


def test_net_is_against_no_cache_at_all() -> None:
    made = [sent(n, n, cache_read=10_000 * n, cache_write_5m=10_000) for n in range(3)]
    one = total(part_of(made).models.values())
    without = one.prompt * INPUT // 1000
    paid = (one.input * INPUT + one.read * READ + one.write_5m * SHORT) // 1000
    assert one.net_nano == without - paid
