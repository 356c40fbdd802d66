"""Pairs of counted and billed tokens: what a prompt grew by, and what an answer was billed.

A step counts only where the log tells all of it: docs/calibration.md has the rules in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tokwatch.analysis.composition import entering
from tokwatch.analysis.growing import Group
from tokwatch.analysis.timeline import Course
from tokwatch.model.detail import Block, Part
from tokwatch.model.session import SessionRequest
from tokwatch.tokens.calibrated import Kind
from tokwatch.tokens.calibration import Pair

WORDS: Final = frozenset((Part.USER, Part.ASSISTANT, Part.TOOL_CALL, Part.TOOL_RESULT))
"""Parts of which a log holds the very text that was sent."""
REMINDED: Final = frozenset(("TodoWrite", "TodoRead"))
"""Tools whose results bring a reminder of some hundred tokens that no log shows."""
_NO_GROUP: Final = Group(None)


class ModelPair(NamedTuple):
    """A pair, and whose tokenizer it tells of."""

    model: str
    kind: Kind
    pair: Pair


def pairs_of(of: Course, blocks: Iterable[Block], session: str) -> Iterator[ModelPair]:
    """Yield the pairs of one agent, whose blocks have counted tokens."""
    entered = entering(of, ((block, _NO_GROUP) for block in blocks))
    begins = {cliff.place for cliff in of.cliffs}
    has_thought = False
    for place, before in enumerate(of.points):
        answers, others = (
            [block for block, _ in entries] for entries in entered.get(place + 1, ([], []))
        )
        if place in begins:
            has_thought = False
        thinks = any(block.part is Part.THINKING for block in answers)
        has_thought = has_thought or thinks
        if before.is_final and (before.reasoning or not thinks):
            spoken = [block for block in answers if block.part is not Part.THINKING]
            yield from _answer(before, spoken, session)
            is_next = place + 1 < len(of.points) and place + 1 not in begins
            if is_next and not (has_thought and _speaks(others)):
                yield from _growth(before, of.points[place + 1], [*spoken, *others], session)


def _answer(request: SessionRequest, spoken: Sequence[Block], session: str) -> Iterator[ModelPair]:
    """Yield what an answer was billed for its words."""
    billed = request.output - request.reasoning
    if spoken and billed > 0 and _is_all_words(spoken):
        pair = Pair(session, _tokens(spoken), _calls(spoken), billed)
        yield ModelPair(request.cached.model, Kind.ANSWER, pair)


def _growth(
    before: SessionRequest, request: SessionRequest, entered: Sequence[Block], session: str
) -> Iterator[ModelPair]:
    """Yield what a prompt grew by; what was thought is billed, but no words of it are there."""
    billed = request.prompt - before.prompt - before.reasoning
    is_same = request.cached.model == before.cached.model and request.is_final
    if entered and is_same and billed > 0 and _is_told(entered):
        pair = Pair(session, _tokens(entered), _calls(entered), billed)
        yield ModelPair(request.cached.model, Kind.PROMPT, pair)


def _is_told(entered: Sequence[Block]) -> bool:
    """Tell whether all of a step is words, and each call has its result in it."""
    calls = {block.call for block in entered if block.part is Part.TOOL_CALL}
    results = {block.call for block in entered if block.part is Part.TOOL_RESULT}
    is_reminded = any(block.tool in REMINDED for block in entered)
    return calls == results and not is_reminded and _is_all_words(entered)


def _is_all_words(blocks: Sequence[Block]) -> bool:
    return all(block.part in WORDS for block in blocks)


def _speaks(blocks: Sequence[Block]) -> bool:
    """Tell whether the user speaks, at which earlier thinking may leave a prompt."""
    return any(block.part is Part.USER for block in blocks)


def _tokens(blocks: Sequence[Block]) -> int:
    return sum(block.tokens for block in blocks)


def _calls(blocks: Sequence[Block]) -> int:
    return sum(block.part is Part.TOOL_CALL for block in blocks)
