"""Telegraphic style: without the words that a reader supplies, one set of words after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.rules import Language
from tokwatch.compress.scene import Finder, Scene, Stage, Touch, View
from tokwatch.compress.stages.phrases import languages, set_phrases, starts_sentence, worded

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_AFTER: Final = re.compile(
    r"\b(?:not|only|never|no|without|except|nicht|keine?|nur|ohne|nie|solo|sólo|sin|nunca|pas|"
    r"sans|jamais) $",
    re.I,
)
_BEFORE: Final = re.compile(r" (?:not|never|only|nicht|nie|nur|pas|jamais)\b", re.I)
"""A word beside a negation belongs to it: "do not", "not a doctor"."""


def _finder(name: str) -> Finder:
    def find(scene: Scene) -> Iterator[Change]:
        views = list(worded(scene.views))
        if views:
            spoken = languages(scene, views)
            for view in views:
                yield from _of(view, spoken, name)

    return find


def _of(view: View, spoken: list[Language], name: str) -> Iterator[Change]:
    words = frozenset(word for one in spoken for word in one.words[name])
    text, terms = view.text, set_phrases(view.text, spoken)
    for found in _WORD.finditer(text):
        if found[0].lower() not in words:
            continue
        begin, end = found.span()
        after = text[end : end + 1]
        if (begin and text[begin - 1] not in " \n\t(") or after != " ":
            continue
        if _AFTER.search(text, max(0, begin - 8), begin) or _BEFORE.match(text, end):
            continue
        end += 1
        if not terms.is_free(begin, end):
            continue
        put = ""
        if (
            found[0][0].isupper()
            and starts_sentence(text, begin)
            and text[end : end + 1].islower()
            and view.fence.is_free(end, end + 1)
        ):
            put, end = text[end].upper(), end + 1
        yield Change(view.number, begin, end, put, name)


def _stage(name: str, about: str, risk: Risk, words: str) -> Stage:
    return Stage(name, about, risk, Touch.REWORD, _finder(words), is_frugal=True)


ARTICLES: Final = _stage("articles", "the, a, an", Risk.MEDIUM, "articles")
COPULAS: Final = _stage("copulas", "is, are, be", Risk.MEDIUM, "copulas")
LIGHT: Final = _stage("light-words", "that, which, you, it", Risk.MEDIUM, "light")
CONNECTIVE: Final = _stage("connectives", "of, to, for: telegrams", Risk.HIGH, "connective")
