"""Usage objects of every provider, by GATEWAYS section 2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.road import Fields
from tokwatch.sources.gateways.usage import tokens_of

COUNTS = st.integers(0, 2**31)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 5, "output_tokens": 6}, (5, None, 0, 0, 6, None, 0)),
        (
            {
                **{"input_tokens": 5, "output_tokens": 6, "cache_read_input_tokens": 7},
                **{"cache_creation_input_tokens": 9, "server_tool_use": {"web_search_requests": 2}},
                "cache_creation": {"ephemeral_1h_input_tokens": 4},
                "output_tokens_details": {"thinking_tokens": 8},
            },
            (5, 7, 5, 4, 6, 6, 2),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 6}, (5, None, 0, 0, 6, None, 0)),
        (
            {
                **{"prompt_tokens": 21, "completion_tokens": 6},
                "prompt_tokens_details": {"cached_tokens": 5_000},
            },
            (21, 5_000, 0, 0, 6, None, 0),
        ),
        (
            {
                **{"input_tokens": 50, "output_tokens": 6, "total_tokens": 56},
                "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 10},
            },
            (20, 20, 10, 0, 6, None, 0),
        ),
        ({"promptTokenCount": 5, "cachedContentTokenCount": 9}, (0, 5, 0, 0, 0, 0, 0)),
        ({"candidatesTokenCount": 5, "thoughtsTokenCount": 2}, (0, 0, 0, 0, 7, 2, 0)),
    ],
)
def test_a_shape_tells_what_its_counts_include(usage: Fields, expected: tuple[int, ...]) -> None:
    """2.9: unknown is not 0, classes are disjoint, reasoning is inside output."""
    assert tokens_of(usage) == expected


@pytest.mark.parametrize("usage", [{}, {"total_tokens": 5}, {"inputTokens": 5}])
def test_any_other_shape_is_none(usage: Fields) -> None:
    """Nothing is guessed."""
    assert tokens_of(usage) is None


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_classes_of_a_prompt_are_its_sum(fresh: int, read: int, written: int, out: int) -> None:
    """2.9: what includes the cache is taken apart without a rest."""
    found = tokens_of(
        {
            **{"prompt_tokens": fresh + read + written, "completion_tokens": out},
            "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        }
    )

    assert found is not None
    assert found[:5] == (fresh, read, written, 0, out)
