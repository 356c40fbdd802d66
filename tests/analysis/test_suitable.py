"""Which models fit a prompt, and which of them is the cheapest that suits."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tokwatch.analysis.suitable import CRITICAL, OK, WARNING, Fitting, Room, fitted, level_of
from tokwatch.tokens.estimate import Basis, Counted

ROOM = Room(warning=0.75, critical=0.85, margin=0.9, reserve=2_000)
LARGE = Fitting(
    *("claude-opus-5", "anthropic", True, Counted(10_000, Basis.EXACT), 200_000),
    *(50_000_000, 5_000_000),
)
SMALL = replace(LARGE, model="claude-haiku-5", cold_nano=10_000_000)


def names(complexity: float, *rows: Fitting) -> list[tuple[str, str, bool]]:
    """Return each model with why it does not suit, and whether it is the cheapest."""
    return [(one.model, one.why_not, one.is_cheapest) for one in fitted(rows, complexity, ROOM)]


def test_the_cheapest_that_suits_is_marked() -> None:
    assert names(0.1, LARGE, SMALL) == [
        ("claude-haiku-5", "", True),
        ("claude-opus-5", "", False),
    ]
    assert names(0.6, LARGE, SMALL) == [
        ("claude-haiku-5", "a small model", False),
        ("claude-opus-5", "", True),
    ]


def test_a_model_that_often_failed_does_not_suit() -> None:
    failing = replace(SMALL, error_rate=0.08, attempts=50)

    assert names(0.1, LARGE, failing)[0] == (
        *("claude-haiku-5", "8% of your attempts failed"),
        False,
    )


def test_an_estimate_needs_more_room_than_a_count() -> None:
    exact = replace(LARGE, window=12_000)
    estimated = replace(exact, model="other", counted=Counted(10_000, Basis.RATIO))

    found = {one.model: one.fits for one in fitted([exact, estimated], 0.5, ROOM)}

    assert found == {"claude-opus-5": True, "other": False}


def test_without_window_or_price_nothing_is_promised() -> None:
    unknown = replace(LARGE, model="a", window=None, cold_nano=1)
    unpriced = replace(LARGE, model="b", cold_nano=None, cached_nano=None)

    assert names(0.5, unknown, unpriced) == [("a", "window not known", False), ("b", "", False)]


@pytest.mark.parametrize(
    ("model", "is_small"),
    [
        ("claude-haiku-4-5", True),
        ("gpt-5-mini", True),
        ("gemini-2.5-flash-lite", True),
        ("llama-8b", True),
        ("gemini-2.5-pro", False),
        ("claude-sonnet-5", False),
        ("minimax-m2", False),
    ],
)
def test_small_is_what_its_maker_calls_small(model: str, is_small: bool) -> None:
    assert replace(LARGE, model=model).is_small is is_small


@pytest.mark.parametrize(
    ("share", "level"),
    [(None, OK), (0.0, OK), (0.74, OK), (0.75, WARNING), (0.85, CRITICAL), (2.0, CRITICAL)],
)
def test_levels_are_those_of_the_settings(share: float | None, level: object) -> None:
    assert level_of(share, ROOM) is level
