"""Blocks of lines that stood before, in this part or an earlier one, as a pointer to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from zlib import crc32

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import lines, paragraphs
from tokwatch.compress.syntax import code_in

_SHORTEST: Final = 160
"""Characters of a block, and of a paragraph that is compared with others."""


class _Seen(NamedTuple):
    view: int
    line: int


class _Lines(NamedTuple):
    texts: list[str]
    spans: list[Span]


def find(scene: Scene) -> Iterator[Change]:
    """Yield blocks that are equal to earlier ones, line by line."""
    read = [_read(view) for view in scene.views]
    known: dict[int, _Seen] = {}
    for number, view in enumerate(scene.views):
        fewest = max(2, scene.settings.repeated_lines)
        yield from _repeated(view, number, read, known, fewest)


def _read(view: View) -> _Lines:
    spans = lines(view.text)
    return _Lines([view.text[begin:end].strip() for begin, end in spans], spans)


def _repeated(
    view: View, number: int, read: Sequence[_Lines], known: dict[int, _Seen], fewest: int
) -> Iterator[Change]:
    texts, spans = read[number]
    source = code_in(view.text, view.about)
    at = 0
    while at + fewest <= len(texts):
        if not texts[at]:
            at += 1
            continue
        key = hash(tuple(texts[at : at + fewest]))
        seen = known.setdefault(key, _Seen(number, at))
        size = _same(read, seen, number, at) if seen != (number, at) else 0
        begin, end = spans[at][0], spans[at + max(size, 1) - 1][1]
        is_elsewhere = seen.view != number or source.is_free(begin, end)
        if size >= fewest and is_elsewhere and _characters(texts, at, size) >= _SHORTEST:
            told = f'[as before: {size} lines from "{_words(texts[at : at + size])}"]'
            yield Change(view.number, begin, end, told, f"{size} lines stood before")
            at += size
        else:
            at += 1


def _same(read: Sequence[_Lines], seen: _Seen, number: int, at: int) -> int:
    """Return how many lines are the same from two places on, without overlap."""
    before, here = read[seen.view].texts, read[number].texts
    most = min(len(here) - at, len(before) - seen.line)
    if seen.view == number:
        most = min(most, at - seen.line)
    size = 0
    while size < most and before[seen.line + size] == here[at + size]:
        size += 1
    return size


def _characters(texts: Sequence[str], at: int, size: int) -> int:
    return sum(len(text) for text in texts[at : at + size])


def _words(texts: Sequence[str]) -> str:
    """Return the first words of a block, to find it by."""
    first = next((text for text in texts if any(c.isalnum() for c in text)), texts[0])
    return " ".join(first.replace('"', "'").split())[:40].strip()


def find_near(scene: Scene) -> Iterator[Change]:
    """Yield paragraphs that hardly differ from an earlier one."""
    known: dict[int, list[str]] = {}
    for view in scene.views:
        for begin, end in paragraphs(view.text):
            text = view.text[begin:end].strip()
            if len(text) < _SHORTEST:
                continue
            like = _like(text, known, scene.settings.likeness)
            if like:
                told = f'[much as before: "{_words([like])}"]'
                finish = begin + len(view.text[begin:end].rstrip())
                yield Change(view.number, begin, finish, told, "hardly differs from one before")
            else:
                for key in _keys(text):
                    known.setdefault(key, []).append(text)


def _keys(text: str) -> set[int]:
    """Return places under which a text that hardly differs would be found too."""
    words = text.lower().split()
    # crc32, for hashes of Python's own are others in each process.
    grams = [crc32(" ".join(words[i : i + 3]).encode()) for i in range(max(1, len(words) - 2))]
    return set(sorted(grams)[:4])


def _like(text: str, known: dict[int, list[str]], percent: int) -> str:
    from rapidfuzz.distance import Indel

    tried = {one for key in _keys(text) for one in known.get(key, ())[:20]}
    for one in sorted(tried):
        if abs(len(one) - len(text)) < len(text) / 10:
            likeness = Indel.normalized_similarity(text, one, score_cutoff=percent / 100)
            if likeness and _figures(text) == _figures(one):
                return one
    return ""


def _figures(text: str) -> list[str]:
    """Return the words with digits in them, which must not differ."""
    return [word for word in text.split() if any(c.isdigit() for c in word)]


STAGE: Final = Stage(
    "duplicates", "blocks of lines that stood before", Risk.LOW, Touch.REMOVE, find
)
NEAR: Final = Stage(
    *("near-duplicates", "paragraphs that hardly differ from one before", Risk.MEDIUM),
    *(Touch.REMOVE, find_near),
)
