"""Carried cost against a slow count: every block in every prompt that holds it, one by one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.made_session import (
    INPUT,
    MAIN,
    READ,
    WRITE_5M,
    block,
    compaction,
    conversation,
    prompts,
    request,
)
from tests.analysis.test_composition import sessions
from tokwatch.analysis.carried import (
    PART,
    SERVER,
    TOOL,
    CarriedPart,
    by_name,
    carried,
    joined,
    price_parts,
)
from tokwatch.analysis.composition import Composition, composition
from tokwatch.analysis.timeline import Course, course
from tokwatch.model.detail import Block, Compaction, Part
from tokwatch.model.session import SessionRequest
from tokwatch.model.usage import CostMode

AUTO = CostMode.AUTO


def slow_price(one: SessionRequest) -> Fraction:
    """Return what a request paid for a token of its prompt, exactly."""
    told = one.cached
    paid = told.input * INPUT + (told.cache_read or 0) * READ + told.cache_write_5m * WRITE_5M
    return Fraction(paid, 1000 * one.prompt)


def slow_nano(of: Course, made: Composition, since_ms: int = 0, until_ms: int = 2**62) -> list[int]:
    """Return what each block that is listed carried, the dearest first, to the nano-dollar."""
    costs = []
    for one in made.sized:
        if one.block.part in (Part.ASSISTANT, Part.THINKING) or not one.tokens:
            continue
        holds = [
            point
            for place, point in enumerate(of.points)
            if one.place <= place < one.until and since_ms <= point.instant_ms < until_ms
        ]
        if holds:
            costs.append(int(one.tokens * sum(map(slow_price, holds), start=Fraction(0))))
    return sorted(costs, reverse=True)


def test_a_result_costs_its_tokens_in_every_later_prompt_at_what_that_paid() -> None:
    of = course(prompts(10_000, 15_100, 15_200, 15_300))
    made = composition(of, conversation([0, 5_000, 10, 10]))
    found = carried(of, made, MAIN, AUTO)
    [heavy] = [one for one in found.blocks if one.tokens == 5_000]
    assert (heavy.requests, heavy.entered, heavy.is_held) == (3, 2, True)
    expected = 5_000 * sum((slow_price(point) for point in of.points[1:]), start=Fraction(0))
    assert abs(heavy.nano - expected) <= 1
    assert heavy.nano < 5_000 * 3 * INPUT // 1000


def test_a_compaction_ends_it() -> None:
    blocks = [
        block(0, Part.USER, 10),
        block(1, Part.TOOL_RESULT, 8_000, tool="Read"),
        block(2, Part.ASSISTANT, 10, 1),
        block(3, Part.SUMMARY, 500, offset=60),
    ]
    of = course(prompts(20_000, 20_100, 6_000, 6_100), [compaction(3, offset=50)])
    found = carried(of, composition(of, blocks), MAIN, AUTO)
    [heavy] = [one for one in found.blocks if one.block.tool == "Read"]
    assert (heavy.requests, heavy.is_held) == (2, False)


def test_requests_without_a_price_are_counted_and_cost_nothing() -> None:
    first, second = prompts(10_000, 15_100)
    third = request(3, 200, 15_000, is_priced=False)
    of = course([first, second, third])
    found = carried(of, composition(of, conversation([0, 5_000, 0])), MAIN, AUTO)
    [heavy] = [one for one in found.blocks if one.tokens == 5_000]
    assert (heavy.requests, heavy.unpriced) == (2, 1)
    assert heavy.nano == int(5_000 * slow_price(second))


def test_where_a_logged_cost_counts_the_prompt_has_its_share_of_it() -> None:
    plain = request(1, 1_000, 9_000, 0, 100)
    assert plain.computed_nano is not None
    logged = plain._replace(logged_nano=plain.computed_nano * 3)
    assert price_parts(logged, CostMode.CALCULATE) == price_parts(plain, AUTO)
    tripled, single = price_parts(logged, AUTO), price_parts(plain, AUTO)
    assert tripled is not None
    assert single is not None
    assert abs(tripled - 3 * single) <= 1
    assert price_parts(plain, CostMode.DISPLAY) == 0


def test_sums_by_part_tool_and_server_hold_all_blocks() -> None:
    blocks = [
        block(0, Part.USER, 10),
        block(1, Part.TOOL_CALL, 30, 1, tool="mcp__db__query", call=1),
        block(2, Part.TOOL_RESULT, 900, tool="mcp__db__query", call=1),
        block(3, Part.TOOL_RESULT, 400, tool="mcp__db__list"),
        block(4, Part.TOOL_RESULT, 500, tool="Read"),
        block(5, Part.IMAGE, 300, tool="Read"),
        block(6, Part.ASSISTANT, 1, 2),
    ]
    of = course(prompts(10_000, 13_000))
    found = carried(of, composition(of, blocks), MAIN, AUTO)
    for way in (PART, TOOL):
        assert sum(one.nano for one in by_name(found.sums, way)) == sum(
            one.nano for one in found.blocks
        )
    tools = {one.name: one.blocks for one in by_name(found.sums, TOOL)}
    assert tools == {"mcp__db__query": 2, "mcp__db__list": 1, "Read": 2, "": 1}
    [server] = by_name(found.sums, SERVER)
    assert (server.name, server.blocks) == ("db", 3)
    listed = [one for one in found.blocks if one.is_of(server, SERVER)]
    assert sum(one.nano for one in listed) == server.nano
    for way in (PART, TOOL, SERVER):
        for one in by_name(found.sums, way):
            mine = [each for each in found.blocks if each.is_of(one, way)]
            assert (len(mine), sum(each.nano for each in mine)) == (one.blocks, one.nano)


@given(sessions(), st.integers(0, 13), st.integers(0, 13))
def test_it_equals_a_slow_count(
    session: tuple[list[int], list[Block], list[Compaction]], first: int, last: int
) -> None:
    sizes, blocks, told = session
    of = course(prompts(*sizes), told)
    made = composition(of, blocks)
    since_ms, until_ms = request(first).instant_ms, request(last).instant_ms
    for part, slow in (
        (carried(of, made, MAIN, AUTO), slow_nano(of, made)),
        (
            carried(of, made, MAIN, AUTO, since_ms, until_ms),
            slow_nano(of, made, since_ms, until_ms),
        ),
    ):
        quick = [one.nano for one in part.blocks]
        assert len(quick) == len(slow)
        assert all(abs(one - other) <= 1 for one, other in zip(quick, slow, strict=True))
        assert sum(one.nano for one in part.sums) == sum(quick)


@given(sessions())
def test_everything_carried_together_is_what_the_prompts_cost(
    session: tuple[list[int], list[Block], list[Compaction]],
) -> None:
    """Blocks, answers and what no log tells: each prompt's parts at its price are its cost."""
    sizes, blocks, told = session
    of = course(prompts(*sizes), told)
    made = composition(of, blocks)
    for place, point in enumerate(of.points):
        mix = made.at(place)
        paid = sum(tokens * slow_price(point) for _, tokens in mix.shares)
        assert paid == slow_price(point) * point.prompt


def test_agents_together_are_listed_by_cost() -> None:
    of = course(prompts(10_000, 15_100))
    part = carried(of, composition(of, conversation([0, 5_000])), MAIN, AUTO)
    other = MAIN._replace(agent="a1")
    both = joined([part, carried(of, composition(of, conversation([0, 5_000])), other, AUTO)])
    assert len(both.blocks) == 2 * len(part.blocks)
    assert [one.nano for one in both.blocks] == sorted(
        (one.nano for one in both.blocks), reverse=True
    )
    assert [one.nano for one in both.sums] == [2 * one.nano for one in part.sums]
    assert joined([]) == CarriedPart()
