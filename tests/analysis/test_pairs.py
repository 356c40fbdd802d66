"""Pairs are made where a log tells all of what a step was billed, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from tests.analysis.made_session import block, request
from tokwatch.analysis.pairs import ModelPair, pairs_of
from tokwatch.analysis.timeline import course
from tokwatch.model.detail import Block, Compaction, Part
from tokwatch.model.session import SessionRequest
from tokwatch.tokens.calibrated import Kind
from tokwatch.tokens.calibration import Pair

CALL = block(0, Part.TOOL_CALL, 20, 1, tool="Read", call=1)
RESULT = block(1, Part.TOOL_RESULT, 500, tool="Read", call=1)
NEXT = block(2, Part.ASSISTANT, 30, 2)
BLOCKS = (CALL, RESULT, NEXT)


def requests(**changes: object) -> list[SessionRequest]:
    """Return two requests: the second one's prompt is 700 tokens larger."""
    return [
        request(1, 10_000, output=60)._replace(**changes),  # type: ignore[arg-type]  # fields' own
        request(2, 700, 10_000, output=40),
    ]


def pairs(
    asked: Sequence[SessionRequest],
    blocks: Sequence[Block] = BLOCKS,
    cuts: Sequence[Compaction] = (),
) -> list[ModelPair]:
    """Return the pairs of one agent."""
    return list(pairs_of(course(asked, cuts), blocks, "s"))


def test_growth_and_answers_are_measured() -> None:
    assert pairs(requests()) == [
        ModelPair("opus", Kind.ANSWER, Pair("s", 20, 1, 60)),
        ModelPair("opus", Kind.PROMPT, Pair("s", 520, 1, 700)),
        ModelPair("opus", Kind.ANSWER, Pair("s", 30, 0, 40)),
    ]


def test_an_answer_without_a_stop_reason_tells_nothing() -> None:
    found = pairs(requests(is_final=0))

    assert found == [ModelPair("opus", Kind.ANSWER, Pair("s", 30, 0, 40))]


def test_what_was_thought_is_taken_off_where_it_is_counted() -> None:
    thought = block(0, Part.THINKING, 25, 1)
    told = (thought, CALL._replace(number=1), RESULT._replace(number=2), NEXT._replace(number=3))

    counted = pairs(requests(reasoning=25), told)
    uncounted = pairs(requests(), told)

    assert counted[:2] == [
        ModelPair("opus", Kind.ANSWER, Pair("s", 20, 1, 35)),
        ModelPair("opus", Kind.PROMPT, Pair("s", 520, 1, 675)),
    ]
    assert [one.kind for one in uncounted] == [Kind.ANSWER]


def test_where_the_user_speaks_after_thinking_growth_tells_nothing() -> None:
    said = block(2, Part.USER, 10)
    thought = block(0, Part.THINKING, 25, 1)
    told = (thought, CALL._replace(number=1), said, NEXT._replace(number=3))

    with_thinking = pairs(requests(reasoning=25), told)
    plain = (block(0, Part.ASSISTANT, 20, 1), said, NEXT._replace(number=3))
    without = pairs(requests(), plain)

    assert Kind.PROMPT not in {one.kind for one in with_thinking}
    assert Kind.PROMPT in {one.kind for one in without}


def test_pictures_and_what_the_tool_put_in_tell_nothing() -> None:
    for part in (Part.IMAGE, Part.ATTACHMENT, Part.SUMMARY, Part.SYSTEM):
        found = pairs(requests(), (CALL, RESULT._replace(part=part), NEXT))
        assert Kind.PROMPT not in {one.kind for one in found}


def test_a_tool_that_brings_a_hidden_reminder_tells_nothing_of_growth() -> None:
    found = pairs(requests(), (CALL._replace(tool="TodoWrite"), RESULT, NEXT))

    assert [one.kind for one in found] == [Kind.ANSWER, Kind.ANSWER]


def test_a_call_whose_result_is_told_elsewhere_tells_nothing_of_growth() -> None:
    second = block(3, Part.TOOL_CALL, 15, 1, tool="Glob", call=2)

    found = pairs(requests(), (CALL, second, RESULT, NEXT._replace(number=4)))

    assert [one.kind for one in found] == [Kind.ANSWER, Kind.ANSWER]


def test_results_between_the_calls_of_one_answer_belong_behind_it() -> None:
    second = block(2, Part.TOOL_CALL, 15, 1, tool="Glob", call=2)
    other = block(3, Part.TOOL_RESULT, 9, tool="Glob", call=2)

    found = pairs(requests(), (CALL, RESULT, second, other, NEXT._replace(number=4)))

    assert ModelPair("opus", Kind.PROMPT, Pair("s", 544, 2, 700)) in found


def test_another_model_or_a_compaction_tells_nothing() -> None:
    other = [request(1, 10_000, output=60), request(2, 10_700, output=40, model="haiku")]
    cut = Compaction(request(2).instant_ms - 1, "", 10_000, 700, "auto", 900)

    assert Kind.PROMPT not in {one.kind for one in pairs(other)}
    assert Kind.PROMPT not in {one.kind for one in pairs(requests(), cuts=[cut])}


def test_a_prompt_that_shrank_tells_nothing() -> None:
    asked = [request(1, 10_000, output=60), request(2, 0, 9_900, output=40)]

    assert Kind.PROMPT not in {one.kind for one in pairs(asked)}
