"""What a request is billed for beside its texts, as far as that is known: its wrapping."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from tokwatch.compress.nouns import Counter, Kind, Prompt, Shape


class Wrapping(NamedTuple):
    """Tokens that a provider adds, in the count of the texts; plain text has none."""

    message: int = 0
    """For each message: who speaks, where it ends."""
    call: int = 0
    """For each call of a tool, with its result."""
    request: int = 0
    """For the whole."""


BARE = Wrapping()


def tokens_of(
    prompt: Prompt,
    count: Counter,
    wrapping: Wrapping = BARE,
    texts: Sequence[str] | None = None,
    dropped: Collection[int] = (),
) -> int:
    """Return the tokens of a prompt, with other texts and without some messages where told."""
    gone = {part for number in dropped for part in prompt.messages[number].parts}
    said = [part.text for part in prompt.parts] if texts is None else texts
    counted = sum(count(text) for number, text in enumerate(said) if number not in gone)
    return counted + beside(prompt, wrapping, dropped)


def beside(prompt: Prompt, wrapping: Wrapping, dropped: Collection[int] = ()) -> int:
    """Return the tokens of a request's wrapping, without those of some messages."""
    if prompt.shape is Shape.PLAIN:
        return 0
    kept = (number for number in range(len(prompt.messages)) if number not in dropped)
    return wrapping.request + sum(around(prompt, number, wrapping) for number in kept)


def around(prompt: Prompt, number: int, wrapping: Wrapping) -> int:
    """Return the tokens of one message's wrapping."""
    message = prompt.messages[number]
    calls = sum(
        prompt.parts[part].kind is Kind.CALL and bool(prompt.parts[part].about)
        for part in message.parts
    )
    return calls * wrapping.call + (wrapping.message if message.place is not None else 0)
