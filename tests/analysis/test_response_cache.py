"""A simulated response cache against a slow one that keeps a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.response_cache import by_size, simulated
from tokwatch.model.repeats import Asked, Limits, Outcome

NONE = Limits(None, None, None)


def asked(at_ms: int, key: int, answer: int = 0, size: int = 1, **told: int) -> Asked:
    """Return a request that cost 7 nano-dollars and 5 tokens."""
    return Asked(at_ms, key, answer, size, 7, 5, bool(told.get("fails")))


def naive(requests: list[Asked], limits: Limits) -> Outcome:
    """Return the outcome of a cache that is a list, the one used longest ago first."""
    held: list[Asked] = []
    hits: list[tuple[Asked, Asked]] = []
    expired = items = size = 0
    for one in requests:
        found = next((each for each in held if each.key == one.key), None)
        if found and limits.ttl_ms is not None and one.at_ms - found.at_ms >= limits.ttl_ms:
            held.remove(found)
            found, expired = None, expired + 1
        if found:
            held.append(held.pop(held.index(found)))
            hits.append((found, one))
        elif not one.is_failure and (limits.size is None or one.size <= limits.size):
            held.append(one)
            while limits.items is not None and len(held) > limits.items:
                held.pop(0)
                items += 1
            while limits.size is not None and sum(each.size for each in held) > limits.size:
                held.pop(0)
                size += 1
    return Outcome(
        len(requests),
        len(hits),
        sum(stored.answer == one.answer for stored, one in hits),
        sum(one.nano for _, one in hits),
        sum(one.tokens for _, one in hits),
        *(expired, items, size),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Asked]:
    """Return requests of few keys, in order; some fail, some answers are large."""
    at_ms, made = 0, []
    for _ in range(draw(st.integers(0, 60))):
        at_ms += draw(st.integers(0, 40))
        made.append(
            Asked(
                at_ms,
                draw(st.integers(0, 8)),
                draw(st.integers(0, 1)),
                draw(st.sampled_from([0, 1, 5, 50])),
                draw(st.integers(0, 9)),
                draw(st.integers(0, 9)),
                draw(st.sampled_from([False, False, False, True])),
            )
        )
    return made


def limits() -> st.SearchStrategy[Limits]:
    """Return limits that bind, and none."""
    return st.builds(
        Limits,
        st.one_of(st.none(), st.integers(1, 6)),
        st.one_of(st.none(), st.integers(0, 60)),
        st.one_of(st.none(), st.integers(1, 100)),
    )


@given(histories(), limits())
def test_it_does_what_a_plain_list_does(requests: list[Asked], within: Limits) -> None:
    assert simulated(requests, within) == naive(requests, within)


@given(histories())
def test_more_room_never_answers_less_while_nothing_expires(requests: list[Asked]) -> None:
    hits = [outcome.hits for _, outcome in by_size(requests, range(1, 10), NONE)]
    assert hits == sorted(hits)
    assert hits[-1] == simulated(requests, NONE).hits


def test_the_second_of_two_equal_requests_is_answered() -> None:
    outcome = simulated([asked(0, 1), asked(5, 2), asked(9, 1)], NONE)
    assert (outcome.requests, outcome.hits, outcome.saved_nano, outcome.saved_tokens) == (
        3,
        1,
        7,
        5,
    )
    assert outcome.rate == 1 / 3
    assert simulated([], NONE).rate is None


def test_a_failure_is_never_stored() -> None:
    assert simulated([asked(0, 1, fails=1), asked(5, 1), asked(9, 1)], NONE).hits == 1
    assert simulated([asked(0, 1, fails=1), asked(5, 1, fails=1)], NONE).hits == 0


def test_an_answer_expires_an_hour_after_it_was_stored_however_often_it_is_used() -> None:
    requests = [asked(0, 1), asked(30, 1), asked(59, 1), asked(60, 1), asked(61, 1)]
    outcome = simulated(requests, Limits(None, None, 60))
    assert (outcome.hits, outcome.expired) == (3, 1)


def test_the_least_recently_used_goes_first() -> None:
    requests = [asked(0, 1), asked(1, 2), asked(2, 1), asked(3, 3), asked(4, 1), asked(5, 2)]
    outcome = simulated(requests, Limits(2, None, None))
    assert (outcome.hits, outcome.evicted_items) == (2, 2)


def test_large_answers_push_others_out_and_too_large_ones_are_not_stored() -> None:
    requests = [asked(0, 1, size=6), asked(1, 2, size=6), asked(2, 1), asked(3, 3, size=11)]
    outcome = simulated([*requests, asked(4, 3, size=11)], Limits(None, 10, None))
    assert (outcome.hits, outcome.evicted_size) == (0, 1)


def test_a_hit_is_the_same_only_where_the_provider_answered_the_same() -> None:
    requests = [asked(0, 1, answer=4), asked(1, 1, answer=4), asked(2, 1, answer=5)]
    outcome = simulated(requests, NONE)
    assert (outcome.hits, outcome.same) == (2, 1)
