"""How much of what a prompt grew by belongs to each block that entered it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.detail import Block, Part
from tokwatch.model.session import SessionRequest

MOST_TIMES: Final = 4
SLACK: Final = 500
"""A block weighs at most so many times its estimate, and so much more: the rest is not told."""


class Group(NamedTuple):
    """What is told apart of a context: a part, and whose results where those are tools'."""

    part: Part | None
    """None for what the log does not tell."""
    name: str = ""


Entry = tuple[Block, Group]
"""A block that enters a context, and what it belongs to there."""


class Step(Struct, frozen=True):
    """From one request's prompt to the next one's."""

    prompt: int
    held: int
    """What of the prompt before is still there."""
    thinking: int
    """How much of that is thinking, which is the first to go."""
    answer: SessionRequest | None
    """The request before, whose answer enters; None at the start of a context."""
    answers: Sequence[Entry]
    others: Sequence[Entry]
    is_start: bool
    is_other_model: bool

    @property
    def is_thinking_gone(self) -> bool:
        """Tell whether earlier thinking may have left: it does when the user speaks."""
        return self.thinking > 0 and any(block.part is Part.USER for block, _ in self.others)


Share = tuple[Entry, int, bool]
"""With its tokens, and whether they are counted rather than shared out by estimates."""


class Grown(NamedTuple):
    """What became of the growth."""

    blocks: list[Share]
    untold: int
    """What grew beyond what the log tells."""
    lost: int
    """What left the context without a word."""


def grown(step: Step) -> Grown:
    """Return how the growth is shared out; held - lost + blocks + untold is the prompt."""
    answer = _answer_tokens(step)
    weights = [block.tokens for block, _ in step.others]
    expected = sum(weights)
    rest = step.prompt - step.held - answer
    is_exact = not step.is_start and not step.is_other_model and _is_counted(step)
    if rest < 0 or (rest < expected and step.is_thinking_gone):
        return _after_loss(step, answer)
    told = min(rest, expected * MOST_TIMES + SLACK) if expected else 0
    if step.is_start:
        told = min(rest, expected)
    is_measured = is_exact and told == rest and _is_one(step.others)
    blocks = _of_answer(step, answer, is_exact=is_exact)
    blocks += [
        (entry, tokens, is_measured)
        for entry, tokens in zip(step.others, shares(told, weights), strict=True)
    ]
    return Grown(blocks, rest - told, 0)


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of a total in proportion to weights; they add up to it."""
    if len(weights) == 1:
        return [total if weights[0] else 0]
    found: list[int] = []
    left, weight_left = total, sum(weights)
    for weight in weights:
        share = left * weight // weight_left if weight_left else 0
        found.append(share)
        left, weight_left = left - share, weight_left - weight
    return found


def _after_loss(step: Step, answer: int) -> Grown:
    """Return new blocks at their estimates, and what was lost to make room for them."""
    new = [(entry, tokens) for entry, tokens, _ in _of_answer(step, answer)]
    new += [(entry, entry[0].tokens) for entry in step.others]
    sizes = [tokens for _, tokens in new]
    if sum(sizes) > step.prompt:
        sizes = shares(step.prompt, sizes)
    blocks = [(entry, tokens, False) for (entry, _), tokens in zip(new, sizes, strict=True)]
    change = step.prompt - step.held - sum(sizes)
    return Grown(blocks, max(0, change), max(0, -change))


def _answer_tokens(step: Step) -> int:
    """Return what the answer before weighs: as counted, or where that is no final count, as told.

    An answer of which the log tells nothing weighs nothing by itself.
    """
    if step.answer is None or not step.answers:
        return 0
    told = sum(block.tokens for block, _ in step.answers)
    return step.answer.output if _is_counted(step) else max(step.answer.output, told)


def _is_counted(step: Step) -> bool:
    return step.answer is not None and bool(step.answer.is_final)


def _is_one(entries: Sequence[Entry]) -> bool:
    """Tell whether all that weighs anything belongs to one group."""
    if len(entries) == 1:
        return entries[0][0].tokens > 0
    return len({group for block, group in entries if block.tokens}) == 1


def _of_answer(step: Step, answer: int, *, is_exact: bool = False) -> list[Share]:
    """Share an answer's tokens out; where the provider counts thinking, that is its own."""
    counted = step.answer.reasoning if step.answer is not None else 0
    thinking = [entry for entry in step.answers if entry[0].part is Part.THINKING]
    if not counted or not thinking or len(thinking) == len(step.answers):
        return _shared(step.answers, answer, is_measured=is_exact and _is_one(step.answers))
    spoken = [entry for entry in step.answers if entry[0].part is not Part.THINKING]
    thought = min(answer, counted)
    return [
        *_shared(thinking, thought, is_measured=is_exact),
        *_shared(spoken, answer - thought, is_measured=is_exact and _is_one(spoken)),
    ]


def _shared(entries: Sequence[Entry], total: int, *, is_measured: bool) -> list[Share]:
    weights = [block.tokens for block, _ in entries]
    if not any(weights):
        weights = [1] * len(entries)
    return [
        (entry, tokens, is_measured)
        for entry, tokens in zip(entries, shares(total, weights), strict=True)
    ]
