"""Lets painted lines go once others are in their place; by itself Textual keeps them longer.

It keeps blended backgrounds for each widget apart, and with them the painted lines of up to 1,024
widgets that are long gone (Textualize/textual#6665). And a line that is not divided remembers
itself as its only part: a cycle, which lies there until Python looks at all objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.strip import Strip
from textual.style import Style

textual_divide = Strip.divide


@lru_cache(256)
def inner_and_outer(base: Color, background: Color) -> tuple[Style, Style]:
    """Return the styles of what is within a widget's border and of what is around it."""
    return Style(background=base + background), Style(background=base)


def divided(line: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Return the parts of a line up to each cut, which a line that is whole does not remember."""
    length = line.cell_length
    within = [cut for cut in cuts if cut <= length]
    return [line] if within == [length] else textual_divide(line, within)


def let_lines_go() -> None:
    """Let all widgets share what was blended, and no undivided line hold itself."""
    shared = staticmethod(inner_and_outer)
    StylesCache.get_inner_outer = shared  # type: ignore[method-assign,assignment]  # no self
    Strip.divide = divided  # type: ignore[method-assign,assignment]
