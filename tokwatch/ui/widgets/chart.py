"""The only door to plotext: spending as fine lines, one for each model, with the models' names.

plotext has one global figure that is not thread-safe, and its filled shapes can end the process
(an assertion in its kernel); so everything is drawn on the screen's own thread, as lines only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from rich.style import Style
from textual.geometry import Size

from tokwatch.model.units import NANO
from tokwatch.ui.lines import Line

LEAST: Final = Size(90, 20)
"""The smallest plot that is worth its milliseconds."""
FIRST_COLOUR: Final = 201
"""Colour number of the first curve: none that plotext uses by itself."""
LABEL: Final = 16
"""Cells at the right for the names of the curves."""
_RUN: Final = re.compile(r"\x1b\[((?:38;5;(\d+)|[\d;]*))m|([^\x1b]+)")


class Curve(Struct, frozen=True):
    """One line of the chart."""

    name: str
    nano: tuple[int, ...]
    ink: Style


class Plot(Struct, frozen=True):
    """Everything that a chart is drawn from; equal plots look the same."""

    curves: tuple[Curve, ...]
    top: int
    ticks: tuple[tuple[int, str], ...]
    """Labels of the time axis, by cell."""
    levels: tuple[tuple[int, str], ...]
    """Labels of the money axis."""
    size: Size
    frame: Style


def is_loaded() -> bool:
    """Return whether plotext has been imported; importing it takes a tenth of a second."""
    return "plotext" in sys.modules


def load() -> None:
    """Import plotext; called in a thread after the first frame."""
    import plotext  # type: ignore[import-untyped]  # noqa: F401 -- it has no types


def drawn(plot: Plot) -> list[Line]:
    """Return the chart as lines."""
    figure = _figure()
    width, height = plot.size.width - LABEL, plot.size.height
    figure.clear()
    figure.plot_size(width, height)
    cells = width - max(len(label) for _, label in plot.levels) - 1
    for index, curve in enumerate(plot.curves):
        span = max(1, len(curve.nano) - 1)
        xs = [position * (cells - 1) / span for position in range(len(curve.nano))]
        # A line that leaves the plot is drawn point by point for as far as it goes.
        ys = [max(0, min(plot.top, nano)) / NANO for nano in curve.nano]
        signal = figure.signal(xs, ys, marker=_marker(index))
        figure.draw(signal.lines())
    _axes(figure, plot, cells)
    inks = [curve.ink for curve in plot.curves]
    text = str(figure.build().string())
    lines = [_line(row, inks, plot.frame) for row in text.splitlines()[:height]]
    for row, curve in _labels(plot, height - 2).items():
        lines[row].append((f" {curve.name}", curve.ink))
    return lines


def _figure() -> Any:  # plotext has no types
    import plotext

    plotext.terminal.limit(False, False)
    return plotext.figure


@lru_cache(maxsize=8)
def _marker(index: int) -> Any:  # plotext has no types
    """Return braille dots in the colour whose number tells the curve; the theme's come later."""
    import plotext

    return plotext.marker("braille", plotext.pixel(FIRST_COLOUR + index, "default"))


def _axes(figure: Any, plot: Plot, cells: int) -> None:
    figure.axes(False, axis=[0, 1], side=1)
    x, y = figure.ruler("x", 0), figure.ruler("y", 0)
    # plotext would find the limits by itself, and cut the highest point.
    x.lim(0, cells - 1)
    y.lim(0, plot.top / NANO)
    x.ticks([cell for cell, _ in plot.ticks], [label for _, label in plot.ticks])
    y.ticks([nano / NANO for nano, _ in plot.levels], [label for _, label in plot.levels])


def _labels(plot: Plot, rows: int) -> dict[int, Curve]:
    """Return on which row the name of each curve stands: beside its end, or as near as it can."""
    ends = sorted(plot.curves, key=lambda curve: -curve.nano[-1] if curve.nano else 0)
    placed: dict[int, Curve] = {}
    for index, curve in enumerate(ends):
        share = min(1.0, curve.nano[-1] / plot.top) if curve.nano and plot.top else 0.0
        row = round((1 - share) * (rows - 1))
        row = max(row, max(placed, default=-1) + 1)
        placed[min(row, rows - (len(ends) - index))] = curve
    return placed


def _line(row: str, inks: Sequence[Style], frame: Style) -> Line:
    """Return one row of plotext's output with the inks in place of its numbered colours."""
    line: Line = []
    ink = frame
    for code, colour, text in _RUN.findall(row):
        if text:
            line.append((text, ink))
        elif colour:
            number = int(colour) - FIRST_COLOUR
            ink = inks[number] if 0 <= number < len(inks) else frame
        elif code in ("", "0"):
            ink = frame
    return line
