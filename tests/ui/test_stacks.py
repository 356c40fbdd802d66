"""Stacked columns: their sums, their heights and their axes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.style import Style
from textual.app import App

from tests.ui.literal import BUSY, dollars
from tokwatch.model.snapshot import Chart, Series
from tokwatch.model.units import NANO
from tokwatch.ui.glyphs import TEXTURES
from tokwatch.ui.inks import inks_of
from tokwatch.ui.lines import width_of
from tokwatch.ui.stacks import axis, bars, columns_of, levels_of, nice_top, ticks

START = datetime(2025, 11, 18, 10, 2, 31, tzinfo=UTC)
COLOURS = tuple(Style(color=name) for name in ("red", "green", "blue", "cyan", "white"))
GROUNDS = tuple(style + Style(bgcolor=style.color) for style in COLOURS)
INKS = replace(inks_of(App()), chart=COLOURS, fill=GROUNDS)


def chart(*series: tuple[int, ...], seconds: int = 60) -> Chart:
    """Return a chart of whole dollars."""
    named = (Series(f"m{i}", tuple(map(dollars, nano))) for i, nano in enumerate(series))
    return Chart(START, seconds, tuple(named))


def picture(source: Chart, width: int, height: int, top: float) -> list[str]:
    """Return the plot as plain text."""
    rows = bars(columns_of(source, width), height, dollars(top), INKS)
    return ["".join(text for text, _ in row) for row in rows]


def test_too_many_buckets_are_added_up_and_the_bar_says_so() -> None:
    columns = columns_of(chart((1, 2, 3, 4, 5)), 2)
    assert columns.stacks == ((dollars(6),), (dollars(9),))
    assert columns.seconds == 180


def test_few_buckets_are_widened() -> None:
    assert picture(chart((1, 2)), 6, 2, 2) == ["   ███", "██████"]


def test_bars_begin_at_zero_and_what_was_spent_is_seen() -> None:
    assert picture(chart((0, 1, 100)), 3, 1, 100) == [" ▁█"]


def test_each_series_has_its_texture() -> None:
    assert picture(chart((1,), (1,)), 1, 2, 2) == [TEXTURES[1], TEXTURES[0]]


def test_a_border_inside_a_cell_shows_both_series() -> None:
    row = bars(columns_of(chart((1,), (1,)), 1), 1, dollars(2), INKS)[0]
    (text, style) = row[0]
    assert text == "▄"
    assert style.color == COLOURS[0].color
    assert style.bgcolor == COLOURS[1].color


def test_without_colours_a_cell_has_one_texture() -> None:
    plain = replace(INKS, fill=COLOURS)
    row = bars(columns_of(chart((5,), (3,)), 1), 1, dollars(8), plain)[0]
    assert row == [(TEXTURES[0], COLOURS[0])]


def test_an_empty_chart_has_no_bars() -> None:
    assert picture(Chart(), 10, 2, 1) == ["", ""]
    assert ticks(columns_of(Chart(), 10), "UTC") == []


@pytest.mark.parametrize(
    ("peak", "top"), [(0.0009, 0.001), (0.83, 1), (1.45, 1.5), (10.6, 12), (801, 1000)]
)
def test_the_axis_ends_at_the_next_round_amount(peak: float, top: float) -> None:
    assert nice_top(dollars(peak)) == dollars(top)


@given(st.integers(1, 10**9 * NANO))
def test_the_axis_holds_the_highest_bar(peak: int) -> None:
    assert peak <= nice_top(peak) <= max(peak * 2, NANO // 1000)


def test_labels_stand_at_round_local_times() -> None:
    columns = columns_of(BUSY.chart, 110)
    labels = [label for _, label in ticks(columns, "Asia/Kolkata")]
    assert labels[:2] == ["16:00", "16:30"]


def test_days_are_labelled_by_date() -> None:
    month = Chart(START, 86_400, (Series("m", (1,) * 30),))
    labels = [label for _, label in ticks(columns_of(month, 110), "UTC")]
    assert labels[:2] == ["18 Nov", "21 Nov"]


def test_days_keep_their_dates_when_the_clock_changes() -> None:
    begin = datetime(2025, 10, 19, 22, tzinfo=UTC)
    days = Chart(begin, 86_400, (Series("m", (1,) * 12),))
    marks = ticks(columns_of(days, 120), "Europe/Madrid")
    assert marks == [(10 * day, f"{20 + day} Oct") for day in range(12)]
    hours = Chart(begin, 3600, (Series("m", (1,) * 24 * 8),))
    labels = [label for _, label in ticks(columns_of(hours, 96), "Europe/Madrid")]
    assert labels == [f"{20 + day} Oct" for day in range(8)]


def test_hours_stay_round_when_the_clock_changes() -> None:
    quarters = Chart(datetime(2025, 10, 25, 18, tzinfo=UTC), 900, (Series("m", (1,) * 48),))
    marks = ticks(columns_of(quarters, 48), "Europe/Madrid")
    assert [label for _, label in marks] == ["21:00", "00:00", "03:00", "06:00"]
    assert [cell for cell, _ in marks] == [4, 16, 32, 44]


@given(st.integers(1, 10**13), st.integers(1, 60))
def test_the_labels_of_the_axis_are_exact_and_hold_the_peak(peak: int, rows: int) -> None:
    top, levels = levels_of(peak, rows)
    assert top >= peak
    assert 1 <= len(levels) <= 4
    for row, value in levels.items():
        assert 0 <= row < rows
        assert abs(value * rows - top * (rows - row)) <= rows


def test_a_label_is_never_cut() -> None:
    line, labels = axis([(0, "10:00"), (8, "10:30")], 12)
    assert (line, labels) == ("┬───────────", "10:00       ")


@given(
    st.lists(st.lists(st.integers(0, 10**13), min_size=1, max_size=90), min_size=1, max_size=5),
    st.integers(1, 80),
    st.integers(1, 12),
)
def test_every_row_is_as_wide_as_the_plot(nano: list[list[int]], width: int, height: int) -> None:
    source = Chart(START, 60, tuple(Series("m", tuple(values)) for values in nano))
    columns = columns_of(source, width)
    peak = max(sum(stack) for stack in columns.stacks)
    assert {width_of(row) for row in bars(columns, height, nice_top(peak), INKS)} == {width}
    assert sum(map(sum, columns.stacks)) == sum(map(sum, nano))


@given(st.integers(1, 400), st.sampled_from([60, 900, 3600, 86_400]), st.integers(20, 200))
def test_ticks_lie_inside_the_plot(buckets: int, seconds: int, width: int) -> None:
    source = Chart(START + timedelta(days=3), seconds, (Series("m", (1,) * buckets),))
    columns = columns_of(source, width)
    assert all(0 <= cell < width for cell, _ in ticks(columns, "America/New_York"))
