"""Lets go what is off the screen; by itself Textual keeps it longer, or for good.

It keeps blended backgrounds for each widget apart, and with them the painted lines of up to 1,024
widgets that are long gone (Textualize/textual#6665). A line that is not divided remembers itself
as its only part: a cycle, which lies there until Python looks at all objects. And a note that is
over when another one comes, but was not yet told so by its own clock, leaves its frame for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.notifications import Notifications
from textual.strip import Strip
from textual.style import Style
from textual.widgets._toast import ToastHolder, ToastRack

textual_divide = Strip.divide
_textual_show = ToastRack.show


@lru_cache(256)
def inner_and_outer(base: Color, background: Color) -> tuple[Style, Style]:
    """Return the styles of what is within a widget's border and of what is around it."""
    return Style(background=base + background), Style(background=base)


def divided(line: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Return the parts of a line up to each cut, which a line that is whole does not remember."""
    length = line.cell_length
    within = [cut for cut in cuts if cut <= length]
    return [line] if within == [length] else textual_divide(line, within)


def shown(self: ToastRack, notifications: Notifications) -> None:
    """Show notes, and take away the frames of those that are over."""
    _textual_show(self, notifications)
    frames = {self._toast_id(note) for note in notifications}
    for frame in self.query(ToastHolder):
        if frame.id not in frames:
            frame.remove()


def let_go() -> None:
    """Let all widgets share what was blended, no undivided line hold itself, no frame stay."""
    shared = staticmethod(inner_and_outer)
    StylesCache.get_inner_outer = shared  # type: ignore[method-assign,assignment]  # no self
    Strip.divide = divided  # type: ignore[method-assign,assignment]
    ToastRack.show = shown  # type: ignore[method-assign]
