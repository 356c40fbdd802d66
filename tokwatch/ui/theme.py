"""Themes from TOML files: the shipped ones and the user's own, checked before they are used."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from tokwatch.errors import TokwatchError
from tokwatch.ui.inks import VARIABLES

FALLBACK: Final = "tokwatch-dark"
COLOURS: Final = (
    *("primary", "secondary", "accent", "foreground", "background", "surface", "panel"),
    *("boost", "success", "warning", "error"),
)
Stamp = tuple[int, int]


class ThemeFile(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a theme file."""

    name: str
    primary: str
    secondary: str | None = None
    warning: str | None = None
    error: str | None = None
    success: str | None = None
    accent: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    boost: str | None = None
    dark: bool = True
    luminosity_spread: float = 0.15
    text_alpha: float = 0.95
    variables: dict[str, str] = {}
    ansi: bool = False


def read_theme(file: Path) -> Theme:
    """Return the theme in a file; an error names the file and the key that is wrong."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TokwatchError(f"{file}: {error}") from None
    known = ThemeFile.__struct_fields__
    for key in table.keys() - set(known):
        near = get_close_matches(key, known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
        raise TokwatchError(f"{file}: unknown key {key}", hint)
    try:
        values = msgspec.convert({"name": file.stem, **table}, ThemeFile)
    except msgspec.ValidationError as error:
        raise TokwatchError(f"{file}: {error}") from None
    for key in COLOURS:
        _check_colour(file, key, table.get(key, "black"))
    for key, value in values.variables.items():
        if key in VARIABLES or key.startswith(("text-", "foreground")):
            _check_colour(file, f"variables.{key}", value)
    theme = Theme(**msgspec.structs.asdict(values))
    try:
        theme.to_color_system().generate()
    except ColorParseError as error:
        raise TokwatchError(f"{file}: {error}") from None
    return theme


def _check_colour(file: Path, key: str, value: str) -> None:
    colour = value.partition(" ")[0]
    if colour == "auto" or colour.startswith("$"):
        return
    try:
        Color.parse(colour)
    except ColorParseError:
        raise TokwatchError(f"{file}: {key} = {value!r} is not a colour") from None


class ThemeShelf:
    """The theme files of some folders: what is on the shelf, and what has changed since."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._stamps: dict[Path, Stamp] = {}

    def find(self, name: str) -> Theme | None:
        """Return one theme by the name of its file, the user's own before the shipped one."""
        for folder in reversed(self._folders):
            try:
                return read_theme(folder / f"{name}.toml")
            except TokwatchError:
                continue
        return None

    def changed(self) -> tuple[list[Theme], list[TokwatchError]]:
        """Return the themes that are new or changed since the last look, and what is wrong."""
        themes, errors = [], []
        for folder in self._folders:
            for file in sorted(folder.glob("*.toml")):
                stamp = _stamp(file)
                if self._stamps.get(file) == stamp:
                    continue
                self._stamps[file] = stamp
                try:
                    themes.append(read_theme(file))
                except TokwatchError as error:
                    errors.append(error)
        return themes, errors


def _stamp(file: Path) -> Stamp:
    try:
        stat = file.stat()
    except OSError:
        return (0, 0)
    return stat.st_mtime_ns, stat.st_size
