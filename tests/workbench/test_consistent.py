"""Whatever was done and taken back before: what is shown is what a fresh start would show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.workbench.benches import CHAT, WORDY, WordMeter, desk
from tests.workbench.test_leaving import CHAT as TALK
from tests.workbench.test_leaving import summary
from tokwatch.compress.billed import tokens_of
from tokwatch.compress.difference import changes
from tokwatch.compress.levels import Level
from tokwatch.compress.limits import Limits, Strategy
from tokwatch.compress.shapes import read_prompt
from tokwatch.workbench.parts import part_number, with_part
from tokwatch.workbench.state import Bench, Course, Target
from tokwatch.workbench.work import Desk
from tokwatch.workbench.worked import Worked
from tokwatch.workbench.written import Rewriting

Step = Callable[[Course, Worked, int], Course]


def _edited(course: Course, worked: Worked, number: int) -> Course:
    text = course.now.text
    part = part_number(read_prompt(text), None)
    said = read_prompt(text).parts[part].text
    changed = with_part(text, part, f"{said[:number]} and please {said[number:]}")
    return course.to(replace(course.now, text=changed))


def _rejected(course: Course, worked: Worked, number: int) -> Course:
    if not worked.toggles:
        return course
    key = worked.toggles[number % len(worked.toggles)]
    return course.to(course.now.refused(frozenset({key})))


def _rewritten(course: Course, worked: Worked, number: int) -> Course:
    part = part_number(worked.prompt, None)
    old = worked.prompt.parts[part].text
    new = " ".join(old.split()[number % 3 :: 2]) or "short"
    found = Rewriting(part, old, tuple(changes(part, old, new, "rewritten")))
    return course.to(course.now.rewrote(found))


def _summed(course: Course, worked: Worked, number: int) -> Course:
    count = len(worked.prompt.messages)
    if count < 5:
        return course
    replaced = tuple(range(2, count - 1))
    return course.to(replace(course.now, summary=summary(course.now.text, replaced)))


STEPS: Final[tuple[Step, ...]] = (
    _edited,
    _rejected,
    _rejected,
    _rewritten,
    _summed,
    lambda course, _, n: course.to(course.now.switched(course.now.stages[n % 20].name)),
    lambda course, _, n: course.to(course.now.moved(course.now.stages[n % 20].name, 3)),
    lambda course, _, n: course.to(replace(course.now, level=list(Level)[n % 3], chosen=())),
    lambda course, _, n: course.to(replace(course.now, target=Target(20 + n, None))),
    lambda course, _, n: course.to(course.now.limited(Limits(1 + n % 5, None, 0, Strategy.AUTO))),
    lambda course, _, n: course.undone(),
    lambda course, _, n: course.undone().undone(),
    lambda course, _, n: course.redone(),
)


def told(one: Desk, bench: Bench) -> Worked:
    """Return all that is shown of a state."""
    return one.with_losses(one.worked(bench))


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([WORDY, CHAT, TALK]),
    st.lists(st.tuples(st.sampled_from(range(len(STEPS))), st.integers(0, 60)), max_size=8),
)
def test_counts_losses_and_score_are_those_of_a_fresh_start(
    text: str, walk: list[tuple[int, int]]
) -> None:
    one = desk()
    course = Course(Bench(text, model="wrapped", target=Target(None, None)))
    worked = told(one, course.now)
    for step, number in walk:
        course = STEPS[step](course, worked, number)
        worked = told(one, course.now)
        fresh = told(desk(), course.now)
        assert worked == fresh
        meter = WordMeter("wrapped")
        result = read_prompt(worked.text)
        assert worked.after == tokens_of(result, meter.raw, meter.wrapping)
        assert worked.before == tokens_of(worked.prompt, meter.raw, meter.wrapping)
        every = frozenset(worked.keys)
        assert one.worked(replace(course.now, rejected=every)).text == course.now.text
