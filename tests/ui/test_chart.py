"""plotext's fine chart, drawn where there is room for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.style import Style
from textual.geometry import Size

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, dollars
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets import chart
from tokwatch.ui.widgets.spend import SpendOverTime

RED, BLUE, GREY = Style(color="red"), Style(color="blue"), Style(color="white")
LEVELS = ((0, "  $0.00"), (dollars(2), "  $2.00"))
SIZE = Size(100, 20)
DOTS = range(0x2801, 0x2900)


def plot(*curves: tuple[int, ...], top: int = dollars(2), size: Size = SIZE) -> chart.Plot:
    """Return a plot of curves in red and blue."""
    named = (
        chart.Curve(f"model-{index}", nano, (RED, BLUE)[index % 2])
        for index, nano in enumerate(curves)
    )
    return chart.Plot(tuple(named), top, ((0, "10:00"), (40, "11:00")), LEVELS, size, GREY)


def dots(lines: list[Line], ink: Style) -> list[int]:
    """Return the rows in which a curve of this ink has dots."""
    return [
        row
        for row, line in enumerate(lines)
        if any(style is ink and any(ord(c) in DOTS for c in text) for text, style in line)
    ]


def test_curves_stand_where_their_values_are() -> None:
    lines = chart.drawn(plot((dollars(2),) * 50, (0,) * 50))
    assert dots(lines, RED) == [0]
    assert dots(lines, BLUE) == [17]


def test_the_axis_begins_at_zero_and_holds_the_top() -> None:
    lines = ["".join(text for text, _ in line) for line in chart.drawn(plot((dollars(1),) * 50))]
    assert lines[0].startswith("  $2.00┤")
    assert lines[17].startswith("  $0.00┤")
    assert "10:00" in lines[19]
    assert "11:00" in lines[19]


def test_each_curve_is_named_at_its_end() -> None:
    lines = chart.drawn(plot((0, dollars(2)), (0, 0)))
    assert lines[0][-1] == (" model-0", RED)
    assert lines[17][-1] == (" model-1", BLUE)


def test_names_that_would_collide_stand_apart() -> None:
    lines = chart.drawn(plot(*((0, 0) for _ in range(6))))
    named = [row for row, line in enumerate(lines) if "model" in line[-1][0]]
    assert named == [12, 13, 14, 15, 16, 17]


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.integers(-(10**9), 10**19), min_size=1, max_size=300), min_size=1, max_size=6
    ),
    st.integers(1, 10**15),
    st.integers(86, 300),
    st.integers(18, 80),
)
def test_no_values_break_it(nano: list[list[int]], top: int, width: int, height: int) -> None:
    lines = chart.drawn(plot(*map(tuple, nano), top=top, size=Size(width, height)))
    assert len(lines) == height
    assert max(map(width_of, lines)) <= width


def test_nothing_of_the_screen_imports_it() -> None:
    code = "import sys, tokwatch.ui.app; print([m for m in ('plotext', 'sqlmodel', 'httpx',"
    code += " 'markdown_it', 'genai_prices', 'watchfiles') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.anyio
async def test_zoomed_the_chart_turns_fine_once_plotext_is_there(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(chart, "is_loaded", lambda: bool(loaded))
    monkeypatch.setattr(chart, "load", lambda: loaded.append(True))
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(SpendOverTime).focus()
        await pilot.press("+")
        assert "▓ sonnet-4-5" in text_of(app)
        app.beat += 1
        await settle(pilot)
        app.beat += 1
        await settle(pilot)
        assert loaded == [True]
        assert "▓ sonnet-4-5" not in text_of(app)
        assert " sonnet-4-5" in text_of(app)
        assert any(ord(letter) in DOTS for letter in text_of(app))


@pytest.mark.anyio
async def test_the_fine_chart_is_drawn_once_a_beat_at_most(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[chart.Plot] = []

    def count(plot: chart.Plot) -> list[Line]:
        drawn.append(plot)
        return []

    monkeypatch.setattr(chart, "is_loaded", lambda: True)
    monkeypatch.setattr(chart, "drawn", count)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(SpendOverTime).focus()
        await pilot.press("+")
        await pilot.pause()
        assert len(drawn) == 1
        for more in range(5):
            first = BUSY.chart.series[0]
            changed = replace(first, nano=(*first.nano[:-1], dollars(1 + more)))
            feed_of(app).publish(
                replace(BUSY, chart=replace(BUSY.chart, series=(changed, *BUSY.chart.series[1:])))
            )
            await pilot.pause()
        assert len(drawn) == 1
        app.beat += 1
        await pilot.pause()
        assert len(drawn) == 2
        app.beat += 1
        await pilot.pause()
        assert len(drawn) == 2
