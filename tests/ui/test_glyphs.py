"""Small pictures are drawn from zero."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.ui.glyphs import gauge, level, resample, spark, tall_spark

VALUES = st.lists(st.none() | st.floats(0, 1e12), max_size=300)


def test_close_values_look_close() -> None:
    assert spark((10, 11, 12), 3) == "▆▇▇"


def test_anything_spent_is_seen() -> None:
    assert spark((0, 1, 1000), 3) == "▁▂▇"


def test_the_newest_value_stands_at_the_right() -> None:
    assert spark((0, 5), 5) == "   ▁▇"


def test_unknown_values_are_blank() -> None:
    assert spark((None, 1.0, None), 3) == " ▇ "
    assert level(None, 5) == " "


def test_a_gauge_shows_its_share() -> None:
    assert gauge(0.5, 10) == ("━━━━━", "─────")
    assert gauge(0.05, 10) == ("╸", "─────────")
    assert gauge(0.0, 4) == ("", "────")
    assert gauge(1.7, 4) == ("━━━━", "")


def test_a_tall_sparkline_fills_its_lines() -> None:
    assert tall_spark((0, 1, 2), 3, 2) == ["  █", " ██"]


def test_a_share_is_drawn_against_the_whole() -> None:
    assert tall_spark((0.5,), 1, 2, 1.0) == [" ", "█"]


@given(VALUES, st.integers(0, 120))
def test_a_sparkline_is_as_wide_as_asked(values: list[float | None], width: int) -> None:
    assert len(spark(values, width)) == width


@given(VALUES, st.integers(1, 50), st.integers(1, 9))
def test_tall_sparklines_are_boxes(values: list[float | None], width: int, height: int) -> None:
    lines = tall_spark(values, width, height)
    assert [len(line) for line in lines] == [width] * height


@given(st.floats(-1, 2), st.integers(0, 60))
def test_a_gauge_is_as_wide_as_asked(share: float, width: int) -> None:
    assert len("".join(gauge(share, width))) == width


@given(VALUES, st.integers(1, 50))
def test_resampling_keeps_the_bounds(values: list[float | None], width: int) -> None:
    known = [value for value in values if value is not None]
    means = [value for value in resample(values, width) if value is not None]
    assert not means or (min(known) <= min(means) * 1.001 and max(means) <= max(known) * 1.001)
