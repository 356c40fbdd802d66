"""Small pictures made of characters: sparklines, gauges and stacked columns, all from zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEVELS: Final = "▁▂▃▄▅▆▇"

CURSOR: Final = "▌"
"""Stands before the chosen line."""

TEXTURES: Final = "█▓▒░▚"
"""Tells the series of a chart apart without colour."""


def resample(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return at most `width` values: means of neighbours where there are more."""
    length = len(values)
    if length <= width:
        return list(values)
    means: list[float | None] = []
    for index in range(width):
        group = values[index * length // width : (index + 1) * length // width]
        known = [value for value in group if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return means


def spark(values: Sequence[float | None], width: int, top: float | None = None) -> str:
    """Return a sparkline from zero, the newest value at the right; unknown values are blank."""
    if width <= 0:
        return ""
    points = resample(values, width)
    ceiling = top or max((point for point in points if point is not None), default=0)
    return "".join(level(point, ceiling) for point in points).rjust(width)


def level(value: float | None, ceiling: float) -> str:
    """Return the bar of one value: anything above zero is seen to be above zero."""
    if value is None:
        return " "
    if value <= 0 or ceiling <= 0:
        return LEVELS[0]
    return LEVELS[max(1, min(6, round(value / ceiling * 6)))]


def gauge(share: float, width: int) -> tuple[str, str]:
    """Return the filled and the empty part of a bar that shows a share."""
    halves = round(max(0.0, min(1.0, share)) * width * 2)
    if share > 0 and width:
        halves = max(1, halves)
    full, half = divmod(halves, 2)
    filled = "━" * full + ("╸" if half else "")
    return filled, "─" * (width - len(filled))


def tall_spark(
    values: Sequence[float | None], width: int, height: int, top: float | None = None
) -> list[str]:
    """Return a sparkline of several lines, top line first."""
    points = resample(values, width)
    ceiling = top or max((point for point in points if point is not None), default=0)
    eighths = [
        0
        if point is None or point <= 0 or ceiling <= 0
        else max(1, round(point / ceiling * height * 8))
        for point in points
    ]
    return [
        "".join(PART_UP[max(0, min(8, value - row * 8))] for value in eighths).rjust(width)
        for row in reversed(range(height))
    ]


PART_UP: Final = " ▁▂▃▄▅▆▇█"
