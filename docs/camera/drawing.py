"""A screen of text as SVG: no script, font or picture from anywhere, the same at each run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from docs.camera.glyphs import HEIGHT, WIDTH, number, rect, shape_of

FONTS: Final = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
MARGIN: Final = 10.0
BASELINE: Final = 0.76
"""Of a cell's height, from above."""


class Ink(NamedTuple):
    """How a run of signs is written."""

    colour: str
    ground: str
    bold: bool
    italic: bool
    underline: bool


class Run(NamedTuple):
    """Signs of one ink in a line, from a column on."""

    column: int
    text: str
    ink: Ink


def svg(lines: Sequence[Iterable[Segment]], width: int, about: str) -> str:
    """Return a picture of the lines of a screen; `about` tells it to whoever cannot see it."""
    rows = [list(_runs(line)) for line in lines]
    ground = _most_common(run.ink.ground for row in rows for run in row for _ in run.text)
    wide = number(width * WIDTH + 2 * MARGIN)
    tall = number(len(rows) * HEIGHT + 2 * MARGIN)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}"'
            f' width="{wide}" height="{tall}" role="img" aria-label="{escape(about)}">',
            "<style>text{white-space:pre;font:14px " + FONTS + "}"
            "rect{shape-rendering:crispEdges}.b{font-weight:bold}.i{font-style:italic}.u{text-decoration:underline}</style>",
            f'<rect width="{wide}" height="{tall}" rx="8" fill="{ground}"/>',
            f'<g transform="translate({number(MARGIN)},{number(MARGIN)})">',
            *(drawn for at, row in enumerate(rows) if (drawn := _row(row, at * HEIGHT, ground))),
            "</g></svg>\n",
        )
    )


def _runs(line: Iterable[Segment]) -> Iterator[Run]:
    """Yield the line's signs, neighbours of one ink together."""
    column = 0
    inked = ((_ink(segment.style), segment.text) for segment in line if not segment.control)
    for ink, parts in groupby(inked, lambda one: one[0]):
        text = "".join(text for _, text in parts)
        yield Run(column, text, ink)
        column += cell_len(text)


def _ink(style: Style | None) -> Ink:
    style = style or Style.null()
    theme = DEFAULT_TERMINAL_THEME
    front = theme.foreground_color if style.color is None else style.color.get_truecolor(theme)
    back = theme.background_color if style.bgcolor is None else style.bgcolor.get_truecolor(theme)
    if style.reverse:
        front, back = back, front
    flags = bool(style.bold), bool(style.italic), bool(style.underline)
    return Ink(front.hex, back.hex, *flags)


def _most_common(grounds: Iterable[str]) -> str:
    ((ground, _),) = Counter(grounds).most_common(1)
    return ground


def _row(row: Sequence[Run], y: float, ground: str) -> str:
    grounds = []
    for colour, runs in groupby(row, lambda run: run.ink.ground):
        parts = list(runs)
        cells = sum(cell_len(run.text) for run in parts)
        if colour != ground:
            grounds.append(rect(parts[0].column * WIDTH, y, cells * WIDTH, HEIGHT, colour))
    return "".join((*grounds, *(part for run in row for part in _written(run, y))))


def _written(run: Run, y: float) -> Iterator[str]:
    """Yield a run's words and shapes, without the blanks between them."""
    column, words = run.column, ""
    begin = column
    for sign, group in groupby(run.text):
        cells = cell_len(sign) * len(list(group))
        count = cells // max(1, cell_len(sign))
        shape = None
        if ord(sign) >= 0x2500:
            shape = shape_of(sign, cells, column * WIDTH, y, run.ink.colour)
        if shape is not None or (sign == " " and count > 2 and not run.ink.underline):
            yield _words(words, begin, y, run.ink)
            yield shape or ""
            words, begin = "", column + cells
        else:
            words += sign * count
        column += cells
    yield _words(words, begin, y, run.ink)


def _words(text: str, column: int, y: float, ink: Ink) -> str:
    """Return text at its column, exactly as wide as its cells in whatever font it is written."""
    if not ink.underline:
        bare = text.lstrip(" ")
        column += len(text) - len(bare)
        text = bare.rstrip(" ")
    if not text:
        return ""
    named = "".join(
        name for name, holds in zip("biu", (ink.bold, ink.italic, ink.underline), strict=True)
        if holds
    )  # fmt: skip
    marks = f' class="{" ".join(named)}"' if named else ""
    length = number(cell_len(text) * WIDTH)
    place = f'x="{number(column * WIDTH)}" y="{number(y + HEIGHT * BASELINE)}"'
    return f'<text {place} textLength="{length}" fill="{ink.colour}"{marks}>{escape(text)}</text>'
