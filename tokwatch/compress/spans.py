"""Where the lines, paragraphs and sentences of a text begin and end."""

from __future__ import annotations

import re
from typing import Final

from tokwatch.compress.draft import Span

_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE_END: Final = re.compile(
    r"(?<=[.!?…])[\"')\]”’»]*\s+(?=[\"'(\[“„«¿¡]?[A-ZÀ-ÖØ-Þ0-9])|(?<=[\u3002\uff01\uff1f])|\n+"
)
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Lt|Col|Gen|Rep|Sen|vs|No|Nos|Vol|Fig|Inc|Ltd|"
    r"Corp|Co|approx|ca|cf|e\.g|i\.e|etc|al|Bd|Nr|bzw|z\.B|usw|U\.S|[A-Z]\.[A-Z])\.$"
)


def lines(text: str) -> list[Span]:
    """Return the lines of a text, without their ends."""
    found, at = [], 0
    for line in text.split("\n"):
        found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def paragraphs(text: str) -> list[Span]:
    """Return what stands between empty lines, each with the empty lines after it."""
    return _cut(text, [m.end() for m in _PARAGRAPH_END.finditer(text)], 0, len(text))


def sentences(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences and lines of a stretch, each with the blanks after it."""
    cuts = []
    for found in _SENTENCE_END.finditer(text, start, end):
        before = text[max(start, found.start() - 12) : found.start()]
        if "\n" in found[0] or not _ABBREVIATION.search(before):
            cuts.append(found.end())
    return _cut(text, cuts, start, end)


def _cut(text: str, cuts: list[int], start: int, end: int) -> list[Span]:
    found, at = [], start
    for cut in [*cuts, end]:
        if cut > at:
            found.append((at, cut))
            at = cut
    return found
