"""Tokens by class under every rule of inclusion, by figures made by hand."""

from __future__ import annotations

import pytest

from tokwatch.sources.mapped.tokens import Counts, Tokens, contradiction, tokens_by_class

LOGGED = Counts(1_000, 600, 100, 40, 50, 20, None)
"""Input, cache read, cache written, of that for an hour, output, reasoning, no total."""


@pytest.mark.parametrize(
    ("includes", "expected"),
    [
        ((), Tokens(1_000, 600, 60, 40, 50, 20)),
        (("cache_read",), Tokens(400, 600, 60, 40, 50, 20)),
        (("cache_write",), Tokens(900, 600, 60, 40, 50, 20)),
        (("cache_read", "cache_write"), Tokens(300, 600, 60, 40, 50, 20)),
    ],
)
def test_what_input_includes_is_taken_out_of_it(
    includes: tuple[str, ...], expected: Tokens
) -> None:
    assert tokens_by_class(LOGGED, includes, True) == expected


def test_reasoning_outside_of_output_is_added_to_it() -> None:
    assert tokens_by_class(LOGGED, (), False)[4:] == (70, 20)
    assert tokens_by_class(LOGGED, (), True)[4:] == (50, 20)


@pytest.mark.parametrize(
    ("written", "for_an_hour", "expected"),
    [
        (100, 40, (60, 40)),
        (100, None, (100, 0)),
        (None, 40, (0, 40)),
        (30, 40, (0, 40)),
        (0, 0, (0, 0)),
        (None, None, (None, None)),
    ],
)
def test_writes_that_do_not_live_an_hour_live_five_minutes(
    written: int | None, for_an_hour: int | None, expected: tuple[int | None, int | None]
) -> None:
    counts = LOGGED._replace(cache_write=written, cache_write_1h=for_an_hour)

    assert tokens_by_class(counts, (), True)[2:4] == expected


def test_what_is_not_told_is_unknown_and_takes_nothing_away() -> None:
    counts = Counts(1_000, None, None, None, 50, None, None)

    found = tokens_by_class(counts, ("cache_read", "cache_write"), False)

    assert found == Tokens(1_000, None, None, None, 50, None)


def test_classes_are_never_below_zero_and_reasoning_never_above_output() -> None:
    counts = LOGGED._replace(input=10, reasoning=80)

    assert tokens_by_class(counts, ("cache_read",), True) == Tokens(0, 600, 60, 40, 50, 50)


def test_reasoning_without_output_is_not_known_to_be_all() -> None:
    assert tokens_by_class(LOGGED._replace(output=None), (), False)[4:] == (None, None)


def test_the_total_counts_reasoning_once() -> None:
    assert tokens_by_class(LOGGED, ("cache_read", "cache_write"), True).total == 1_050


@pytest.mark.parametrize(
    ("counts", "includes", "told"),
    [
        (LOGGED, ("cache_read",), ""),
        (LOGGED._replace(input=10), (), ""),
        (
            LOGGED._replace(input=10),
            ("cache_read",),
            "input is 10, less than the 600 that it is said to include",
        ),
        (LOGGED._replace(reasoning=80), (), "output is 50, less than its reasoning, 80"),
        (LOGGED._replace(total=1_150), ("cache_read",), ""),
        (
            LOGGED._replace(total=1_150),
            (),
            "the classes add up to 1,750, the total says 1,150",
        ),
    ],
)
def test_counts_that_prove_a_rule_wrong_say_so(
    counts: Counts, includes: tuple[str, ...], told: str
) -> None:
    assert contradiction(counts, tokens_by_class(counts, includes, True), includes, True) == told
