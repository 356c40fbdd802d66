"""Telegraphic style: without the words that a reader supplies, one set of words after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.rules import Language
from tokwatch.compress.scene import Finder, Scene, Stage, Touch, View, only
from tokwatch.compress.stages.phrases import WORDED, languages

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONGEST: Final = 100_000


def _finder(name: str) -> Finder:
    def find(scene: Scene) -> Iterator[Change]:
        views = [v for v in only(scene.views, WORDED) if len(v.text) < _LONGEST]
        if views:
            spoken = languages(scene, views)
            for view in views:
                yield from _of(view, spoken, name)

    return find


def _of(view: View, spoken: list[Language], name: str) -> Iterator[Change]:
    words = frozenset(word for one in spoken for word in one.words[name])
    text = view.text
    for found in _WORD.finditer(text):
        if found[0].lower() not in words:
            continue
        begin, end = found.span()
        after = text[end : end + 1]
        if (begin and text[begin - 1] not in " \n\t(") or after != " ":
            continue
        end += 1
        put = ""
        if (
            found[0][0].isupper()
            and text[end : end + 1].islower()
            and view.fence.is_free(end, end + 1)
        ):
            put, end = text[end].upper(), end + 1
        yield Change(view.number, begin, end, put, name)


ARTICLES: Final = Stage("articles", "the, a, an", Risk.MEDIUM, Touch.REWORD, _finder("articles"))
COPULAS: Final = Stage("copulas", "is, are, be", Risk.MEDIUM, Touch.REWORD, _finder("copulas"))
LIGHT: Final = Stage(
    *("light-words", "that, which, you, it", Risk.MEDIUM, Touch.REWORD, _finder("light"))
)
CONNECTIVE: Final = Stage(
    *("connectives", "of, to, for: telegrams", Risk.HIGH, Touch.REWORD, _finder("connective"))
)
