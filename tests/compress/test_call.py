"""The Python call, with a count handed in and with the shipped one."""

from __future__ import annotations

import pytest

from tests.compress.counted import count
from tokwatch.compress import compress, compress_blind
from tokwatch.errors import TokwatchError

TEXT = "\n\n".join(
    f"Box {n} holds {n * 7} apples. They are red and good to eat." for n in range(30)
)


def test_a_question_and_a_budget_are_enough() -> None:
    out = compress(TEXT, "How many apples does box 12 hold?", 40, count=count)

    assert "84" in out
    assert count(out) <= 40


def test_the_shipped_count_is_used_without_one() -> None:
    out = compress_blind(TEXT, "", 120)

    assert 0 < len(out) < len(TEXT)


def test_what_is_to_stay_is_named_by_patterns() -> None:
    assert "Box 29" in compress(TEXT, "What is in box 1?", 40, keep=("Box 29",), count=count)


def test_a_stage_by_name_runs_alone() -> None:
    assert compress("a  b   c", stages=("spacing",), count=count) == "a b c"


def test_llmlingua_says_what_it_needs() -> None:
    with pytest.raises(TokwatchError, match="folder of a model"):
        compress(TEXT, stages=("llmlingua",), count=count)
