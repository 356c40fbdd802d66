"""Rulers, boxes and the padding of tables: how text looks, not what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch

_RULER: Final = re.compile(r"(?<!\S)([-=_*#~+.─━═▔▁])\1{4,}(?!\S)")
_BOX: Final = re.compile(r"(?<![ \t])[ \t]*[│┃║┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬─━═]+[ \t]*")
_ROW: Final = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.M)
_CELL: Final = re.compile(r"(?<=\|)[ \t]{1,}|[ \t]{1,}(?=\|)|(?<=[|:-])-{2,}|-{3,}(?=[|:-])")


def find(scene: Scene) -> Iterator[Change]:
    """Yield long rulers, drawn boxes and padded cells."""
    for view in scene.views:
        for row in _ROW.finditer(view.text):
            for cell in _CELL.finditer(view.text, row.start(), row.end()):
                shown = "-" if "-" in cell[0] else ""
                yield Change(view.number, *cell.span(), shown, "padded table")
        for found in _BOX.finditer(view.text):
            is_edge = found.start() == 0 or view.text[found.start() - 1] == "\n"
            ends = found.end() == len(view.text) or view.text[found.end()] == "\n"
            shown = "" if is_edge or ends else " | "
            yield Change(view.number, *found.span(), shown, "drawn box")
        for found in _RULER.finditer(view.text):
            if found[1] != "." or len(found[0]) > 6:
                yield Change(view.number, *found.span(), found[1] * 3, "ruler")


STAGE: Final = Stage("rulers", "rulers, boxes, padded tables", Risk.LOW, Touch.SPACE, find)
