"""What truncation would have changed on the requests as they were: tokens, dollars, what is lost.

A shorter prompt is cheaper to send, but where its beginning moves, the cache no longer holds what
follows: that is paid again. docs/session.md has the rules in words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from tokwatch.analysis.composition import UNTOLD, Composition, Sized
from tokwatch.analysis.growing import Group
from tokwatch.analysis.timeline import Course
from tokwatch.analysis.truncation import (
    History,
    Limits,
    Message,
    Plan,
    Strategy,
    history,
    kept_numbers,
    truncated,
)
from tokwatch.model.detail import Part
from tokwatch.model.session import SessionRequest
from tokwatch.model.usage import CostMode

_PAIRED = frozenset({Part.TOOL_CALL, Part.TOOL_RESULT, Part.IMAGE})
_Calls = dict[tuple[int, int], int]
"""Numbers of calls by the place and the number of a block."""


class Simulation(NamedTuple):
    """What one strategy would have changed in all requests of an agent."""

    strategy: Strategy
    requests: int
    cut: int
    """Requests from which something would have been left out."""
    tokens: int
    """What all prompts had together."""
    saved_tokens: int
    nano: int
    """What the prompts cost that have a price."""
    saved_nano: int
    """After what is paid again for the cache, and for making the summaries; may be below 0."""
    summaries: int
    """How often a summary would have been made."""
    summary_nano: int
    unpriced: int
    """Requests without a price; in no amount."""


class Loss(NamedTuple):
    """What one strategy would leave out of one request."""

    plan: Plan
    prompt: int
    """What was sent."""
    sent: int
    """What would have been."""
    lost: tuple[tuple[Group, int], ...]
    """Tokens of what is left out, the most first."""


class _Context(Struct, frozen=True):
    """The messages between two cliffs, and how many there are by each point."""

    begin: int
    history: History
    ends: tuple[int, ...]
    parts: tuple[tuple[Sized, ...], ...]
    """What each message holds."""


class Conversation(Struct, frozen=True):
    """An agent's requests as messages."""

    course: Course
    contexts: tuple[_Context, ...]

    @property
    def messages(self) -> int:
        """Return how many messages there are in all."""
        return sum(len(one.history.messages) for one in self.contexts)


def conversation(of: Course, made: Composition) -> Conversation:
    """Return an agent's requests as messages: answers, and what came between them."""
    if not of.points:
        return Conversation(of, ())
    begins = [0, *(cliff.place for cliff in of.cliffs)]
    ends = [*begins[1:], len(of.points)]
    spans = list(zip(begins, ends, strict=True))
    calls = _paired(made.sized)
    entering: dict[int, list[Sized]] = {}
    for one in made.sized:
        first = bisect_right(begins, one.place) - 1
        for begin in begins[first : max(first + 1, bisect_left(begins, one.until))]:
            entering.setdefault(max(one.place, begin), []).append(one)
    contexts = (_context(of, made, calls, entering, begin, end) for begin, end in spans)
    return Conversation(of, tuple(contexts))


def simulations(of: Conversation, limits: Limits, mode: CostMode) -> tuple[Simulation, ...]:
    """Return what each strategy would have changed."""
    costs = [_Costs.of(point, mode) for point in of.course.points]
    return tuple(_simulation(of, limits, strategy, costs) for strategy in Strategy)


def loss(of: Conversation, place: int, limits: Limits, strategy: Strategy) -> Loss:
    """Return what a strategy would leave out of a point's prompt."""
    context = next(one for one in reversed(of.contexts) if one.begin <= place)
    end = context.ends[place - context.begin]
    plan = truncated(context.history, end, limits, strategy)
    prompt = of.course.points[place].prompt
    kept = set(kept_numbers(context.history, plan))
    sums: dict[Group, int] = {}
    for number in range(end):
        if number not in kept:
            left = context.history.messages[number].tokens
            for one in context.parts[number]:
                sums[one.group] = sums.get(one.group, 0) + one.tokens
                left -= one.tokens
            if left > 0:
                sums[UNTOLD] = sums.get(UNTOLD, 0) + left
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return Loss(plan, prompt, _sent(plan, prompt), tuple(ranked))


def _paired(sized: Sequence[Sized]) -> _Calls:
    """Return the number of the call that each block makes or answers.

    Some models count their calls anew in each answer: of those that share an id, the first to be
    answered is the one that was made first.
    """
    found: _Calls = {}
    unanswered: dict[int, deque[int]] = {}
    answered: dict[int, int] = {}
    for number, one in enumerate(sized):
        call, place = one.block.call, (one.place, one.block.number)
        if not call or one.block.part not in _PAIRED:
            continue
        if one.block.part is Part.TOOL_CALL:
            unanswered.setdefault(call, deque()).append(number)
            found[place] = number
        else:
            if waiting := unanswered.get(call):
                answered[call] = waiting.popleft()
            found[place] = answered.setdefault(call, number)
    return found


def _context(
    of: Course,
    made: Composition,
    calls: _Calls,
    entering: dict[int, list[Sized]],
    begin: int,
    end: int,
) -> _Context:
    messages: list[Message] = []
    parts: list[tuple[Sized, ...]] = []
    ends = []
    for place in range(begin, end):
        untold = _untold(made, place, begin)
        new = entering.get(place, [])
        for message, held in _messages(of, new, place, untold, is_start=place == begin):
            of_it = {calls.get((one.place, one.block.number), -1) for one in held} - {-1}
            messages.append(message._replace(calls=tuple(sorted(of_it))))
            parts.append(held)
        ends.append(len(messages))
    return _Context(begin, history(messages), tuple(ends), tuple(parts))


def _untold(made: Composition, place: int, begin: int) -> int:
    """Return what a prompt grew by that no log tells."""
    if UNTOLD not in made.groups:
        return 0
    number = made.groups.index(UNTOLD)
    there = made.sums[place][number] if number < len(made.sums[place]) else 0
    before = 0
    if place > begin and number < len(made.sums[place - 1]):
        before = made.sums[place - 1][number]
    return max(0, there - before)


def _messages(
    of: Course, new: Sequence[Sized], place: int, untold: int, *, is_start: bool
) -> Iterator[tuple[Message, tuple[Sized, ...]]]:
    """Yield the messages that enter with a point: the system's, an answer, and what came since."""
    answered = of.points[place - 1].key if place and not is_start else 0
    system = tuple(one for one in new if one.block.part in (Part.SYSTEM, Part.MEMORY))
    answer = tuple(one for one in new if answered and one.block.request == answered)
    rest = tuple(
        one for one in new if one.block.part not in (Part.SYSTEM, Part.MEMORY)
        and not (answered and one.block.request == answered)
    )  # fmt: skip
    if system or (is_start and untold):
        yield _message(system, untold if is_start else 0, is_system=True), system
    if answer:
        yield _message(answer), answer
    if rest or (untold and not is_start):
        yield _message(rest, 0 if is_start else untold), rest


def _message(held: tuple[Sized, ...], untold: int = 0, *, is_system: bool = False) -> Message:
    return Message(sum(one.tokens for one in held) + untold, is_system)


def _sent(plan: Plan, prompt: int) -> int:
    """Return what would be sent of a prompt; its messages may add up to a little more or less."""
    known = plan.kept_tokens + plan.lost_tokens
    if not plan.lost or not known:
        return prompt
    return min(prompt, prompt * plan.kept_tokens // known + plan.summary_tokens)


def _simulation(
    of: Conversation, limits: Limits, strategy: Strategy, paid: Sequence[_Costs | None]
) -> Simulation:
    cut = tokens = saved = nano = saved_nano = summaries = summary_nano = unpriced = 0
    for context in of.contexts:
        before: Plan | None = None
        for number, end in enumerate(context.ends):
            place = context.begin + number
            point = of.course.points[place]
            plan = truncated(context.history, end, limits, strategy)
            sent = _sent(plan, point.prompt)
            cut += plan.lost > 0
            tokens, saved = tokens + point.prompt, saved + point.prompt - sent
            costs = paid[place]
            made = plan.summary_tokens > 0 and (before is None or before.recent != plan.recent)
            summaries += made
            if costs is None:
                unpriced += 1
            else:
                nano += costs.real
                last = of.course.points[place - 1].prompt if number else 0
                stable = _stable(context.history, before, plan, sent, last)
                saved_nano += costs.real - costs.sent(plan, before, sent, stable, last)
                summary_nano += costs.summary(plan, before) if made else 0
            before = plan
    figures = (cut, tokens, saved, nano, saved_nano - summary_nano)
    count = len(of.course.points)
    return Simulation(strategy, count, *figures, summaries, summary_nano, unpriced)


def _stable(of: History, before: Plan | None, plan: Plan, sent: int, last: int) -> int:
    """Return how many of the first tokens are as they were in the prompt before."""
    if before is None:
        return sent
    if _front(before) == _front(plan):
        return min(sent, _sent(before, last))
    front = sum(of.messages[number].tokens for number in plan.system if number in before.system)
    if not plan.summary_tokens and not before.summary_tokens and before.first == plan.first:
        front += of.sums[plan.first]
    return min(sent, front)


def _front(plan: Plan) -> tuple[object, ...]:
    """Return what is equal while a prompt only grows at its end."""
    return plan.system, plan.first, plan.recent, plan.summary_tokens


class _Costs(NamedTuple):
    """What a request paid, and what it would have paid for another prompt."""

    request: SessionRequest
    real: int
    share: tuple[int, int]
    """Of the computed cost, where a logged one counts: numerator and denominator."""

    @classmethod
    def of(cls, request: SessionRequest, mode: CostMode) -> _Costs | None:
        told, cost = request.cached, request.cost_nano(mode)
        if not told.is_priced or cost is None:
            return None
        share = (1, 1)
        if request.computed_nano and cost != request.computed_nano:
            share = (cost, request.computed_nano)
        read, fresh = _prompt_thousandths(request)
        return cls(request, _nano(read + fresh, share), share)

    def sent(self, plan: Plan, before: Plan | None, sent: int, stable: int, last: int) -> int:
        """Return what a prompt of so many tokens would have cost, the first of them stable."""
        told = self.request.cached
        if not plan.lost and (before is None or not before.lost):
            return self.real
        found = told.cache_read or 0
        held = stable * min(found, last) // last if last else min(stable, found)
        held = min(held, sent)
        _, fresh = _prompt_thousandths(self.request)
        missed = self.request.prompt - found
        rest = (sent - held) * fresh // missed if missed else (sent - held) * told.input_rate
        return _nano(held * told.read_rate + rest, self.share)

    def summary(self, plan: Plan, before: Plan | None) -> int:
        """Return what making a summary costs: reading what newly leaves, and writing it."""
        told = self.request.cached
        known = before.lost_tokens if before is not None else 0
        read = max(0, plan.lost_tokens - known) + (before.summary_tokens if before else 0)
        written = plan.summary_tokens * self.request.output_rate
        return _nano(read * told.read_rate + written, self.share)


def _prompt_thousandths(request: SessionRequest) -> tuple[int, int]:
    """Return what the read tokens of a prompt cost, and all others, in thousandths."""
    told = request.cached
    return (told.cache_read or 0) * told.read_rate, (
        told.input * told.input_rate
        + told.cache_write_5m * told.write_5m_rate
        + told.cache_write_1h * told.write_1h_rate
    )


def _nano(thousandths: int, share: tuple[int, int]) -> int:
    return thousandths * share[0] // (share[1] * 1000)
