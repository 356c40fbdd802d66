"""What a prompt is made of: parts that add up to it, and which of them are counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.made_session import block, compaction, conversation, prompts, request
from tokwatch.analysis.composition import (
    OTHER_TOOLS,
    SYSTEM_PROMPT,
    TOOL_DEFINITIONS,
    UNTOLD,
    composition,
)
from tokwatch.analysis.growing import Group
from tokwatch.analysis.timeline import course
from tokwatch.model.detail import Block, Compaction, Part

RESULTS = Group(Part.TOOL_RESULT, "Read")
END = block(9, Part.ASSISTANT, 1, 1)
"""The answer of the first request."""
CALLS, USER, THINKING = Group(Part.TOOL_CALL), Group(Part.USER), Group(Part.THINKING)


def test_what_the_first_prompt_holds_beyond_the_log_is_told_by_no_log() -> None:
    made = composition(course(prompts(18_000)), [block(0, Part.USER, 50), END])
    mix = made.at(0)
    assert mix.total == 18_000
    assert mix.shares == ((USER, 50), (UNTOLD, 17_950))
    assert mix.measured == 0


def test_a_result_weighs_what_the_prompt_grew_by_beyond_the_answer() -> None:
    made = composition(course(prompts(18_000, 23_100)), conversation([0, 3_000]))
    assert dict(made.at(1).shares) == {USER: 10, CALLS: 100, RESULTS: 5_000, UNTOLD: 17_990}
    assert made.at(1).measured == 5_100
    [result] = [one for one in made.sized if one.block.part is Part.TOOL_RESULT]
    assert (result.tokens, result.is_measured, result.place) == (5_000, True, 1)


def test_two_results_of_two_tools_share_the_growth_and_are_estimates() -> None:
    blocks = [
        block(0, Part.USER, 10),
        block(1, Part.TOOL_CALL, 5, 1, tool="Read"),
        block(2, Part.TOOL_RESULT, 1_000, tool="Read"),
        block(3, Part.TOOL_RESULT, 3_000, tool="Bash"),
        block(9, Part.ASSISTANT, 1, 2),
    ]
    mix = composition(course(prompts(10_000, 15_000)), blocks).at(1)
    assert dict(mix.shares)[RESULTS] == 1_225
    assert dict(mix.shares)[Group(Part.TOOL_RESULT, "Bash")] == 3_675
    assert mix.measured == 100


def test_growth_far_beyond_a_blocks_length_is_told_by_no_log() -> None:
    mix = composition(course(prompts(10_000, 30_100)), conversation([0, 100])).at(1)
    assert dict(mix.shares)[RESULTS] == 900
    assert dict(mix.shares)[UNTOLD] == 9_990 + 19_100
    assert mix.measured == 100


def test_an_answer_without_its_final_count_is_an_estimate() -> None:
    first, second = prompts(10_000, 13_100)
    made = composition(course([first._replace(is_final=0), second]), conversation([0, 3_000]))
    assert made.at(1).measured == 0


def test_thinking_is_what_the_usage_tells_of_it() -> None:
    first, second = prompts(10_000, 13_000)
    answers = [block(1, Part.THINKING, 3, 1), block(2, Part.TOOL_CALL, 50, 1, tool="Read")]
    blocks = [block(0, Part.USER, 10), *answers, block(3, Part.TOOL_RESULT, 2_000, tool="Read")]
    blocks.append(block(9, Part.ASSISTANT, 1, 2))
    made = composition(course([first._replace(output=900, reasoning=600), second]), blocks)
    assert dict(made.at(1).shares) == {
        **{THINKING: 600, CALLS: 300, RESULTS: 2_100, USER: 10, UNTOLD: 9_990},
    }


def test_earlier_thinking_leaves_first_when_the_user_speaks() -> None:
    first, second, third = prompts(10_000, 11_000, 11_050)
    blocks = [
        block(0, Part.USER, 10),
        block(1, Part.THINKING, 900, 1),
        block(2, Part.TOOL_RESULT, 100, tool="Read"),
        block(3, Part.ASSISTANT, 100, 2),
        block(4, Part.USER, 50),
        block(9, Part.ASSISTANT, 1, 3),
    ]
    made = composition(course([first._replace(output=900), second, third]), blocks)
    before, after = dict(made.at(1).shares), dict(made.at(2).shares)
    assert before[THINKING] == 900
    assert after[THINKING] == 800
    assert after[RESULTS] == before[RESULTS] == 100
    assert made.at(2).total == 11_050


def test_a_compaction_leaves_system_and_what_it_keeps() -> None:
    sizes = (20_000, 60_000, 25_000)
    blocks = [
        block(0, Part.SYSTEM, 3_000),
        block(1, Part.USER, 100),
        block(2, Part.TOOL_CALL, 10, 1, tool="Read"),
        block(3, Part.TOOL_RESULT, 30_000, tool="Read"),
        block(4, Part.ASSISTANT, 60, 2),
        block(5, Part.USER, 70, offset=45),
        block(6, Part.SUMMARY, 1_500, offset=51),
        block(9, Part.ASSISTANT, 1, 3),
    ]
    told = compaction(3, offset=50, keeps_from=5)
    mix = composition(course(prompts(*sizes), [told]), blocks).at(2)
    shares = dict(mix.shares)
    assert shares[SYSTEM_PROMPT] == 3_000
    assert shares[Group(Part.SUMMARY)] == 1_500
    assert shares[USER] == 70
    assert shares[UNTOLD] == 25_000 - 3_000 - 1_500 - 70
    assert RESULTS not in shares
    assert sum(shares.values()) == 25_000


def test_the_latest_definition_of_a_tool_stands() -> None:
    blocks = [
        block(0, Part.SYSTEM, 900, tool="Read"),
        block(1, Part.SYSTEM, 500, tool="Bash"),
        block(2, Part.ASSISTANT, 10, 1),
        block(3, Part.SYSTEM, 700, tool="Read"),
        block(4, Part.SYSTEM, 0, tool="Bash"),
        block(9, Part.ASSISTANT, 1, 2),
    ]
    made = composition(course(prompts(5_000, 5_000)), blocks)
    assert dict(made.at(0).shares)[TOOL_DEFINITIONS] == 1_400
    ends = {(one.block.number, one.until) for one in made.sized if one.group == TOOL_DEFINITIONS}
    assert ends == {(0, 1), (1, 1), (3, 2)}


def test_only_the_tools_with_the_most_are_told_apart() -> None:
    results = [block(n, Part.TOOL_RESULT, 100 + n, tool=f"tool{n:02}") for n in range(20)]
    results.append(block(20, Part.ASSISTANT, 1, 1))
    made = composition(course(prompts(90_000)), results)
    told = {group for group, _ in made.at(0).shares}
    assert Group(Part.TOOL_RESULT, "tool19") in told
    assert OTHER_TOOLS in told
    assert len(told) == 12 + 2


def test_answers_of_another_sessions_requests_are_part_of_the_first_prompt() -> None:
    copied = [block(0, Part.USER, 10), block(1, Part.ASSISTANT, 400, 77), block(2, Part.USER, 20)]
    copied.append(END)
    mix = composition(course(prompts(9_000)), copied).at(0)
    assert dict(mix.shares)[Group(Part.ASSISTANT)] == 400
    assert dict(mix.shares)[USER] == 30


PARTS = st.sampled_from(
    [Part.USER, Part.TOOL_RESULT, Part.ATTACHMENT, Part.SYSTEM, Part.MEMORY, Part.IMAGE]
)
ANSWERS = st.sampled_from([Part.ASSISTANT, Part.THINKING, Part.TOOL_CALL])


@st.composite
def sessions(draw: st.DrawFn) -> tuple[list[int], list[Block], list[Compaction]]:
    """Return any prompts, any blocks in the order of a log, and any compactions."""
    sizes = draw(st.lists(st.integers(0, 50_000), min_size=1, max_size=12))
    blocks: list[Block] = []
    for number in range(1, len(sizes) + 1):
        for part in draw(st.lists(PARTS, max_size=3)):
            tool = draw(st.sampled_from(["", "Read", "Bash"]))
            tokens = draw(st.integers(0, 9_000))
            blocks.append(block(len(blocks), part, tokens, tool=tool))
        for part in draw(st.lists(ANSWERS, max_size=3)):
            blocks.append(block(len(blocks), part, draw(st.integers(0, 900)), number))
    cuts = draw(st.sets(st.integers(2, 13), max_size=3))
    keeps = draw(st.none() | st.integers(0, 40))
    told = [compaction(cut, offset=cut * 30, keeps_from=keeps) for cut in sorted(cuts)]
    return sizes, blocks, told


@given(sessions(), st.integers(0, 2_000), st.booleans())
def test_the_parts_of_every_prompt_add_up_to_it(
    session: tuple[list[int], list[Block], list[Compaction]], output: int, is_final: bool
) -> None:
    sizes, blocks, told = session
    requests = [
        one._replace(output=output, reasoning=output // 3, is_final=int(is_final))
        for one in prompts(*sizes)
    ]
    of = course(requests, told)
    made = composition(of, blocks)
    for place, point in enumerate(of.points):
        mix = made.at(place)
        assert mix.total == point.prompt
        assert sum(tokens for _, tokens in mix.shares) == point.prompt
        assert all(tokens > 0 for _, tokens in mix.shares)
        assert 0 <= mix.measured <= point.prompt
    for one in made.sized:
        assert 0 <= one.place < one.until <= len(of.points)
        assert one.tokens >= 0


def test_a_request_beside_the_conversation_changes_nothing_of_it() -> None:
    main = prompts(20_000, 24_000)
    aside = request(9, 800, model="haiku", at_ms=main[0].instant_ms + 5)
    blocks = conversation([0, 3_000])
    with_it = composition(course([main[0], aside, main[1]]), blocks)
    assert with_it.at(1) == composition(course(main), blocks).at(1)
