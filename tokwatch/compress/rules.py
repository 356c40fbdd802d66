"""The rules of a language: shorter words for longer ones, each with its risk, from a data file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, NamedTuple

from tokwatch.compress.anchors import anchors_of
from tokwatch.errors import TokwatchError

LANGUAGES: Final = ("en", "de", "es", "fr")
SETS: Final = ("low", "medium", "labels")
WORD_SETS: Final = ("articles", "copulas", "light", "connective")
_BLANK: Final = r"(?:[ \t]{1,8}|[ \t]{0,8}\n[ \t]{0,8})"
_GROUP: Final = re.compile(r"\\(U?)(\d)")
_PLACE_OF_BLANK: Final = re.compile(r"\\.|(?<!\[)_")
_SAMPLE: Final = 5_000


@dataclass(frozen=True)
class Rule:
    """A pattern over lower-case text, and what is written for it."""

    source: str
    """As the rule file has it."""
    put: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what it matches; made when first asked for."""
        spaced = _PLACE_OF_BLANK.sub(lambda m: _BLANK if m[0] == "_" else m[0], self.source)
        return re.compile(rf"(?:{spaced})(?:(?<!\w)|(?!\w))")

    @cached_property
    def _anchors(self) -> frozenset[str]:
        return anchors_of(self.source) or frozenset({""})

    def may_match(self, text: str) -> bool:
        """Say whether a lower-case text holds a word without which nothing matches."""
        return any(word in text for word in self._anchors)

    def written(self, found: re.Match[str], text: str) -> str:
        """Return what stands for a match, with its groups as the text has them."""

        def group(one: re.Match[str]) -> str:
            begin, end = found.span(int(one[2]))
            taken = text[begin:end] if begin >= 0 else ""
            return taken.upper() if one[1] else taken

        return " ".join(_GROUP.sub(group, self.put).split(" ")).rstrip() + self._tail

    @property
    def _tail(self) -> str:
        return " " if self.put.endswith(" ") else ""


class Language(NamedTuple):
    """What is known of one language."""

    name: str
    commonest: tuple[str, ...]
    """Words by which the language of a text is told."""
    examples: tuple[str, ...]
    """How an example is headed."""
    rules: Mapping[str, tuple[Rule, ...]]
    """By set: `low` and `medium` risk, `labels`."""
    words: Mapping[str, frozenset[str]]
    """Words that telegraphic style leaves out, by set."""
    terms: re.Pattern[str]
    """Set phrases, which no rule reaches into."""


@cache
def language(name: str) -> Language:
    """Return a language that is shipped."""
    if name not in LANGUAGES:
        hint = f"There are {', '.join(LANGUAGES)}."
        raise TokwatchError(f"There are no rules for the language {name}.", hint)
    text = files("tokwatch.compress").joinpath("rules", f"{name}.toml").read_text("utf-8")
    return _described(text)


def read(text: str) -> Language:
    """Return the language that a rule file of the user's describes; raise where it is none."""
    found = _described(text)
    try:
        for rule in [rule for rules in found.rules.values() for rule in rules]:
            rule.pattern  # noqa: B018 -- made to see whether it can be
    except re.error as error:
        raise TokwatchError(f"The rules cannot be read: {error}") from error
    return found


def _described(text: str) -> Language:
    try:
        given = tomllib.loads(text)
        rules = {name: tuple(_rules(given.get(name, {}))) for name in SETS}
        words = {name: frozenset(given.get("telegraphic", {}).get(name, ())) for name in WORD_SETS}
        head = (given["language"], tuple(given.get("commonest", ())), tuple(given.get("names", ())))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise TokwatchError(f"The rules cannot be read: {error}") from error
    return Language(*head, rules, words, _terms(given.get("terms", ())))


def spoken(texts: Sequence[str]) -> str:
    """Return the language whose commonest words come most often; English where none do."""
    words = Counter(re.findall(r"[^\W\d_]+", " ".join(text[:_SAMPLE] for text in texts).lower()))
    counts = {name: sum(words[word] for word in language(name).commonest) for name in LANGUAGES}
    return max(LANGUAGES, key=lambda name: counts[name])


def _terms(given: Sequence[str]) -> re.Pattern[str]:
    """Return the set phrases as one pattern over lower-case text; "step by step" is always one."""
    names = "|".join(re.escape(term).replace(r"\ ", _BLANK) for term in given)
    again = r"(?P<again>[a-z]{3,}) (?:by|on|to|for|after|and|of|in|over) (?P=again)"
    return re.compile(rf"\b(?:{names or '(?!)'}|{again})\b")


def _rules(given: Mapping[str, str]) -> Iterator[Rule]:
    for source, put in given.items():
        if not isinstance(put, str):
            raise TypeError(f"{source} is put as no text")
        yield Rule(source, put)
