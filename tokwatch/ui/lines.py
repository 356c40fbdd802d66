"""Lines of styled text, and the frame around them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from tokwatch.ui.inks import Inks

Run = tuple[str, Style]
Line = list[Run]
LEAST: Final = 20
"""Cells of a text below which it is not wrapped any narrower."""


def width_of(line: Iterable[Run]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def under_cursor(line: Line, room: int, inks: Inks) -> Line:
    """Return a line as the selected one, filled up to the room that there is."""
    whole = [*line, (" " * (room - width_of(line)), inks.text)]
    if inks.cursor.reverse:
        # Reversed, each colour would be a ground of its own.
        return [(text, inks.cursor) for text, _ in whole]
    return [(text, style + inks.cursor) for text, style in whole]


def click(style: Style, action: str) -> Style:
    """Return a style whose text runs an action when it is clicked."""
    return style + Style.from_meta({"@click": action})


class Frame(Struct, frozen=True):
    """What stands in the border around a pane."""

    title: Line
    right: Line
    ink: Style
    thumb: tuple[int, int] | None = None
    """First line and number of lines of the scroll bar's handle, drawn in the right border."""
    foot: Line = field(default_factory=list)
    """What stands in the lower border."""


def framed(body: list[Line], size: Size, frame: Frame) -> list[Line]:
    """Return lines in a border that is exactly `size`; the title is cut before the frame breaks."""
    inner = size.width - 4
    first, last = frame.thumb or (0, 0)
    lines = [_top(frame, size.width)]
    for row in range(size.height - 2):
        content = body[row] if row < len(body) else []
        edge = "┃" if first <= row < first + last else "│"
        filler = " " * max(0, inner - width_of(content))
        line = [
            ("│ ", frame.ink),
            *_cut(content, inner),
            (filler, Style()),
            (" " + edge, frame.ink),
        ]
        lines.append(line)
    return [*lines, _bottom(frame, size.width)]


def _top(frame: Frame, width: int) -> Line:
    title = _cut(frame.title, max(0, width - 6))
    room = width - width_of(title) - 6
    right = frame.right if frame.right and width_of(frame.right) + 3 <= room else []
    used = width_of(title) + (width_of(right) + 3 if right else 0)
    line: Line = [("╭─ ", frame.ink), *title, (" " + "─" * (width - used - 5), frame.ink)]
    if right:
        line += [(" ", frame.ink), *right, (" ─", frame.ink)]
    return [*line, ("╮", frame.ink)]


def _bottom(frame: Frame, width: int) -> Line:
    if not frame.foot:
        return [("╰" + "─" * (width - 2) + "╯", frame.ink)]
    foot = _cut(frame.foot, max(0, width - 6))
    rest = " " + "─" * (width - width_of(foot) - 5) + "╯"
    return [("╰─ ", frame.ink), *foot, (rest, frame.ink)]


def wrapped(line: Line, width: int) -> list[Line]:
    """Return a line in as many as it takes: what its last run cannot hold stands beneath it."""
    if not line or width_of(line) <= width:
        return [line]
    *head, (text, ink) = line
    lead = len(text) - len(text.lstrip())
    left = min(width_of(head) + lead, max(0, width - LEAST))
    first, *rest = textwrap.wrap(text.strip(), max(LEAST, width - left)) or [""]
    if width_of(head) + lead > left:  # no room beside the others
        return [head, *([(" " * left + part, ink)] for part in (first, *rest))]
    return [
        [*head, (text[:lead] + first, ink)],
        *([(" " * left + part, ink)] for part in rest),
    ]


def _cut(line: Line, width: int) -> Line:
    if width_of(line) <= width:
        return line
    strip = Strip([Segment(text, style) for text, style in line]).crop(0, max(0, width - 1))
    cut = [(segment.text, segment.style or Style()) for segment in strip]
    return [*cut, ("…", cut[-1][1] if cut else Style())]
