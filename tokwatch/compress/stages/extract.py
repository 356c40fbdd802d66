"""Keeps the sentences or lines that matter, word for word: to a question, or as rare facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tokwatch.compress.draft import Span
from tokwatch.compress.instructions import material
from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.protect import Fence
from tokwatch.compress.rank.cover import covering
from tokwatch.compress.rank.question import relevance
from tokwatch.compress.rank.units import LONGEST, Form, Units, form_of
from tokwatch.compress.rules import spoken
from tokwatch.compress.scene import Finder, Scene, Settings, Stage, Touch, View

_LEAST: Final = 12
"""Tokens of room from which on a piece of a sentence is better than nothing."""


class _Source(NamedTuple):
    """A part whose units may go, and where its text stands in all texts together."""

    view: View
    spans: list[Span]
    offset: int


class _Choice(NamedTuple):
    """Units by worth, the best first, and those that stay whatever they are worth."""

    order: list[int]
    forced: frozenset[int]


def _finder(is_blind: bool) -> Finder:
    def find(scene: Scene) -> Iterator[Change]:
        sources = _sources(scene)
        if not sources or not (is_blind or scene.settings.question):
            return
        count, language = scene.settings.count, scene.settings.language
        of = _units(sources, language)
        tokens = [count(of.unit(number)) for number in range(len(of.units))]
        room = scene.room - _fixed(scene, sources)
        if sum(tokens) <= room:
            return
        if sum(one > room for one in tokens) * 2 > len(tokens) and room >= _LEAST:
            of = _units(sources, language, longest=2 * room)
            tokens = [count(of.unit(number)) for number in range(len(of.units))]
        choice = _choice(scene, sources, of, tokens, room, is_blind)
        kept = _fitting(scene, sources, of, tokens, choice)
        for source in sources:
            yield from _changes(source, of, kept, is_blind)

    return find


def _sources(scene: Scene) -> list[_Source]:
    found, offset = [], 0
    last = max((m for m, one in enumerate(scene.messages) if one.role == "user"), default=-1)
    for view in scene.views:
        is_last = view.message == last
        spans = material(view.text, view.kind, scene.settings.question, is_last)
        if spans:
            found.append(_Source(view, spans, offset))
            offset += len(view.text) + 2
    return found


def _units(sources: Sequence[_Source], language: str, longest: int = LONGEST) -> Units:
    text = "\n\n".join(source.view.text for source in sources)
    spans = [(b + one.offset, e + one.offset) for one in sources for b, e in one.spans]
    is_output = sum(len(s.view.text) for s in sources if s.view.kind is Kind.RESULT) * 2 > len(text)
    name = language or spoken([source.view.text for source in sources])
    return Units(text, spans, name, form_of(text, is_output), longest)


def _fixed(scene: Scene, sources: Sequence[_Source]) -> int:
    """Return the tokens of what must stay."""
    taken = {source.view.number for source in sources}
    fixed = sum(view.tokens for view in scene.views if view.number not in taken)
    for source in sources:
        inner = "".join(source.view.text[begin:end] for begin, end in source.spans)
        if len(inner) < len(source.view.text):
            fixed += source.view.tokens - scene.settings.count(inner)
    return fixed


def _choice(
    scene: Scene,
    sources: Sequence[_Source],
    of: Units,
    tokens: Sequence[int],
    room: int,
    is_blind: bool,
) -> _Choice:
    guarded = [(b + s.offset, e + s.offset) for s in sources for b, e in s.view.fence.spans]
    fence = Fence(lambda: guarded)
    forced = frozenset(n for n, span in enumerate(of.units) if not fence.is_free(*span))
    room -= sum(tokens[number] for number in forced)
    question = scene.settings.question
    scores = relevance(of, question) if question else [0.0] * len(of.units)
    if is_blind or of.form is Form.LINES:
        top = max(scores, default=0.0) or 1.0
        bonus = [score / top for score in scores]
        return _Choice(covering(of, tokens, room, bonus), forced)
    ranked = sorted(range(len(scores)), key=lambda number: (-scores[number], number))
    return _Choice(_filled(ranked, tokens, room, forced), forced)


def _filled(
    ranked: Sequence[int], tokens: Sequence[int], room: int, forced: frozenset[int]
) -> list[int]:
    chosen, used = [], 0
    for number in ranked:
        if number not in forced and used + tokens[number] <= room:
            used += tokens[number]
            chosen.append(number)
    return chosen


def _fitting(
    scene: Scene, sources: Sequence[_Source], of: Units, tokens: Sequence[int], choice: _Choice
) -> frozenset[int]:
    """Return the units that stay, counted as one text; the least worthy go first."""
    order = [number for number in choice.order if number not in choice.forced]
    fixed = _fixed_views(scene, sources)
    while True:
        kept = frozenset(order) | choice.forced
        texts = (_applied(source, of, kept) for source in sources)
        over = fixed + sum(scene.settings.count(text) for text in texts) - scene.room
        if over <= 0 or not order:
            return kept
        while over > 0 and order:
            over -= max(1, tokens[order.pop()])


def _fixed_views(scene: Scene, sources: Sequence[_Source]) -> int:
    taken = {source.view.number for source in sources}
    return sum(view.tokens for view in scene.views if view.number not in taken)


def _applied(source: _Source, of: Units, kept: frozenset[int]) -> str:
    texts: list[str] = []
    at = 0
    for change in _changes(source, of, kept, is_blind=False):
        texts += (source.view.text[at : change.start], change.replacement)
        at = change.end
    texts.append(source.view.text[at:])
    return "".join(texts)


def _changes(source: _Source, of: Units, kept: frozenset[int], is_blind: bool) -> Iterator[Change]:
    """Yield what goes, one change for units beside each other in one block."""
    reason = "holds few rare facts" if is_blind else "says little to the question"
    end_of_text = source.offset + len(source.view.text)
    for block, members in enumerate(of.members):
        begin, end = of.blocks[block]
        if not source.offset <= begin < end_of_text:
            continue
        staying = [number for number in members if number in kept]
        if not staying:
            yield Change(source.view.number, begin - source.offset, end - source.offset, "", reason)
            continue
        for first, last in _runs(members, kept):
            start, stop = of.units[first][0] - source.offset, of.units[last][1] - source.offset
            is_end = last == members[-1]
            ending = source.view.text[start:stop]
            blank = ending[len(ending.rstrip()) :] if is_end else ""
            if is_end and source.view.text[start - 1 : start] == "\n":
                blank = blank.removeprefix("\n")
            yield Change(source.view.number, start, stop, blank, reason)


def _runs(members: Sequence[int], kept: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of units beside each other that go."""
    run: list[int] = []
    for number in members:
        if number in kept:
            if run:
                yield run[0], run[-1]
            run = []
        else:
            run.append(number)
    if run:
        yield run[0], run[-1]


def _lacks(settings: Settings) -> str:
    return "" if settings.question else "needs a question"


EXTRACT: Final = Stage(
    *("extract", "only what matters to the question, word for word", Risk.HIGH, Touch.REMOVE),
    *(_finder(False), False, _lacks),
)
COVER: Final = Stage(
    *("cover", "only what holds rare facts, word for word", Risk.HIGH, Touch.REMOVE),
    *(_finder(True), True),
)
