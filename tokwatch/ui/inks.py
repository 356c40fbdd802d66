"""The colours of the theme in use, as styles for the lines that widgets paint."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError

from tokwatch.ui.glyphs import TEXTURES

VARIABLES: Final = {
    "chart-1": "$primary",
    "chart-2": "$accent",
    "chart-3": "$success",
    "chart-4": "$warning",
    "chart-5": "$secondary",
    "context-ok": "$text-success",
    "context-warning": "$text-warning",
    "context-critical": "$text-error",
    "trend": "$primary",
    "frame": "$foreground 35%",
    "frame-focus": "$text-accent",
}
"""Variables of ours that a theme may set, and what they are where it does not."""


class Inks(Struct, frozen=True):
    """Styles by meaning; each is drawn over the widget's own background."""

    text: Style
    muted: Style
    strong: Style
    good: Style
    warning: Style
    error: Style
    accent: Style
    trend: Style
    frame: Style
    frame_focus: Style
    cursor: Style
    context: dict[str, Style]
    chart: tuple[Style, ...]
    fill: tuple[Style, ...]
    """The chart's styles for textures: over a ground of their own hue, so that they look even."""


def inks_of(app: App[Any]) -> Inks:
    """Return the styles of the app's theme."""
    names = ("foreground", "background", "text-success", "text-warning", "text-error")
    more = ("text-accent", "foreground-muted", "primary", *VARIABLES)
    variables = app.theme_variables
    return _inks(tuple((name, variables.get(name, "")) for name in names + more), app.no_color)


@lru_cache(maxsize=16)
def _inks(variables: tuple[tuple[str, str], ...], no_color: bool) -> Inks:
    values = dict(variables)
    background = _color(values, "background", "ansi_default")

    plain = background.ansi is not None

    def ink(
        name: str, *, bold: bool = False, dim: bool | None = None, reverse: bool | None = None
    ) -> Style:
        color = _color(values, name, values["foreground"])
        if color.ansi is None and not plain:
            color = background.blend(color, color.a, alpha=1)
        return Style(color=color.rich_color, bold=bold or None, dim=dim, reverse=reverse)

    chart = [ink(f"chart-{number + 1}") for number in range(len(TEXTURES))]
    return Inks(
        text=ink("foreground"),
        muted=ink("foreground-muted", dim=plain or None),
        strong=ink("foreground", bold=True),
        good=ink("text-success"),
        warning=ink("text-warning", bold=no_color),
        error=ink("text-error", bold=True, reverse=no_color or None),
        accent=ink("text-accent", bold=True),
        trend=ink("trend"),
        frame=ink("frame", dim=plain or None),
        frame_focus=ink("frame-focus", bold=no_color),
        cursor=_cursor(values, background, no_color),
        context={
            "ok": ink("context-ok"),
            "warning": ink("context-warning", bold=no_color),
            "critical": ink("context-critical", bold=True, reverse=no_color or None),
        },
        chart=tuple(chart),
        fill=tuple(style if plain or no_color else _ground(style, background) for style in chart),
    )


def _ground(style: Style, background: Color) -> Style:
    color = Color.from_rich_color(style.color)
    return style + Style(bgcolor=background.blend(color, 0.8, alpha=1).rich_color)


def _cursor(values: dict[str, str], background: Color, no_color: bool) -> Style:
    primary = _color(values, "primary", "ansi_blue")
    if no_color or background.ansi is not None or primary.ansi is not None:
        return Style(reverse=True)
    return Style(bgcolor=background.blend(primary, 0.22, alpha=1).rich_color)


def _color(values: dict[str, str], name: str, fallback: str) -> Color:
    text, _, share = values.get(name, "").partition(" ")
    if text.startswith("$"):
        color = _color(values, text[1:], fallback)
    else:
        try:
            color = Color.parse(text or fallback)
        except ColorParseError:
            color = Color.parse("ansi_default")
    if color.ansi is not None or not share.endswith("%"):
        return color
    return color.with_alpha(float(share.rstrip("%")) / 100)
