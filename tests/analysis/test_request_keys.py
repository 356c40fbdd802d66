"""What makes two requests the same, for each sort of key."""

from __future__ import annotations

from tokwatch.analysis.request_keys import request_keys
from tokwatch.model.detail import Block, Compaction, Part
from tokwatch.model.repeats import KeyKind, Likeness, RequestKeys

MODELS = dict.fromkeys(range(1, 100), ("opus", None))


def talk(*told: tuple[Part, int, int], agent: str = "", start: int = 0) -> list[Block]:
    """Return blocks of (part, content, request), one after the other."""
    return [
        Block(
            *(start + place, 1, agent, part, ""),
            chars=10,
            tokens=3,
            digest=content,
            subject=0,
            call=0,
            is_error=False,
            request=request,
            offset=(start + place) * 100,
        )
        for place, (part, content, request) in enumerate(told)
    ]


USER, SAID, THOUGHT = Part.USER, Part.ASSISTANT, Part.THINKING
CALL, RESULT, SYSTEM = Part.TOOL_CALL, Part.TOOL_RESULT, Part.SYSTEM


def keys(*blocks: Block, compactions: tuple[Compaction, ...] = ()) -> dict[int, RequestKeys]:
    return request_keys(blocks, compactions, MODELS)


def shared(one: RequestKeys, other: RequestKeys) -> set[KeyKind]:
    """Return for which sorts of key two requests are the same."""
    return {kind for kind in KeyKind if one.of(kind) == other.of(kind)}


def test_the_same_talk_in_two_sessions_is_the_same_request() -> None:
    one = keys(*talk((SYSTEM, 5, 0), (USER, 7, 0), (SAID, 8, 1)))[1]
    other = keys(*talk((SYSTEM, 5, 0), (USER, 7, 0), (SAID, 9, 2)))[2]
    assert shared(one, other) == set(KeyKind)
    assert one.answer != other.answer


def test_another_model_is_another_request_but_for_the_last_messages() -> None:
    blocks = talk((USER, 7, 0), (SAID, 8, 1))
    one = request_keys(blocks, (), {1: ("opus", None)})[1]
    other = request_keys(blocks, (), {1: ("haiku", None)})[1]
    assert shared(one, other) == {KeyKind.RECENT}


def test_another_temperature_is_another_request_where_a_log_tells_it() -> None:
    blocks = talk((USER, 7, 0), (SAID, 8, 1))
    cold, warm, untold = (
        request_keys(blocks, (), {1: ("opus", told)})[1] for told in (0, 700, None)
    )
    assert shared(cold, warm) == shared(cold, untold) == {KeyKind.RECENT}


def likeness(*blocks: Block, at: int = 1) -> Likeness:
    """Return by what a request is found to be nearly the same as another."""
    found = keys(*blocks)[at].likeness
    assert found is not None
    return found


def test_near_duplicates_share_all_but_the_text_of_the_newest_message() -> None:
    def asked(words: int, sketch: int, past: int = 1) -> list[Block]:
        made = talk((SYSTEM, 5, 0), (USER, past, 0), (SAID, 2, 9), (USER, words, 0), (SAID, 4, 1))
        made[3] = made[3]._replace(sketch=sketch, chars=500)
        return made

    one, other = likeness(*asked(3, 6)), likeness(*asked(33, 7))
    assert (one.sketch, one.chars, other.sketch) == (6, 500, 7)
    assert all(one.rest_of(kind) == other.rest_of(kind) for kind in KeyKind)
    elsewhere = likeness(*asked(3, 6, past=11))
    same = {kind for kind in KeyKind if one.rest_of(kind) == elsewhere.rest_of(kind)}
    assert same == {KeyKind.NEWEST}
    assert keys(*asked(3, 0))[1].likeness is None, "a message without a sketch"


def test_what_stands_beside_the_longest_text_must_be_the_same() -> None:
    def asked(beside: int) -> list[Block]:
        made = talk((USER, beside, 0), (USER, 7, 0), (SAID, 4, 1))
        made[1] = made[1]._replace(sketch=6, chars=500)
        return made

    assert likeness(*asked(1)).newest != likeness(*asked(2)).newest


def test_another_system_prompt_leaves_only_the_newest_message_the_same() -> None:
    one = keys(*talk((SYSTEM, 5, 0), (USER, 7, 0), (SAID, 8, 1)))[1]
    other = keys(*talk((SYSTEM, 6, 0), (USER, 7, 0), (SAID, 8, 1)))[1]
    assert shared(one, other) == {KeyKind.NEWEST}


def test_a_longer_past_is_not_in_the_last_three_messages() -> None:
    end = ((USER, 1, 0), (SAID, 2, 0), (USER, 3, 0), (SAID, 4, 9))
    short = keys(*talk(*end))[9]
    long = keys(*talk((USER, 50, 0), (SAID, 51, 0), *end))[9]
    assert shared(short, long) == {KeyKind.RECENT, KeyKind.NEWEST}
    other_past = keys(*talk((USER, 11, 0), *end[1:]))[9]
    assert shared(short, other_past) == {KeyKind.NEWEST}


def test_a_message_is_all_that_was_said_in_one_go() -> None:
    one = keys(*talk((CALL, 1, 0), (CALL, 2, 0), (RESULT, 3, 0), (RESULT, 4, 0), (SAID, 5, 9)))[9]
    other = keys(*talk((CALL, 1, 0), (CALL, 2, 0), (RESULT, 30, 0), (RESULT, 4, 0), (SAID, 5, 9)))
    assert shared(one, other[9]) == set()


def test_each_request_of_a_talk_has_what_came_before_it() -> None:
    found = keys(*talk((USER, 1, 0), (THOUGHT, 2, 7), (CALL, 3, 7), (RESULT, 4, 0), (SAID, 5, 8)))
    assert set(found) == {7, 8}
    assert shared(found[7], found[8]) == set()
    assert found[7].chars == 10, "thinking is no part of the answer"


def test_thinking_does_not_make_an_answer_another_one() -> None:
    one = keys(*talk((USER, 1, 0), (THOUGHT, 2, 7), (SAID, 5, 7)))[7]
    other = keys(*talk((USER, 1, 0), (THOUGHT, 3, 7), (SAID, 5, 7)))[7]
    assert one.answer == other.answer


def test_agents_have_contexts_of_their_own() -> None:
    alone = keys(*talk((USER, 1, 0), (SAID, 2, 7), agent="a1"))[7]
    beside = keys(
        *talk((USER, 9, 0), (SAID, 8, 5)),
        *talk((USER, 1, 0), (SAID, 2, 7), agent="a1"),
    )[7]
    assert shared(alone, beside) == set(KeyKind)


def test_a_tool_that_is_gone_is_not_in_the_context() -> None:
    gone = talk((SYSTEM, 5, 0), (SYSTEM, 6, 0), (USER, 7, 0), (SAID, 8, 1))
    gone[1] = gone[1]._replace(tokens=0)
    never = talk((USER, 7, 0), (SAID, 8, 1))
    assert shared(keys(*gone)[1], keys(*never)[1]) == set(KeyKind)


def test_a_compaction_takes_out_of_the_context_what_stands_before_it() -> None:
    told = talk((SYSTEM, 5, 0), (USER, 1, 0), (SAID, 2, 6), (Part.SUMMARY, 3, 0), (SAID, 4, 7))
    cut = Compaction(1, "", None, None, "auto", offset=300)
    after = keys(*told, compactions=(cut,))[7]
    fresh = keys(*talk((SYSTEM, 5, 0), (Part.SUMMARY, 3, 0), (SAID, 4, 7)))[7]
    assert shared(after, fresh) == set(KeyKind)
    kept = keys(*told, compactions=(cut._replace(keeps_from=2),))[7]
    tail = keys(*talk((SYSTEM, 5, 0), (SAID, 2, 0), (Part.SUMMARY, 3, 0), (SAID, 4, 7)))[7]
    assert shared(kept, tail) == set(KeyKind)
    assert KeyKind.WHOLE not in shared(kept, fresh)


def test_of_copies_in_several_agents_logs_the_owners_counts() -> None:
    own = talk((USER, 5, 0), (SAID, 6, 1))
    copy = talk((SAID, 6, 1), agent="tail")
    alone = keys(*own)
    assert request_keys([*own, *copy], (), MODELS, {1: ""}) == alone
    assert request_keys([*copy, *own], (), MODELS, {1: ""}) == alone
    assert request_keys([*own, *copy], (), MODELS, {1: "tail"}) != alone
