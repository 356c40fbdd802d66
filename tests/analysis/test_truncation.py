"""Which messages stay within limits, against a slow plan that tries one message at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.truncation import (
    Limits,
    Message,
    Strategy,
    history,
    kept_numbers,
    truncated,
)

WIDE = Limits(messages=1_000, tokens=1_000_000)


def talk(*tokens: int) -> list[Message]:
    """Return a system prompt of 10 tokens and messages so large."""
    return [Message(10, is_system=True), *(Message(size) for size in tokens)]


def kept(messages: list[Message], limits: Limits, strategy: Strategy) -> list[int]:
    """Return the numbers of the messages that stay."""
    of = history(messages)
    return kept_numbers(of, truncated(of, len(messages), limits, strategy))


def test_all_of_it_stays_where_there_is_room() -> None:
    for strategy in Strategy:
        plan = truncated(history(talk(5, 6, 7)), 4, WIDE, strategy)
        assert (plan.kept, plan.lost, plan.tokens, plan.summary_tokens) == (4, 0, 28, 0)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.SLIDING, [0, 4, 5, 6]),
        (Strategy.IMPORTANT, [0, 1, 5, 6]),
        (Strategy.SUMMARY, [0, 1, 6]),
    ],
)
def test_room_is_claimed_by_newest_system_first_and_recent(
    strategy: Strategy, expected: list[int]
) -> None:
    limits = Limits(messages=50, tokens=40, summary_messages=1, summary_tokens=9)
    assert kept(talk(10, 10, 10, 10, 10, 10), limits, strategy) == expected


def test_the_newest_message_stays_whatever_its_size() -> None:
    for strategy in Strategy:
        assert kept(talk(10, 10, 900), Limits(messages=50, tokens=100), strategy) == [3]


def test_the_margin_and_the_reserve_are_kept_free() -> None:
    assert Limits(messages=50, tokens=50_000, margin=0.9, reserve=2_000).room == 43_000
    assert Limits(messages=50, tokens=1_000, margin=0.5, reserve=2_000).room == 0


def test_messages_are_limited_too() -> None:
    limits = Limits(messages=4, tokens=1_000_000)
    assert kept(talk(*[10] * 9), limits, Strategy.SLIDING) == [0, 7, 8, 9]
    assert kept(talk(*[10] * 9), limits, Strategy.IMPORTANT) == [0, 1, 8, 9]


def test_a_call_and_its_result_stay_or_leave_together() -> None:
    messages = [
        Message(10),
        Message(10, calls=(1, 2)),
        Message(10, calls=(1, 2)),
        Message(10, calls=(3,)),
        Message(10, calls=(3,)),
        Message(10),
    ]
    assert kept(messages, Limits(50, 45), Strategy.SLIDING) == [3, 4, 5]
    assert kept(messages, Limits(50, 25), Strategy.SLIDING) == [5]


def test_auto_makes_a_summary_where_less_than_half_would_stay() -> None:
    of = history(talk(*[10] * 9))
    half = truncated(of, 10, Limits(5, 1_000_000, summary_tokens=9), Strategy.AUTO)
    assert half.strategy is Strategy.IMPORTANT
    less = truncated(of, 10, Limits(4, 1_000_000, summary_tokens=9), Strategy.AUTO)
    assert less.strategy is Strategy.SUMMARY
    assert less.summary_tokens == 9


def test_a_summary_stays_as_it_is_while_few_more_messages_leave() -> None:
    of = history(talk(*[10] * 40))
    limits = Limits(messages=1_000, tokens=150, summary_messages=8, summary_tokens=5)
    starts = [truncated(of, end, limits, Strategy.SUMMARY).recent for end in range(20, 41)]
    assert all((start - 1) % 8 == 0 for start in starts)
    assert len(set(starts)) <= 4


def test_five_thousand_messages_are_planned_without_going_through_them() -> None:
    """What is prepared once answers for any number of first messages."""
    of = history([Message(100, calls=(number // 2,)) for number in range(5_000)])
    plan = truncated(of, 5_000, Limits(50, 50_000, 0.9, 2_000), Strategy.AUTO)
    assert (plan.strategy, plan.kept + plan.lost) == (Strategy.SUMMARY, 5_000)
    assert plan.kept <= 50


@st.composite
def messages(draw: st.DrawFn) -> list[Message]:
    """Return any conversation, calls and results in it."""
    made: list[Message] = []
    for number in range(draw(st.integers(1, 25))):
        tokens = draw(st.integers(0, 60))
        calls = tuple(draw(st.sets(st.integers(0, number // 3), max_size=2)))
        made.append(Message(tokens, draw(st.booleans()) and number < 3, calls))
    return made


limits = st.builds(
    Limits,
    messages=st.integers(1, 30),
    tokens=st.integers(0, 600),
    margin=st.sampled_from([0.5, 0.9, 1.0]),
    reserve=st.integers(0, 50),
    summary_messages=st.integers(2, 6),
    summary_tokens=st.integers(1, 40),
)


def groups_of(made: list[Message]) -> list[list[int]]:
    """Return the messages but the system's in groups that no call reaches out of, slowly."""
    told = [number for number, one in enumerate(made) if not one.is_system]
    groups = [[number] for number in told]
    joined = True
    while joined:
        joined = False
        for at in range(len(groups) - 1):
            before = {call for group in groups[: at + 1] for n in group for call in made[n].calls}
            after = {call for group in groups[at + 1 :] for n in group for call in made[n].calls}
            if before & after:
                groups[at : at + 2] = [groups[at] + groups[at + 1]]
                joined = True
                break
    return groups


def slow(made: list[Message], limit: Limits, strategy: Strategy) -> tuple[list[int], int]:
    """Return what stays and the summary's tokens, trying one group after the other."""
    groups = groups_of(made)
    room, places = limit.room, limit.messages

    def size(numbers: list[int]) -> int:
        return sum(made[number].tokens for number in numbers)

    stays = list(groups[-1]) if groups else []
    room, places = room - size(stays), places - len(stays)
    for number, one in enumerate(made):
        if one.is_system and one.tokens <= room and places > 0:
            stays.append(number)
            room, places = room - one.tokens, places - 1
    others = groups[:-1]
    first: list[int] = []
    fits = bool(others) and size(others[0]) <= room and len(others[0]) <= places
    if strategy is not Strategy.SLIDING and fits:
        first = others.pop(0)
        room, places = room - size(first), places - len(first)

    def recent(room: int, places: int) -> list[list[int]]:
        taken: list[list[int]] = []
        for group in reversed(others):
            if size(group) > room or len(group) > places:
                break
            room, places = room - size(group), places - len(group)
            taken.insert(0, group)
        return taken

    taken, summary = recent(room, places), 0
    if strategy is Strategy.SUMMARY and len(taken) < len(others) and limit.summary_tokens <= room:
        summary = limit.summary_tokens
        taken = recent(room - summary, places)
        left = others[: len(others) - len(taken)]
        while taken and sum(map(len, left)) % limit.summary_messages:
            step = -(-sum(map(len, left)) // limit.summary_messages) * limit.summary_messages
            while taken and sum(map(len, left)) < step:
                left.append(taken.pop(0))
            break
    return sorted([*stays, *first, *(number for group in taken for number in group)]), summary


@given(messages(), limits)
def test_it_equals_a_slow_plan(made: list[Message], limit: Limits) -> None:
    of = history(made)
    for strategy in (Strategy.SLIDING, Strategy.IMPORTANT, Strategy.SUMMARY):
        plan = truncated(of, len(made), limit, strategy)
        numbers, summary = slow(made, limit, strategy)
        assert kept_numbers(of, plan) == numbers
        assert plan.summary_tokens == summary
        assert plan.kept == len(numbers)
        assert plan.kept + plan.lost == len(made)
        assert plan.kept_tokens == sum(made[number].tokens for number in numbers)
        assert plan.kept_tokens + plan.lost_tokens == sum(one.tokens for one in made)


@given(messages(), limits)
def test_no_call_is_parted_from_its_result_and_limits_hold(
    made: list[Message], limit: Limits
) -> None:
    of = history(made)
    groups = groups_of(made)
    newest = set(groups[-1]) if groups else set()
    for strategy in Strategy:
        plan = truncated(of, len(made), limit, strategy)
        stays = set(kept_numbers(of, plan))
        for group in groups:
            assert set(group) <= stays or not set(group) & stays
        assert newest <= stays
        if stays - newest:
            assert plan.tokens <= limit.room
            assert len(stays) <= limit.messages


@given(messages(), limits, st.integers(1, 25))
def test_the_first_messages_alone_are_planned_as_if_there_were_no_others(
    made: list[Message], limit: Limits, end: int
) -> None:
    """Where no call reaches over the cut, a prefix of the messages is a conversation."""
    end = min(end, len(made))
    before = {call for one in made[:end] if not one.is_system for call in one.calls}
    after = {call for one in made[end:] if not one.is_system for call in one.calls}
    if not before & after:
        whole, alone = history(made), history(made[:end])
        for strategy in Strategy:
            one = truncated(whole, end, limit, strategy)
            other = truncated(alone, end, limit, strategy)
            assert kept_numbers(whole, one) == kept_numbers(alone, other)
            assert one.tokens == other.tokens
