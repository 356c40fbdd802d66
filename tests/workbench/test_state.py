"""The workbench's states: stages, targets, rejections, undo and redo."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tokwatch.compress.levels import Level
from tokwatch.errors import TokwatchError
from tokwatch.workbench import state
from tokwatch.workbench.state import Bench, Course, Target, target_of


def on(bench: Bench) -> list[str]:
    """Return the stages that are to run."""
    return [one.name for one in bench.stages if one.is_on]


def test_stages_are_those_of_the_level_until_one_is_touched() -> None:
    light, bold = Bench(level=Level.LIGHT), Bench(level=Level.AGGRESSIVE)
    assert set(on(light)) < set(on(bold))
    touched = light.switched("phrases")
    assert set(on(light)) - set(on(touched)) == {"phrases"}
    assert on(touched.switched("phrases")) == on(light)


def test_extraction_stands_only_where_there_is_a_question() -> None:
    assert "extract" not in on(Bench())
    assert "extract" in on(Bench(question="When does it end?"))
    assert "cover" in on(Bench(is_blind=True))


def test_a_stage_moves_and_stays_within_the_list() -> None:
    bench = Bench()
    first = bench.stages[0].name
    assert bench.moved(first, 2).stages[2].name == first
    assert bench.moved(first, -5).stages[0].name == first
    assert len(bench.moved(first, 99).stages) == len(bench.stages)


def test_rejecting_twice_accepts() -> None:
    one, other = ("a", 0, 1, 0), ("b", 0, 2, 0)
    bench = Bench().refused(frozenset({one}))
    assert bench.refused(frozenset({one, other})).rejected == {one, other}
    assert bench.refused(frozenset({one})).rejected == frozenset()


def test_words_are_kept_letter_for_letter_and_let_go() -> None:
    bench = Bench().kept("a+b")
    assert bench.keep == (r"a\+b",)
    assert bench.kept("a+b").keep == ()


def test_undo_and_redo_walk_the_course() -> None:
    first, second = Bench("one"), Bench("two")
    course = Course(first).to(second)
    assert course.undone().now == first
    assert course.undone().redone().now == second
    assert course.redone() == course
    assert course.undone().to(Bench("three")).redone().now.text == "three"
    assert course.to(second) is course


def test_as_many_steps_are_remembered_as_there_is_memory_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(state, "MOST_CHARS", 100)
    course = Course(Bench("x" * 60))
    for level in (Level.LIGHT, Level.AGGRESSIVE):  # the text is one and the same
        course = course.to(replace(course.now, level=level))
    assert len(course.past) == 2
    course = course.to(Bench("y" * 60)).to(Bench("z" * 60))
    assert [one.text[0] for one in course.past] == ["y"]
    assert [one.text[0] for one in course.to(Bench("a" * 999)).to(Bench("b")).past] == ["a"]


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("30%", Target(None, 0.3)),
        ("2,000", Target(2000, None)),
        ("2k tokens", Target(2000, None)),
        ("all", Target(None, None)),
        ("Window", Target(9000, None, "window")),
    ],
)
def test_targets_as_they_are_typed(typed: str, target: Target) -> None:
    assert target_of(typed, {"window": 9000}) == target


@pytest.mark.parametrize("typed", ["soon", "100%", "0%", "-3"])
def test_what_is_no_target_is_told(typed: str) -> None:
    with pytest.raises(TokwatchError):
        target_of(typed)


def test_a_target_reads_back_as_it_is_shown() -> None:
    for target in (Target(), Target(1234, None), Target(None, None)):
        assert target_of(str(target)) == target
    assert replace(Bench(), target=Target(5, None, "window")).target.is_set
