"""Words of a text as ranking compares them: stems, without the commonest words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final  # Any: snowballstemmer has no types

_WORD: Final = re.compile(r"[^\W_]+")
_STEMMERS: Final = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}
_COMMONEST: Final = """
    a an the and or of to in on at for from by with as is are was were be been being it its this
    that these those he she they his her their theirs who whom whose which what when where how why
    do does did has have had having not no but if than then so also into over about after before
    between during i you we me my your our us him them there here can could would should will may
    might must shall am any some such up down out off own s t d ll ve re m don doesn didn isn wasn
    please tell explain describe summarize summarise discuss say said think give
    der die das und ist nicht ein eine zu mit sie den dem des auf für von im es ich wie wer
    wo wann warum welche welcher welches hat haben wird werden sind war
    el la los las de que y en un una por con para del son qué cómo cuándo dónde quién cuál se su
    le les et dans pour du qui est sont une au aux ce quel quelle quand où comment
    pourquoi combien
"""
STOP: Final = frozenset(_COMMONEST.split())


def words(text: str) -> list[str]:
    """Return all words of a text, in lower case."""
    return _WORD.findall(text.lower())


def stems(text: str, language: str) -> Iterator[str]:
    """Yield the stems of the words that are not among the commonest."""
    for word in words(text):
        if word not in STOP:
            yield stem(word, language)


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """Return a word without its ending."""
    if len(word) < 4 or not word.isalpha():
        return word
    found: str = _stemmer(language).stemWord(word)
    return found


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer  # type: ignore[import-untyped]  # it has no types

    return snowballstemmer.stemmer(_STEMMERS.get(language, "english"))
