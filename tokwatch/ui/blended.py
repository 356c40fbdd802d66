"""Backgrounds that are blended once for two colours, whichever widget they are of.

Textual keeps them for each widget apart, and with them the painted lines of up to 1,024 widgets
that are long gone.
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(256)
def inner_and_outer(base: Color, background: Color) -> tuple[Style, Style]:
    """Return the styles of what is within a widget's border and of what is around it."""
    return Style(background=base + background), Style(background=base)


def blend_once() -> None:
    """Let all widgets share what was blended."""
    shared = staticmethod(inner_and_outer)
    StylesCache.get_inner_outer = shared  # type: ignore[method-assign,assignment]  # no self
