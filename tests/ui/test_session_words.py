"""What the session screen says of its estimates."""

from __future__ import annotations

from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind
from tokwatch.ui.session_words import estimate_words


def test_an_estimate_says_what_it_rests_on_and_how_far_it_is_off() -> None:
    by = Calibration(
        *("claude-opus-5", Kind.PROMPT, BY_LENGTH, 1.641, 85.9, 1_066, 0, 5),
        *(0.12, 0.242, 0.536, 1_000),
    )

    assert "tokwatch calibrate" in estimate_words(None)
    told = estimate_words(by)
    assert "1.64 tokens for four bytes and 86 for each call" in told
    assert "1,066 measurements of claude-opus-5" in told
    assert "off by 12% on average, by less than 24% in nine of ten" in told
