"""Which messages of a chat stay within limits: by three strategies, and what is told of it.

Room is claimed in this order: the newest message, the system prompt, the first message, then the
others from the newest back. A call of a tool and its result stay or leave together, and what is
kept begins with a turn of the user.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple  # Any: chat JSON

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.compress.billed import BARE, Wrapping, around
from tokwatch.compress.nouns import Counter, Message, Prompt, Shape
from tokwatch.compress.shapes import json_like
from tokwatch.errors import TokwatchError


class Strategy(StrEnum):
    """How a chat is shortened."""

    AUTO = "auto"
    """Important first; where less than half of the messages would stay, a summary."""
    SLIDING = "sliding-window"
    """The system prompt and the newest messages."""
    IMPORTANT = "important-first"
    """The first message too."""
    SUMMARY = "summary"
    """And in place of all that is left out, a summary of it."""


class Limits(Struct, frozen=True):
    """How much may be sent."""

    messages: int | None = None
    tokens: int | None = None
    reserve: int = 0
    """Tokens kept free for the answer."""
    strategy: Strategy = Strategy.AUTO


class Kept(NamedTuple):
    """What stays of a chat."""

    strategy: Strategy
    """The one that was taken; never `AUTO`."""
    kept: tuple[int, ...]
    """Without what stands beside the messages, which always stays."""
    dropped: tuple[int, ...]
    tokens: int
    fits: bool

    def __str__(self) -> str:
        messages = "message" if len(self.kept) == 1 else "messages"
        told = f"{self.strategy}: {len(self.kept)} {messages} kept, {len(self.dropped)} removed"
        return told if self.fits else f"{told}; what must stay is over the limit"


_NO_LIMIT: Final = 1 << 60
_ALWAYS: Final = ("system", "developer", "tools")
"""Who says what stays whatever room there is."""


def limited(
    prompt: Prompt,
    limits: Limits,
    count: Counter,
    summary_tokens: int = 0,
    wrapping: Wrapping = BARE,
) -> Kept:
    """Return which messages stay; raise for a text that is no chat."""
    if prompt.shape is Shape.PLAIN:
        raise TokwatchError(
            "A strategy is for chats, and this is plain text.",
            "Give the messages as JSON, or leave out --strategy.",
        )
    sizes = [
        sum(count(prompt.parts[part].text) for part in one.parts) + around(prompt, n, wrapping)
        for n, one in enumerate(prompt.messages)
    ]
    limits = replace(limits, reserve=limits.reserve + wrapping.request)
    if summary_tokens:
        summary_tokens += wrapping.message
    if limits.strategy is not Strategy.AUTO:
        return _kept(prompt.messages, sizes, limits, limits.strategy, summary_tokens)
    found = _kept(prompt.messages, sizes, limits, Strategy.IMPORTANT, 0)
    if summary_tokens and len(found.kept) < len(found.dropped):
        return _kept(prompt.messages, sizes, limits, Strategy.SUMMARY, summary_tokens)
    return found


def with_summary(text: str, prompt: Prompt, kept: Kept, summary: str) -> str:
    """Return the JSON of a shortened chat, in its layout, with a summary before the newest."""
    given: Any = json.loads(text)
    messages = given["messages"] if isinstance(given, dict) else given
    before = [number for number in kept.kept if number < min(kept.dropped, default=0)]
    messages.insert(len(before), {"role": "user", "content": summary})
    return json_like(text, given)


def _kept(
    messages: Sequence[Message], sizes: Sequence[int], limits: Limits, way: Strategy, summary: int
) -> Kept:
    places = _NO_LIMIT if limits.messages is None else limits.messages
    room = (_NO_LIMIT if limits.tokens is None else limits.tokens) - limits.reserve - summary
    told = [n for n, one in enumerate(messages) if one.role not in _ALWAYS]
    groups = together([messages[n] for n in told])
    chosen: set[int] = set()

    def take(numbers: Sequence[int], is_forced: bool = False) -> bool:
        nonlocal room, places
        size = sum(sizes[n] for n in numbers)
        count = sum(messages[n].place is not None for n in numbers)
        if not is_forced and (size > room or count > places):
            return False
        room, places = room - size, places - count
        chosen.update(numbers)
        return True

    of_group = [[told[place] for place in group] for group in groups]
    if of_group:
        take(of_group[-1], is_forced=True)
    for number in range(len(messages)):
        if number not in told:
            take([number], is_forced=True)
    is_first_kept = way is not Strategy.SLIDING and len(of_group) > 1 and take(of_group[0])
    begin = 1 if is_first_kept else 0
    start = len(of_group) - 1
    while start > begin and take(of_group[start - 1]):
        start -= 1
    while begin < start < len(of_group) - 1 and not _opens(messages[of_group[start][0]]):
        chosen.difference_update(of_group[start])
        start += 1
    dropped = tuple(n for n in range(len(messages)) if n not in chosen)
    kept = tuple(n for n in sorted(chosen) if messages[n].place is not None)
    return Kept(way, kept, dropped, sum(sizes[n] for n in chosen), room >= 0 and places >= 0)


def together(messages: Sequence[Message]) -> list[list[int]]:
    """Return messages in groups that no call joins to what is before or after them."""
    last: dict[str, int] = {}
    for place, one in enumerate(messages):
        for call in one.calls:
            last[call] = place
    groups: list[list[int]] = []
    reach = -1
    for place, one in enumerate(messages):
        if place > reach:
            groups.append([])
        groups[-1].append(place)
        reach = max([reach, place, *(last[call] for call in one.calls)])
    return groups


def _opens(message: Message) -> bool:
    """Say whether a conversation may begin with a message."""
    return message.role in ("user", "human") and not message.answers
