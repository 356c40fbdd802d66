"""What a text must hold for a rule's pattern to match: found in a moment where a match takes long.

Reads the patterns of rule files: words with "_" between them, groups, classes, quantifiers. What it
cannot read it says nothing of, and the rule is tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

Anchors = frozenset[str] | None
"""Of these a text holds at least one; None where nothing can be told."""

_QUANTIFIED: Final = "?*+{"
_BREAKS: Final = "_.^$"


class _Read(NamedTuple):
    """A piece of a pattern, and where the next one begins."""

    anchors: Anchors
    end: int
    letter: str = ""
    """The one letter that it is."""


def anchors_of(pattern: str) -> Anchors:
    """Return words of which every match of a pattern holds one."""
    try:
        return _alternatives(pattern, 0).anchors
    except (IndexError, ValueError):
        return None


def _alternatives(pattern: str, at: int) -> _Read:
    """Read up to the end of a group, or of the pattern."""
    each: list[Anchors] = []
    while True:
        found = _sequence(pattern, at)
        each.append(found.anchors)
        at = found.end
        if at >= len(pattern) or pattern[at] == ")":
            return _Read(_one_of(each), at)
        at += 1


def _sequence(pattern: str, at: int) -> _Read:
    """Read up to the next alternative."""
    best: Anchors = None
    run = ""
    while at < len(pattern) and pattern[at] not in "|)":
        found = _piece(pattern, at)
        at, least = _quantified(pattern, found.end)
        is_bare = least == 1 and at == found.end
        if found.letter and is_bare:
            run += found.letter
            continue
        best = _better(best, frozenset({run}) if run else None)
        run = ""
        if least:
            best = _better(best, frozenset({found.letter}) if found.letter else found.anchors)
    return _Read(_better(best, frozenset({run}) if run else None), at)


def _piece(pattern: str, at: int) -> _Read:
    """Read a letter, a class, an escape or a group."""
    letter = pattern[at]
    if letter == "\\":
        escaped = pattern[at + 1]
        return _Read(None, at + 2, "" if escaped.isalnum() else escaped)
    if letter == "[":
        return _Read(None, pattern.index("]", at + 2) + 1)
    if letter in _BREAKS:
        return _Read(None, at + 1)
    if letter != "(":
        return _Read(None, at + 1, letter)
    is_around = pattern.startswith(("(?=", "(?!", "(?<=", "(?<!"), at)
    if pattern.startswith("(?", at) and not is_around and pattern[at + 2] != ":":
        raise ValueError(pattern)
    begin = at + 2 if is_around else at + 3 if pattern[at + 1] == "?" else at + 1
    inner = _alternatives(pattern, begin)
    return _Read(None if is_around else inner.anchors, inner.end + 1)


def _quantified(pattern: str, at: int) -> tuple[int, int]:
    """Return where a quantifier ends that may stand there, and how often it asks for at least."""
    if at >= len(pattern) or pattern[at] not in _QUANTIFIED:
        return at, 1
    if pattern[at] != "{":
        least = 1 if pattern[at] == "+" else 0
        return at + 1 + pattern.startswith("?", at + 1), least
    end = pattern.index("}", at)
    return end + 1, int(pattern[at + 1 : end].split(",")[0] or 0)


def _one_of(each: Iterable[Anchors]) -> Anchors:
    found: set[str] = set()
    for one in each:
        if one is None:
            return None
        found |= one
    return frozenset(found)


def _better(one: Anchors, other: Anchors) -> Anchors:
    """Return what tells more: longer words, and fewer of them."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda words: (min(map(len, words)), -len(words)))
