"""Protected spans: what no rewording touches, found in a part's original text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.errors import TokwatchError


class Guard(StrEnum):
    """Why a span is protected."""

    MARK = "marked by the user"
    PLACEHOLDER = "placeholder"
    MARKUP = "remark in braces"
    """Written like a placeholder, and so often that it is none: {laughs} in a transcript."""
    FENCE = "code block"
    CODE = "inline code"
    TAG = "tag"
    QUOTE = "quoted text"
    URL = "address"
    PATH = "path"
    CALL = "call"
    CAPS = "capitals"
    NUMBER = "number"
    ENUM = "enumeration mark"
    HEADING = "heading"
    IDENTIFIER = "identifier"
    NEGATION = "negation"


ALWAYS: Final = frozenset({Guard.MARK, Guard.PLACEHOLDER})
"""What even a stage that takes whole sentences or lines away must leave."""
BLOCKS: Final = ALWAYS | {Guard.MARKUP, Guard.FENCE, Guard.CODE, Guard.TAG}

SPACED: Final = BLOCKS | {Guard.QUOTE, Guard.CALL, Guard.HEADING}
"""What may hold runs of blanks; the others have none by their form."""

_OFTEN: Final = 5
_MANY: Final = 12
_COUNTED: Final = r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty)"
_LIMIT: Final = (
    r"at least|at most|up to|as many as|no (?:more|less|fewer|longer|later) than|more than|"
    r"less than|fewer than|longer than|larger than|greater than|smaller than|shorter than|"
    r"higher than|lower than|exactly|(?:a )?maximum of|(?:a )?minimum of|between|within|under|"
    r"over|above|below|top|first|last|mindestens|höchstens|maximal|genau|al menos|como máximo|"
    r"hasta|au moins|au plus|maximum|minimum|jusqu'à"
)
_FIGURE: Final = r"[#$€£¥§]?\d+(?:[.,:/×x^-]\d+)*"

_PATTERNS: Final[dict[Guard, str]] = {
    Guard.FENCE: r"^[ \t]*(?P<f>`{3,}|~{3,}).*?(?:^[ \t]*(?P=f)[`~]*[ \t]*$|\Z)",
    Guard.CODE: r"``[^\n]+?``|`[^`\n]+`",
    Guard.PLACEHOLDER: (
        r"\{\{[^{}\n]{1,80}\}\}|\{%[^%\n]{1,120}%\}|\$?\{[A-Za-z_][\w.:\- ]{0,60}\}|"
        r"%%\w+%%|%\(\w+\)s|<<[^<>\n]{1,60}>>|\[\[[^\[\]\n]{1,60}\]\]|"
        r"\[[A-Z][A-Z0-9_]*(?:[ _-][A-Z0-9]+)*\]|\$[A-Z_][A-Z0-9_]+|__[A-Z][A-Z_]+__"
    ),
    Guard.TAG: r"</?[A-Za-z][\w:.-]*(?:\s[^<>\n]{0,200})?/?>",
    Guard.QUOTE: (
        r'"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|'
        r"\u2018[^\u2019\n]{1,80}\u2019|(?<!\w)'[^'\n]{1,80}'(?!\w)|\"\"\""
    ),
    Guard.URL: r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'`]+|\bwww\.[^\s<>\"'`]+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]+",
    Guard.PATH: (
        r"(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~{}*-]+(?:/[\w.@%+~{}*-]*)*|\b[A-Za-z]:\\[^\s\"'`]+|"
        r"\b[\w.@-]{1,80}/(?:[\w.@-]+/)+[\w.@-]*|\b[\w@-]{1,80}/[\w@-]{1,80}\.\w+|\b[\w-]{1,80}\.[a-z][a-z0-9]{0,5}\b(?!\()|"
        r"(?<!\w)\.[a-z]\w+"
    ),
    Guard.CALL: r"\b[A-Za-z_][\w.]{0,80}\([^()\n]{0,200}\)",
    Guard.CAPS: r"\b[A-Z][A-Z0-9]+(?:[-&/+.][A-Z0-9]+)*(?:s\b)?\b(?: \d+)?|\b[A-Z]\+\d",
    Guard.NUMBER: (
        rf"(?:\b(?:{_LIMIT}) )?(?<![\w.])(?:{_FIGURE}(?:\s?[%°€$£])?|\b{_COUNTED}\b)"
        rf"(?: (?:and|to|or|bis|und|à|et|y|a) {_FIGURE})?(?:[ -][^\W\d_]+)?"
    ),
    Guard.ENUM: r"\([a-z0-9ivx]{1,4}\)|^[ \t]*(?:[a-z0-9]{1,3}[.)]|[-*+•])(?=\s)|\[\d{1,3}\]",
    Guard.HEADING: r"^#{1,6} [^\n]*|^[A-Z][\w/-]*(?: [\w/-]+){0,2}:(?=\s|$)",
    Guard.IDENTIFIER: (
        r"\b\w*[A-Za-z0-9]_\w+|\b_\w+|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*|"
        r"(?<!\w)--?[a-z][\w-]+|\b(?=\w{0,80}\d)(?=\w{0,80}[A-Za-z])\w{2,}(?:-\w+)*|"
        r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<!\w)[@#$][A-Za-z]\w+"
    ),
    Guard.NEGATION: (
        r"\b(?i:not|never|no|none|nothing|nobody|nowhere|neither|nor|without|unless|except|only|"
        r"must|cannot|can't|\w+n['’]t|nicht|nie|niemals|kein\w*|nichts|ohne|außer|nur|muss|"
        r"müssen|darf|dürfen|nunca|jamás|ningún\w*|ningun[oa]s?|nada|sin|salvo|excepto|solo|sólo|"
        r"debe|deben|ni|ne|n['’]\w+|pas|jamais|aucune?s?|rien|sans|sauf|seulement|uniquement|"
        r"doit|doivent)\b"
    ),
}
_FLAGS: Final = {Guard.FENCE: re.M | re.S, Guard.ENUM: re.M, Guard.HEADING: re.M}
_FOUND: Final = {kind: re.compile(p, _FLAGS.get(kind, 0)) for kind, p in _PATTERNS.items()}


class Protection:
    """The protected spans of one part's original text, found when first asked for."""

    def __init__(self, text: str, marks: Sequence[Span] = ()) -> None:
        self._text = text
        self._found: dict[Guard, list[Span]] = {Guard.MARK: sorted(marks)}
        self._merged: dict[frozenset[Guard], list[Span]] = {}

    def spans(self, kinds: frozenset[Guard]) -> list[Span]:
        """Return the spans of these kinds, in order, those that touch as one."""
        if kinds not in self._merged:
            self._merged[kinds] = merged(span for kind in kinds for span in self._of(kind))
        return self._merged[kinds]

    def _of(self, kind: Guard) -> list[Span]:
        if kind in (Guard.PLACEHOLDER, Guard.MARKUP) and kind not in self._found:
            self._found.update(_placeholders(self._text))
        elif kind not in self._found:
            self._found[kind] = [m.span() for m in _FOUND[kind].finditer(self._text)]
        return self._found[kind]


class Fence:
    """Spans that must not be touched, in order and apart; found when first asked for."""

    def __init__(self, find: Callable[[], Sequence[Span]]) -> None:
        self._find = find

    @cached_property
    def spans(self) -> Sequence[Span]:
        """Return the spans."""
        return self._find()

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    @cached_property
    def _ends(self) -> list[int]:
        return [end for _, end in self.spans]

    def within(self, start: int, end: int) -> Sequence[Span]:
        """Return the spans that a stretch touches."""
        return self.spans[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

    def is_free(self, start: int, end: int) -> bool:
        """Say whether a stretch touches none."""
        return bisect_right(self._ends, start) >= bisect_left(self._starts, end)


def _placeholders(text: str) -> dict[Guard, list[Span]]:
    """Return placeholders, apart from those that come so often that they must be remarks."""
    found = list(_FOUND[Guard.PLACEHOLDER].finditer(text))
    often = Counter(one[0] for one in found)
    is_marked_up = len(found) > _MANY and len(often) * 2 < len(found)
    remarks = {
        text
        for text, count in often.items()
        if count > _OFTEN or (is_marked_up and text[1:-1].islower())
    }
    return {
        Guard.PLACEHOLDER: [one.span() for one in found if one[0] not in remarks],
        Guard.MARKUP: [one.span() for one in found if one[0] in remarks],
    }


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start == end:
            continue
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def marked(text: str, patterns: Iterable[str]) -> list[Span]:
    """Return where the user's patterns match."""
    found: list[Span] = []
    for pattern in patterns:
        try:
            expression = re.compile(pattern)
        except re.error as error:
            message = f"The pattern to keep cannot be read: {error}"
            raise TokwatchError(message, "It is a regular expression.") from error
        found += [m.span() for m in expression.finditer(text)]
    return merged(found)
