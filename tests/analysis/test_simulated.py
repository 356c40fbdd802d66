"""Truncation simulated on requests: what is saved after the cache is paid again."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.made_session import (
    INPUT,
    OUTPUT,
    READ,
    block,
    compaction,
    conversation,
    prompts,
    request,
)
from tests.analysis.test_composition import sessions
from tokwatch.analysis.composition import UNTOLD, composition
from tokwatch.analysis.growing import Group
from tokwatch.analysis.simulated import Conversation, Simulation, loss, simulations
from tokwatch.analysis.simulated import conversation as messages_of
from tokwatch.analysis.timeline import course
from tokwatch.analysis.truncation import Limits, Plan, Strategy, kept_numbers, truncated
from tokwatch.model.detail import Block, Compaction, Part
from tokwatch.model.usage import CostMode

AUTO = CostMode.AUTO
SIZES = (10_000, 15_100, 20_200, 25_300, 30_400, 35_500)
RESULTS = (0, 5_000, 5_000, 5_000, 5_000, 5_000)


def made(sizes: tuple[int, ...] = SIZES, results: tuple[int, ...] = RESULTS) -> Conversation:
    """Return a conversation whose prompts grow by an answer and a result of a tool each time."""
    of = course(prompts(*sizes))
    return messages_of(of, composition(of, conversation(results)))


def of_strategy(found: tuple[Simulation, ...], strategy: Strategy) -> Simulation:
    return next(one for one in found if one.strategy is strategy)


def test_the_messages_are_system_answers_and_what_came_between() -> None:
    talk = made()
    [context] = talk.contexts
    messages = context.history.messages
    assert [one.is_system for one in messages[:2]] == [True, False]
    assert [one.tokens for one in messages[:4]] == [9_990, 10, 100, 5_000]
    assert messages[2].calls == messages[3].calls != ()
    assert context.ends == (2, 4, 6, 8, 10, 12)
    assert talk.messages == 12
    for place, end in enumerate(context.ends):
        assert sum(one.tokens for one in messages[:end]) == talk.course.points[place].prompt


def test_nothing_changes_where_all_of_it_fits() -> None:
    for one in simulations(made(), Limits(50, 50_000), AUTO):
        assert (one.cut, one.saved_tokens, one.saved_nano, one.summaries) == (0, 0, 0, 0)
        assert one.nano == sum(prompt_cost(size, before) for size, before in pairs())


def test_calls_with_the_same_id_pair_by_their_order() -> None:
    """Some models count their calls anew in each answer."""
    of = course(prompts(*SIZES))
    reused = [one._replace(call=min(one.call, 1)) for one in conversation(RESULTS)]
    [context] = messages_of(of, composition(of, reused)).contexts
    [apart] = made().contexts

    assert context.history.starts == apart.history.starts
    assert len(set(apart.history.starts)) > 5


def pairs() -> list[tuple[int, int]]:
    """Return each prompt with the one before it, which it reads."""
    return list(zip(SIZES, (0, *SIZES), strict=False))


def prompt_cost(size: int, read: int) -> int:
    return ((size - read) * INPUT + read * READ) // 1000


def test_a_window_that_slides_pays_for_what_the_cache_lost() -> None:
    """Each request after the limit was reached drops one pair; only the system part is kept."""
    found = of_strategy(simulations(made(), Limits(50, 21_000), AUTO), Strategy.SLIDING)
    assert (found.cut, found.requests) == (3, 6)
    sent = [10_000, 15_100, 20_200, 9_990 + 10_200, 9_990 + 10_200, 9_990 + 10_200]
    assert found.saved_tokens == sum(SIZES) - sum(sent)
    reads = [0, 10_000, 15_100, 9_990, 9_990, 9_990]
    real = sum(prompt_cost(size, before) for size, before in pairs())
    assert found.nano - found.saved_nano == sum(map(prompt_cost, sent, reads))
    assert found.nano == real


def test_a_summary_costs_its_making() -> None:
    limits = Limits(50, 21_000, summary_messages=2, summary_tokens=200)
    found = of_strategy(simulations(made(), limits, AUTO), Strategy.SUMMARY)
    assert found.summaries == 3
    lost = [5_100, 5_100, 5_100]
    known = [0, 200, 200]
    making = [
        ((gone + before) * READ + 200 * OUTPUT) // 1000
        for gone, before in zip(lost, known, strict=True)
    ]
    assert found.summary_nano == sum(making)


def test_requests_without_a_price_are_in_no_amount() -> None:
    first, second = prompts(10_000, 15_100)
    of = course([first, second, request(3, 100, 15_100, is_priced=False)])
    talk = messages_of(of, composition(of, conversation([0, 5_000, 50])))
    found = simulations(talk, Limits(2, 50_000), AUTO)
    assert {one.unpriced for one in found} == {1}
    assert found[0].nano == prompt_cost(10_000, 0) + prompt_cost(15_100, 10_000)


def test_what_is_left_out_of_a_prompt_is_told_by_part() -> None:
    found = loss(made(), 5, Limits(50, 21_000), Strategy.SLIDING)
    assert (found.prompt, found.sent) == (35_500, 20_190)
    assert dict(found.lost) == {
        Group(Part.TOOL_RESULT, "Read"): 15_000,
        Group(Part.TOOL_CALL): 300,
        Group(Part.USER): 10,
    }
    nothing = loss(made(), 1, Limits(50, 21_000), Strategy.SLIDING)
    assert (nothing.lost, nothing.sent) == ((), 15_100)


def test_behind_a_compaction_a_conversation_begins_anew() -> None:
    blocks = [
        block(0, Part.USER, 10),
        block(1, Part.TOOL_CALL, 20, 1, tool="Read", call=1),
        block(2, Part.TOOL_RESULT, 9_000, tool="Read", call=1),
        block(3, Part.ASSISTANT, 10, 2),
        block(4, Part.SUMMARY, 700, offset=60),
        block(5, Part.ASSISTANT, 10, 3),
    ]
    of = course(prompts(5_000, 14_100, 5_690), [compaction(3, offset=50)])
    talk = messages_of(of, composition(of, blocks))
    assert [one.begin for one in talk.contexts] == [0, 2]
    tokens = [one.tokens for one in talk.contexts[1].history.messages]
    assert tokens == [4_990, 700]


def slow_sent(plan: Plan, prompt: int) -> int:
    known = plan.kept_tokens + plan.lost_tokens
    if not plan.lost or not known:
        return prompt
    return min(prompt, int(Fraction(prompt * plan.kept_tokens, known)) + plan.summary_tokens)


@given(sessions(), st.integers(100, 60_000), st.integers(1, 12))
def test_tokens_saved_are_those_of_the_plans(
    session: tuple[list[int], list[Block], list[Compaction]], tokens: int, most: int
) -> None:
    sizes, blocks, told = session
    of = course(prompts(*sizes), told)
    talk = messages_of(of, composition(of, blocks))
    limits = Limits(most, tokens, 0.9, 20, 4, 30)
    for found in simulations(talk, limits, AUTO):
        saved = cut = 0
        for context in talk.contexts:
            for number, end in enumerate(context.ends):
                prompt = of.points[context.begin + number].prompt
                plan = truncated(context.history, end, limits, found.strategy)
                saved += prompt - slow_sent(plan, prompt)
                cut += plan.lost > 0
        assert (found.saved_tokens, found.cut) == (saved, cut)
        assert found.tokens == sum(point.prompt for point in of.points)
        assert found.requests == len(of.points)


@given(sessions(), st.integers(100, 60_000))
def test_every_block_stands_in_one_message_of_each_context_that_holds_it(
    session: tuple[list[int], list[Block], list[Compaction]], tokens: int
) -> None:
    sizes, blocks, told = session
    of = course(prompts(*sizes), told)
    sized = composition(of, blocks)
    talk = messages_of(of, sized)
    ends = [*(one.begin for one in talk.contexts[1:]), len(of.points)]
    for context, stop in zip(talk.contexts, ends, strict=False):
        held = sorted(one.block.number for part in context.parts for one in part)
        assert held == sorted(
            one.block.number
            for one in sized.sized
            if one.place < stop and one.until > context.begin
        )
        found = loss(talk, stop - 1, Limits(50, tokens), Strategy.SLIDING)
        left = set(range(context.ends[-1])) - set(kept_numbers(context.history, found.plan))
        lost = sum(context.history.messages[number].tokens for number in left)
        assert sum(each for _, each in found.lost) == lost
        assert all(group != UNTOLD or each > 0 for group, each in found.lost)
