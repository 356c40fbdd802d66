"""How much of what a prompt grew by belongs to each block that entered it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tokwatch.detail import Block, Part
from tokwatch.session import SessionRequest

MOST_TIMES: Final = 4
SLACK: Final = 500
"""A block weighs at most so many times its estimate, and so much more: the rest is not told."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one request's prompt to the next one's."""

    prompt: int
    held: int
    """What of the prompt before is still there."""
    thinking: int
    """How much of that is thinking, which is the first to go."""
    answer: SessionRequest | None
    """The request before, whose answer enters; None at the start of a context."""
    answers: Sequence[Block]
    others: Sequence[Block]
    is_start: bool
    is_other_model: bool

    @property
    def is_thinking_gone(self) -> bool:
        """Tell whether earlier thinking may have left: it does when the user speaks."""
        return self.thinking > 0 and any(block.part is Part.USER for block in self.others)


class Grown(NamedTuple):
    """What became of the growth."""

    blocks: list[tuple[Block, int, bool]]
    """With its tokens, and whether they are counted rather than shared out by estimates."""
    untold: int
    """What grew beyond what the log tells."""
    lost: int
    """What left the context without a word."""


def grown(step: Step, group_of: Callable[[Block], Hashable]) -> Grown:
    """Return how the growth is shared out; held - lost + blocks + untold is the prompt."""
    answer = _answer_tokens(step)
    expected = sum(block.tokens for block in step.others)
    rest = step.prompt - step.held - answer
    is_exact = not step.is_start and not step.is_other_model and _is_counted(step)
    if rest < 0 or (rest < expected and step.is_thinking_gone):
        return _after_loss(step, answer, group_of)
    told = min(rest, expected * MOST_TIMES + SLACK) if expected else 0
    if step.is_start:
        told = min(rest, expected)
    is_one = len({group_of(block) for block in step.others if block.tokens}) == 1
    blocks = _of_answer(step, answer, group_of, is_exact=is_exact)
    weights = [block.tokens for block in step.others]
    is_measured = is_exact and is_one and told == rest
    blocks += [
        (block, tokens, is_measured)
        for block, tokens in zip(step.others, shares(told, weights), strict=True)
    ]
    return Grown(blocks, rest - told, 0)


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of a total in proportion to weights; they add up to it."""
    found: list[int] = []
    left, weight_left = total, sum(weights)
    for weight in weights:
        share = left * weight // weight_left if weight_left else 0
        found.append(share)
        left, weight_left = left - share, weight_left - weight
    return found


def _after_loss(step: Step, answer: int, group_of: Callable[[Block], Hashable]) -> Grown:
    """Return new blocks at their estimates, and what was lost to make room for them."""
    new = [(block, tokens) for block, tokens, _ in _of_answer(step, answer, group_of)]
    new += [(block, block.tokens) for block in step.others]
    sizes = [tokens for _, tokens in new]
    if sum(sizes) > step.prompt:
        sizes = shares(step.prompt, sizes)
    blocks = [(block, tokens, False) for (block, _), tokens in zip(new, sizes, strict=True)]
    change = step.prompt - step.held - sum(sizes)
    return Grown(blocks, max(0, change), max(0, -change))


def _answer_tokens(step: Step) -> int:
    """Return what the answer before weighs: as counted, or where that is no final count, as told.

    An answer of which the log tells nothing weighs what was counted, but is nobody's.
    """
    if step.answer is None or not step.answers:
        return 0
    told = sum(block.tokens for block in step.answers)
    return step.answer.output if _is_counted(step) else max(step.answer.output, told)


def _is_counted(step: Step) -> bool:
    return step.answer is not None and bool(step.answer.is_final)


def _of_answer(
    step: Step, answer: int, group_of: Callable[[Block], Hashable], *, is_exact: bool = False
) -> list[tuple[Block, int, bool]]:
    """Share an answer's tokens out; where the provider counts thinking, that is its own."""
    thinking = [block for block in step.answers if block.part is Part.THINKING]
    spoken = [block for block in step.answers if block.part is not Part.THINKING]
    counted = step.answer.reasoning if step.answer is not None else 0
    if not (thinking and spoken and counted):
        is_one = len({group_of(block) for block in step.answers if block.tokens}) == 1
        return _shared(list(step.answers), answer, is_measured=is_exact and is_one)
    thought = min(answer, counted)
    is_one = len({group_of(block) for block in spoken if block.tokens}) == 1
    return [
        *_shared(thinking, thought, is_measured=is_exact),
        *_shared(spoken, answer - thought, is_measured=is_exact and is_one),
    ]


def _shared(blocks: list[Block], total: int, *, is_measured: bool) -> list[tuple[Block, int, bool]]:
    weights = [block.tokens for block in blocks]
    if not any(weights):
        weights = [1] * len(blocks)
    return [
        (block, tokens, is_measured)
        for block, tokens in zip(blocks, shares(total, weights), strict=True)
    ]
