"""One agent's context: which requests carry it on, where it was cut, and how it grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.made_session import compaction, prompts, request, turn
from tokwatch.analysis.timeline import Growth, Usable, course, growth, request_lines, usable


def test_a_compaction_that_the_log_tells_is_a_cliff() -> None:
    told = compaction(3, offset=30, before=160_000)
    made = course(prompts(100_000, 150_000, 90_000, 95_000), [told])
    [cliff] = made.cliffs
    assert (cliff.place, cliff.before, cliff.after) == (2, 150_000, 90_000)
    assert cliff.told == told
    assert [made.begin_of(place) for place in range(4)] == [0, 0, 2, 2]


def test_a_prompt_that_halves_is_a_cliff_that_no_log_tells() -> None:
    made = course(prompts(100_000, 49_000, 60_000))
    [cliff] = made.cliffs
    assert (cliff.place, cliff.told) == (1, None)
    assert course(prompts(100_000, 51_000)).cliffs == ()
    assert course(prompts(3_000, 1_000)).cliffs == ()


def test_a_compaction_before_the_first_request_cuts_nothing() -> None:
    assert course(prompts(9_000), [compaction(1, offset=1)]).cliffs == ()


def test_a_small_request_to_another_model_stands_aside() -> None:
    main = prompts(100_000, 101_000, 103_000)
    title = request(9, 900, model="haiku", at_ms=main[1].instant_ms + 1)
    made = course([main[0], main[1], title, main[2]])
    assert [point.key for point in made.points] == [1, 2, 3]
    assert made.numbers[9] == 3
    lines = request_lines(made)
    assert [line.grew for line in lines] == [None, 1_000, None, 2_000]


def test_sums_of_requests_are_nobodys_context() -> None:
    one, other = prompts(9_000, 10_000)
    several = other._replace(cached=other.cached._replace(requests=5))
    growth_of_a_total = other._replace(cached=other.cached._replace(is_derived=1))
    for sum_of in (several, growth_of_a_total):
        made = course([one, sum_of])
        assert len(made.points) == 1
        assert len(made.requests) == 2


def test_growth_is_told_by_the_last_turns_of_the_present_context() -> None:
    sizes = (90_000, 20_000, 25_000, 30_000, 32_000, 40_000)
    made = course(prompts(*sizes), [compaction(2, offset=5)])
    turns = [turn(0, 1, 1), turn(1, 2, 3), turn(2, 4, 5), turn(3, 6, 6)]
    assert growth(made, turns) == Growth(40_000 - 25_000, 2, is_by_turn=True)
    assert growth(made, []) == Growth(20_000, 4, is_by_turn=False)
    assert growth(course([]), turns) == Growth(0, 0, is_by_turn=False)


def test_turns_left_are_none_where_nothing_grows() -> None:
    assert Growth(15_000, 3, is_by_turn=True).left(52_000) == 10
    assert Growth(15_000, 3, is_by_turn=True).left(-1) == 0
    assert Growth(-5, 3, is_by_turn=True).left(9) is None
    assert Growth(0, 0, is_by_turn=False).left(9) is None


def test_what_can_be_used_is_where_the_tool_compacted_by_itself() -> None:
    made = course(prompts(160_000, 30_000), [compaction(2, offset=1, before=167_000)])
    assert usable(made, 200_000) == Usable(167_000, is_seen=True)
    assert usable(made, 100_000) == Usable(80_000, is_seen=False)
    by_hand = compaction(2, offset=1, before=167_000, trigger="manual")
    assert usable(course(prompts(160_000, 30_000), [by_hand]), 200_000).is_seen is False


@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=40), st.sets(st.integers(2, 40)))
def test_every_point_lies_behind_the_last_cliff_before_it(sizes: list[int], cuts: set[int]) -> None:
    made = course(prompts(*sizes), [compaction(cut, offset=cut) for cut in cuts])
    places = [0, *(cliff.place for cliff in made.cliffs)]
    for place in range(len(made.points)):
        begin = max(at for at in places if at <= place)
        assert made.begin_of(place) == begin
    assert made.peak == max(point.prompt for point in made.points)
