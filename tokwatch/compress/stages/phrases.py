"""Phrases that can be said in fewer words, by the rules of the text's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.protect import Fence, merged
from tokwatch.compress.rules import Language, Rule, language, read, spoken
from tokwatch.compress.scene import Finder, Scene, Stage, Touch, View

WORDED: Final = (Kind.PLAIN, Kind.SYSTEM, Kind.USER)
"""Kinds of parts whose wording may change: nobody else's words."""
_ENDS: Final = ".!?:\n"
_LIST_MARK: Final = re.compile(r"(?:\A|\n)[ \t]*\w{1,3}\)\Z")
LONGEST: Final = 100_000
"""Characters of a part beyond which it is no instruction."""
MOST: Final = 1_000_000
"""Characters of all parts beyond which no further one is looked at: a second has gone by."""


def worded(views: Iterable[View]) -> Iterator[View]:
    """Yield the parts whose wording may change, as far as they are no documents."""
    seen = 0
    for view in views:
        if view.kind in WORDED and view.chars <= LONGEST and seen + view.chars <= MOST:
            seen += view.chars
            yield view


def languages(scene: Scene, views: list[View]) -> list[Language]:
    """Return the rules that are asked for: the user's own, then those of the language."""
    own = [read(text) for text in scene.settings.rules]
    name = scene.settings.language or spoken([view.text for view in views])
    return [*own, language(name)]


def _finder(name: str) -> Finder:
    def find(scene: Scene) -> Iterator[Change]:
        views = list(worded(scene.views))
        if not views:
            return
        spoken = languages(scene, views)
        rules = [rule for one in spoken for rule in one.rules[name]]
        for view in views:
            terms = set_phrases(view.text, spoken)
            for change in shortened(view, rules):
                reached = terms.within(change.start, change.end)
                if all(change.start <= start and end <= change.end for start, end in reached):
                    yield change

    return find


def set_phrases(text: str, spoken: list[Language]) -> Fence:
    """Return where set phrases stand."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    return Fence(lambda: merged(m.span() for one in spoken for m in one.terms.finditer(lower)))


def shortened(view: View, rules: list[Rule]) -> Iterator[Change]:
    """Yield where rules apply to a part."""
    lower = view.text.lower()
    if len(lower) != len(view.text):
        lower = view.text
    for rule in [rule for rule in rules if rule.may_match(lower)]:
        for found in rule.pattern.finditer(lower):
            begin, end = found.span()
            if begin and (view.text[begin - 1].isalnum() or view.text[begin - 1] in "_-'’{"):
                continue
            if end > begin:
                put = rule.written(found, view.text)
                yield _fitted(view, begin, end, put)


def _fitted(view: View, begin: int, end: int, put: str) -> Change:
    """Return a replacement with blanks and capitals as they must be around it."""
    text = view.text
    reason = f"“{' '.join(text[begin:end].split())}”"
    starts = starts_sentence(text, begin) and text[begin].isupper()
    if not put:
        if end < len(text) and text[end] in ".,:;!?)" and begin and text[begin - 1] == " ":
            begin -= 1
            if text[end] != "," and text[begin - 1 : begin] == ",":
                begin -= 1
        elif end < len(text) and text[end] in ",;" and starts_sentence(text, begin):
            end += 1
        while end < len(text) and text[end] in " \t" and (not begin or text[begin - 1].isspace()):
            end += 1
        if starts and end < len(text) and text[end].islower() and view.fence.is_free(end, end + 1):
            put, end = text[end].upper(), end + 1
    else:
        if starts:
            put = put[0].upper() + put[1:]
        if end < len(text) and text[end].isalnum() and not put.endswith(" "):
            put += " "
        elif end < len(text) and text[end] == " " and put.endswith(" "):
            put = put.rstrip()
    return Change(view.number, begin, end, put, reason)


def starts_sentence(text: str, begin: int) -> bool:
    """Say whether a sentence, a line or a point of a list begins there."""
    before = text[max(0, begin - 8) : begin].rstrip(" \t\"'(*-•")
    return not before or before[-1] in _ENDS or bool(_LIST_MARK.search(before))


PHRASES: Final = Stage(
    "phrases", "courtesy and filler, long phrases", Risk.LOW, Touch.REWORD, _finder("low")
)
WORDING: Final = Stage(
    *("wording", "wording whose shade may change", Risk.MEDIUM, Touch.REWORD, _finder("medium"))
)
LABELS: Final = Stage(
    *("labels", "labels in place of words", Risk.MEDIUM, Touch.REWORD, _finder("labels"))
)
