"""Examples of a few-shot prompt: as many as are asked for, one of each outcome first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.rules import LANGUAGES, language
from tokwatch.compress.scene import Scene, Stage, Touch, View, only
from tokwatch.compress.stages.phrases import WORDED

_OUTCOME: Final = re.compile(
    r"^[ \t]*(?:label|output|answer|a|result|response|category|class|sentiment|expected|completion|"
    r"ausgabe|antwort|salida|respuesta|sortie|réponse)\s*:\s*(.+)$",
    re.I | re.M,
)
_INPUT: Final = re.compile(
    r"^[ \t]*(?:input|q|question|text|review|user|eingabe|frage|entrada|pregunta|entrée)\s*:", re.I
)


class _Example(NamedTuple):
    start: int
    end: int
    outcome: str


def find(scene: Scene) -> Iterator[Change]:
    """Yield examples beyond the number that stays."""
    for view in only(scene.views, WORDED):
        for run in _runs(view.text):
            if len(run) > scene.settings.examples:
                yield from _beyond(view, run, scene.settings.examples)


def _beyond(view: View, run: Sequence[_Example], most: int) -> Iterator[Change]:
    kept = _kept(run, most)
    for number, example in enumerate(run):
        if number not in kept:
            told = f"example {number + 1} of {len(run)}"
            yield Change(view.number, example.start, example.end, "", told)


def _kept(run: Sequence[_Example], most: int) -> set[int]:
    """Return the first example of each outcome, then the first of all, up to a number."""
    seen: set[str] = set()
    fresh = []
    for number, example in enumerate(run):
        if example.outcome not in seen:
            fresh.append(number)
            seen.add(example.outcome)
    order = [*fresh, *(number for number in range(len(run)) if number not in fresh)]
    return set(order[:most])


def _runs(text: str) -> Iterator[list[_Example]]:
    """Yield examples that follow each other, by their headings or as pairs of input and output."""
    names = "|".join(name for one in LANGUAGES for name in language(one).examples)
    heading = re.compile(rf"^[ \t#*]*(?:{names})s?\s*(?:#\s*)?\d+\b[^\n]*\n", re.M | re.I)
    starts = [found.start() for found in heading.finditer(text)]
    if len(starts) > 1:
        yield _cut(text, starts)
        return
    blocks = [found.start() for found in re.finditer(r"(?:\A|(?<=\n\n))(?=\S)", text)]
    ends = [*blocks[1:], len(text)] if blocks else []
    run: list[_Example] = []
    for start, end in zip(blocks, ends, strict=True):
        outcome = _OUTCOME.search(text, start, end)
        if outcome and _INPUT.match(text[start:end]):
            run.append(_Example(start, end, outcome[1].strip().lower()))
        else:
            if len(run) > 1:
                yield run
            run = []
    if len(run) > 1:
        yield run


def _cut(text: str, starts: Sequence[int]) -> list[_Example]:
    """Return headed examples; the last ends with its paragraph."""
    last = text.find("\n\n", text.find("\n", starts[-1]) + 2)
    ends = [*starts[1:], len(text) if last < 0 else last + 2]
    found = []
    for start, end in zip(starts, ends, strict=True):
        outcome = _OUTCOME.search(text, start, end)
        found.append(_Example(start, end, outcome[1].strip().lower() if outcome else ""))
    return found


STAGE: Final = Stage(
    "examples", "examples beyond the third, one of each outcome", Risk.MEDIUM, Touch.REMOVE, find
)
