"""Measured corrections hold for what is estimated by length, not for what usage tells."""

from __future__ import annotations

from tests.analysis.made_session import block
from tokwatch.analysis.weights import corrected
from tokwatch.model.detail import Part
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind

BY = Calibration(
    *("claude-opus-4-8", Kind.PROMPT, BY_LENGTH, 1.5, 60.0, 65, 1, 5, 0.1, 0.2, 0.5, 1_000)
)


def test_words_are_corrected_and_calls_have_their_wrapping() -> None:
    blocks = [
        block(0, Part.USER, 100),
        block(1, Part.TOOL_CALL, 10, 1, tool="Read", call=1),
        block(2, Part.THINKING, 70, 1),
        block(3, Part.IMAGE, 1_600),
        block(4, Part.SYSTEM, 0),
    ]

    assert [one.tokens for one in corrected(blocks, BY)] == [150, 75, 70, 1_600, 0]


def test_without_measurements_they_stay() -> None:
    blocks = [block(0, Part.USER, 100)]

    assert corrected(blocks, None) == blocks
