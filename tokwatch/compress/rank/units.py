"""A text as units that are kept or left: sentences within paragraphs, turns or lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.compress.rank.words import stems
from tokwatch.compress.spans import lines, paragraphs, sentences

_TURN: Final = re.compile(
    r"^[ \t]*(?:\[[\d:. ]+\] *)?([A-Z][\w.'’-]*(?: [\w.'’()-]+){0,5}):\s", re.M
)
_LONG_LINE: Final = 160
LONGEST: Final = 4 * _LONG_LINE
"""Characters of a sentence beyond which it is cut."""
_ITEM_END: Final = re.compile(r"[}\])],\s*(?=[\[{(\"])|[;,] (?=[\"'\w/])|\\n")
"""Where a long line of a tool's output may be cut."""
_BREAKS: Final = tuple(map(re.compile, (r"[.!?][\"')\]]?\s+|>(?=<)", r"[,;:]\s+", r"\s+")))
_TECHNICAL: Final = re.compile(
    r"\b\w{1,60}_\w+|\b[a-z]{1,60}[A-Z]\w*|(?<![\w./-])(?:[\w.-]{0,60}/)+[\w.-]+|"
    r"\b[a-z]\w{0,60}\.[a-z]\w*\b|[<>=;`]"
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_TECHNICAL_SHARE: Final = 0.05
_SAMPLE: Final = 60_000


class Form(StrEnum):
    """What a text looks like, which says how far a match reaches."""

    PROSE = "prose"
    DIALOGUE = "dialogue"
    LINES = "lines"
    """Output of a tool: every line stands for itself."""


class Units:
    """A stretch of text, cut."""

    def __init__(
        self,
        text: str,
        spans: Sequence[Span],
        language: str,
        form: Form,
        longest: int = LONGEST,
    ) -> None:
        """Cut a text; sentences of more characters than `longest` are cut as well."""
        self.text, self.language, self.form = text, language, form
        self.blocks: list[Span] = []
        """Paragraphs or turns."""
        self.units: list[Span] = []
        self.block_of: list[int] = []
        for start, end in spans:
            for begin, finish in _blocks(text, start, end, form):
                for unit in _units(text, begin, finish, form, longest):
                    self.units.append(unit)
                    self.block_of.append(len(self.blocks))
                self.blocks.append((begin, finish))

    @cached_property
    def stems(self) -> list[list[str]]:
        """Return the stems of every unit, in order."""
        return [list(stems(self.text[begin:end], self.language)) for begin, end in self.units]

    @cached_property
    def counts(self) -> list[Counter[str]]:
        """Return how often each stem stands in every unit."""
        return [Counter(one) for one in self.stems]

    @cached_property
    def members(self) -> list[list[int]]:
        """Return the units of every block."""
        found: list[list[int]] = [[] for _ in self.blocks]
        for unit, block in enumerate(self.block_of):
            found[block].append(unit)
        return found

    def unit(self, number: int) -> str:
        """Return the text of a unit, with the blanks after it."""
        begin, end = self.units[number]
        return self.text[begin:end]


def form_of(text: str, is_output: bool) -> Form:
    """Return what a text looks like."""
    found = [line for line in text.split("\n") if line.strip()]
    if not found:
        return Form.PROSE
    head = text[:_SAMPLE]
    technical = sum(1 for _ in _TECHNICAL.finditer(head))
    if is_output or technical > _TECHNICAL_SHARE * sum(1 for _ in _LETTERS.finditer(head)):
        return Form.LINES
    turns = sum(bool(_TURN.match(line)) for line in found)
    if len(found) >= 8 and turns > len(found) * 0.5:
        return Form.DIALOGUE
    mean = sum(map(len, found)) / len(found)
    ends = sum(line.rstrip()[-1] in ".!?:\"'”)" for line in found) / len(found)
    if len(found) >= 8 and mean < 120 and ends < 0.4:
        return Form.LINES
    return Form.PROSE


def speaker(text: str) -> str:
    """Return who speaks a turn; empty where nobody is named."""
    found = _TURN.match(text)
    return found[1] if found else ""


def _blocks(text: str, start: int, end: int, form: Form) -> list[Span]:
    if form is Form.PROSE:
        found = paragraphs(text[start:end])
    else:
        found = [(begin, finish + 1) for begin, finish in lines(text[start:end])]
    return [
        (start + begin, min(end, start + finish))
        for begin, finish in found
        if text[start + begin : start + finish].strip()
    ]


def _items(text: str, begin: int, end: int) -> list[Span]:
    """Return a long line in stretches of some hundred characters, cut where an item ends."""
    found, at = [], begin
    for cut in [m.end() for m in _ITEM_END.finditer(text, begin, end)]:
        if cut - at >= _LONG_LINE // 2:
            found += sentences(text, at, cut)
            at = cut
    return found + sentences(text, at, end)


def _pieces(text: str, spans: Sequence[Span], longest: int) -> list[Span]:
    """Return stretches, those that never seem to end in shorter ones, and none that are empty."""
    found: list[Span] = []
    for start, end in spans:
        at = start
        if end - start > longest:
            while end - at > longest // 2:
                cut = _break(text, at + longest // 8, at + longest // 2)
                found.append((at, cut))
                at = cut
        if text[at:end].strip():
            found.append((at, end))
    return found


def _break(text: str, start: int, end: int) -> int:
    """Return the last place in a stretch where it does least harm to cut."""
    for pattern in _BREAKS:
        cuts = [found.end() for found in pattern.finditer(text, start, end)]
        if cuts:
            return cuts[-1]
    return end


def _units(text: str, begin: int, end: int, form: Form, longest: int) -> list[Span]:
    if form is not Form.LINES:
        return _pieces(text, sentences(text, begin, end), longest)
    if end - begin < min(_LONG_LINE, longest):
        return [(begin, end)]
    return _pieces(text, _items(text, begin, end), longest)
