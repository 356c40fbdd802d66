"""What of a conversation stays within limits: which messages are kept, by three strategies.

Room is claimed in this order: the newest message, the system prompt, the first message, then the
others from the newest back. A call of a tool and its result stay or leave together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct


class Strategy(StrEnum):
    """How a conversation is shortened."""

    SLIDING = "sliding window"
    """System prompt and the newest messages."""
    IMPORTANT = "important first"
    """The first message too."""
    SUMMARY = "summary"
    """And in place of all that is left out, a summary of it."""
    AUTO = "auto"
    """Important first; where less than half of the messages would stay, a summary."""


class Message(NamedTuple):
    """One message as a limit counts it."""

    tokens: int
    is_system: bool = False
    calls: tuple[int, ...] = ()
    """Calls of tools that it makes or answers: messages that share one belong together."""


class Limits(NamedTuple):
    """How much may be sent."""

    messages: int
    tokens: int
    margin: float = 1.0
    """Share of the tokens that may be filled, for estimates err."""
    reserve: int = 0
    """Tokens kept free for the answer."""
    summary_messages: int = 20
    """A summary is made anew when so many more messages are left out."""
    summary_tokens: int = 267

    @property
    def room(self) -> int:
        """Return how many tokens may be filled."""
        return max(0, int(self.tokens * self.margin) - self.reserve)


class Plan(NamedTuple):
    """What is sent of a conversation's first messages."""

    strategy: Strategy
    """The one that was taken; never `AUTO`."""
    system: tuple[int, ...]
    """Numbers of the system messages that are kept."""
    first: int
    """How many of the other messages are kept at the beginning."""
    recent: int
    end: int
    """The kept ones at the end, as places among those that are not the system's."""
    kept: int
    """Messages; a summary is none."""
    kept_tokens: int
    lost: int
    lost_tokens: int
    summary_tokens: int
    """Of the summary that stands for what was lost; 0 without one."""

    @property
    def tokens(self) -> int:
        """Return the tokens that are sent."""
        return self.kept_tokens + self.summary_tokens


class History(Struct, frozen=True):
    """A conversation's messages, prepared for plans about any number of its first ones."""

    messages: tuple[Message, ...]
    system: tuple[int, ...]
    """Numbers of the system messages."""
    told: tuple[int, ...]
    """Numbers of all others."""
    sums: tuple[int, ...]
    """Tokens of the first so many of those."""
    starts: tuple[int, ...]
    """Places among those at which messages that belong together begin."""


def history(messages: Sequence[Message]) -> History:
    """Return messages with what every plan needs of them."""
    system = tuple(number for number, one in enumerate(messages) if one.is_system)
    told = tuple(number for number, one in enumerate(messages) if not one.is_system)
    sums = (0, *accumulate(messages[number].tokens for number in told))
    return History(tuple(messages), system, told, sums, _starts([messages[n] for n in told]))


def truncated(of: History, end: int, limits: Limits, strategy: Strategy) -> Plan:
    """Return what is kept of the first `end` messages."""
    if strategy is not Strategy.AUTO:
        return _plan(of, end, limits, strategy)
    plan = _plan(of, end, limits, Strategy.IMPORTANT)
    if plan.kept * 2 < plan.kept + plan.lost:
        return _plan(of, end, limits, Strategy.SUMMARY)
    return plan


def kept_numbers(of: History, plan: Plan) -> list[int]:
    """Return the numbers of the messages that a plan keeps, in order."""
    told = (*of.told[: plan.first], *of.told[plan.recent : plan.end])
    return sorted((*plan.system, *told))


def _starts(messages: Sequence[Message]) -> tuple[int, ...]:
    """Return where groups begin that no call joins to what is before them."""
    last: dict[int, int] = {}
    for place, one in enumerate(messages):
        for call in one.calls:
            last[call] = place
    starts, reach = [], -1
    for place, one in enumerate(messages):
        if place > reach:
            starts.append(place)
        reach = max([reach, place, *(last[call] for call in one.calls)])
    return tuple(starts)


def _plan(of: History, end: int, limits: Limits, strategy: Strategy) -> Plan:
    count = bisect_left(of.told, end)
    system_count = bisect_left(of.system, end)
    room, places = limits.room, limits.messages
    newest = _start_before(of, count)
    room -= of.sums[count] - of.sums[newest]
    places -= count - newest
    system = []
    for number in of.system[:system_count]:
        tokens = of.messages[number].tokens
        if tokens <= room and places > 0:
            system.append(number)
            room, places = room - tokens, places - 1
    first = 0
    if strategy is not Strategy.SLIDING and newest > 0:
        end_of_first = of.starts[1]
        if of.sums[end_of_first] <= room and end_of_first <= places:
            first = end_of_first
            room, places = room - of.sums[first], places - first
    recent = _recent(of, first, newest, room, places)
    summary = 0
    if strategy is Strategy.SUMMARY and recent > first and limits.summary_tokens <= room:
        summary = limits.summary_tokens
        recent = _recent(of, first, newest, room - summary, places)
        recent = _stepped(of, first, newest, recent, limits.summary_messages)
    tokens = sum(of.messages[number].tokens for number in system)
    kept_tokens = tokens + of.sums[first] + of.sums[count] - of.sums[recent]
    return Plan(
        *(strategy, tuple(system), first, recent, count),
        kept=len(system) + first + count - recent,
        kept_tokens=kept_tokens,
        lost=system_count - len(system) + recent - first,
        lost_tokens=_all_tokens(of, system_count, count) - kept_tokens,
        summary_tokens=summary,
    )


def _all_tokens(of: History, system_count: int, count: int) -> int:
    return of.sums[count] + sum(of.messages[n].tokens for n in of.system[:system_count])


def _start_before(of: History, place: int) -> int:
    """Return where the group begins that ends before a place."""
    return of.starts[bisect_left(of.starts, place) - 1] if place else 0


def _recent(of: History, first: int, newest: int, room: int, places: int) -> int:
    """Return the earliest start of a group from which all up to the newest fits."""
    if room < 0 or places < 0:
        return newest
    by_tokens = bisect_left(of.sums, of.sums[newest] - room)
    earliest = max(first, by_tokens, newest - places)
    found = bisect_left(of.starts, earliest)
    return min(newest, of.starts[found]) if found < len(of.starts) else newest


def _stepped(of: History, first: int, newest: int, recent: int, step: int) -> int:
    """Return a later start, so that the summary stays as it is while few more are left out."""
    steps = -(-(recent - first) // step)
    found = bisect_left(of.starts, first + steps * step)
    return min(newest, of.starts[found]) if found < len(of.starts) else newest
