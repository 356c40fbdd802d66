"""Progressive disclosure: how each chunk of the material begins, and how much more there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.compress.instructions import material
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import paragraphs, sentences

_HEADING: Final = re.compile(r"\s*(?:#{1,6} |[^\n.!?]{1,60}\n\Z)")
_ALONE: Final = re.compile(r"\s*#{1,6} [^\n]*\s*\Z")
_FEWEST: Final = 2
"""Sentences that are worth being told on request."""
_SHORTEST: Final = 200
"""Their characters."""
CHARACTERS: Final = 4
"""Of a token: a chunk's size is a rough one."""


def find(scene: Scene) -> Iterator[Change]:
    """Yield what follows the first sentence of every chunk of the material."""
    last = max((m for m, one in enumerate(scene.messages) if one.role == "user"), default=-1)
    most = scene.settings.chunk_tokens * CHARACTERS
    for view in scene.views:
        is_last = view.message == last
        for start, end in material(view.text, view.kind, scene.settings.question, is_last):
            spans = [(start + a, start + b) for a, b in paragraphs(view.text[start:end])]
            for chunk in chunks(view.text, spans, most):
                yield from _of(view, chunk)


def chunks(text: str, spans: Sequence[Span], most: int) -> Iterator[list[Span]]:
    """Yield paragraphs that make a chunk of at most so many characters, or one that is longer.

    A heading begins the next one, and is in none where it is a paragraph of its own.
    """
    chunk: list[Span] = []
    for begin, end in spans:
        is_title = bool(_ALONE.match(text[begin:end]))
        if chunk and (is_title or end - chunk[0][0] > most or _HEADING.match(text[begin:end])):
            yield chunk
            chunk = []
        if not is_title:
            chunk.append((begin, end))
    if chunk:
        yield chunk


def _of(view: View, chunk: Sequence[Span]) -> Iterator[Change]:
    found = sentences(view.text, *chunk[0])
    if found and _HEADING.match(view.text[slice(*found[0])]):
        found = found[1:]
    if not found:
        return
    rests = [(found[0][1], chunk[0][1]), *chunk[1:]]
    free = [(a, b) for a, b in rests if view.text[a:b].strip() and view.fence.is_free(a, b)]
    more = sum(len(sentences(view.text, a, b)) for a, b in free)
    if more < _FEWEST or sum(len(view.text[a:b].strip()) for a, b in free) < _SHORTEST:
        return
    told = f"[{more} more sentences on request]"
    for begin, end in free:
        rest = view.text[begin:end]
        blank = rest[len(rest.rstrip()) :] if told else ""
        yield Change(view.number, begin, end, f"{told}{blank}", "told on request")
        told = ""


STAGE: Final = Stage(
    *("outline", "how each chunk begins, the rest on request", Risk.HIGH, Touch.REMOVE, find, True)
)
