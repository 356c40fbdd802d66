"""Progressive disclosure: headings and first sentences, and how much more there is of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.instructions import material
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import paragraphs, sentences

_HEADING: Final = re.compile(r"\s*(?:#{1,6} |[^\n.!?]{1,60}\n\Z)")
_FEWEST: Final = 3
_SHORTEST: Final = 200


def find(scene: Scene) -> Iterator[Change]:
    """Yield what follows the first sentence of every long paragraph of the material."""
    last = max((m for m, one in enumerate(scene.messages) if one.role == "user"), default=-1)
    for view in scene.views:
        is_last = view.message == last
        for start, end in material(view.text, view.kind, scene.settings.question, is_last):
            for begin, finish in paragraphs(view.text[start:end]):
                yield from _of(view, start + begin, start + finish)


def _of(view: View, begin: int, end: int) -> Iterator[Change]:
    found = sentences(view.text, begin, end)
    if found and _HEADING.match(view.text[slice(*found[0])]):
        found = found[1:]
    rest = view.text[found[0][1] : end] if len(found) >= _FEWEST else ""
    if len(rest.strip()) >= _SHORTEST and view.fence.is_free(found[0][1], end):
        blank = rest[len(rest.rstrip()) :]
        told = f"[{len(found) - 1} more sentences on request]{blank}"
        yield Change(view.number, found[0][1], end, told, "told on request")


STAGE: Final = Stage(
    *("outline", "first sentences, the rest on request", Risk.HIGH, Touch.REMOVE, find, True)
)
