"""A prompt that asks for more is more complex, and the parts say why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.analysis.complexity import complexity

HARD = """You must refactor the scheduler. Analyse why the deadlock appears, prove the root cause,
compare two designs and explain the trade-offs step by step.
1. Never change `src/app/queue.py` without a test.
2. Always keep run_queue() and start_worker() as they are, exactly.
- Answer as JSON with this schema, and a table of what you changed.
"""


def part(text: str, name: str) -> float:
    """Return one part of a text's complexity."""
    return next(one.value for one in complexity(text, 200).parts if one.name == name)


def test_a_demanding_prompt_is_more_complex_than_a_plain_one() -> None:
    plain = complexity("What is the capital of France?", 8)
    hard = complexity(HARD, 130)

    assert plain.value < 0.1
    assert hard.value > 0.35
    assert complexity(HARD, 100_000).value == pytest.approx(hard.value + 0.2)


def test_each_part_sees_its_own() -> None:
    assert part("you must, never, always, only", "demands") == pytest.approx(4 / 20)
    assert part("debug it, then debug it, and plan", "reasoning") == pytest.approx(2 / 6)
    assert part("def f():\n    return 1\n", "code") == 1.0
    assert part("nothing\nof\nthe\nsort\n", "code") == 0.0
    assert part("see a/b.py and a/b.py and x_y", "breadth") == pytest.approx(2 / 40)
    assert part("as JSON, or json, or a table", "format") == pytest.approx(2 / 4)


@given(st.text(max_size=200), st.integers(0, 10_000_000))
@settings(max_examples=25)
def test_it_is_from_0_to_1_and_the_sum_of_its_parts(text: str, tokens: int) -> None:
    found = complexity(text, tokens)

    assert 0 <= found.value <= 1
    assert sum(one.weight for one in found.parts) == pytest.approx(1)
    assert all(0 <= one.value <= 1 for one in found.parts)


def test_of_a_long_text_begin_and_end_are_looked_at() -> None:
    text = "x\n" * 200_000 + "you must never"

    assert complexity(text, 200_000).parts[1].value == pytest.approx(2 / 20)
