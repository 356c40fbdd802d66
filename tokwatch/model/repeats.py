"""The nouns of a simulated response cache: what was asked, and what a cache would have answered.

Frozen values that store, analysis and screen share; standard library only. No text: requests are
told apart by hashes of what they were made of.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class KeyKind(StrEnum):
    """What two requests must share to count as the same."""

    WHOLE = "whole request"
    """Everything in the context, and the model."""
    RECENT = "prompt + last 3 messages"
    """The system prompt and the last three messages."""
    NEWEST = "prompt + model + temperature"
    """The newest message, the model, and the temperature where a log tells it."""


class Likeness(NamedTuple):
    """By what a request is found to be nearly the same as another: all of a key but the text of
    its newest message, and a sketch of that."""

    sketch: int
    chars: int
    """Of the newest message."""
    whole: int
    recent: int
    newest: int

    def rest_of(self, kind: KeyKind) -> int:
        """Return what must be the same for a kind of key."""
        match kind:
            case KeyKind.WHOLE:
                return self.whole
            case KeyKind.RECENT:
                return self.recent
            case KeyKind.NEWEST:
                return self.newest


class RequestKeys(NamedTuple):
    """One request's keys, as hashes, and what was answered."""

    whole: int
    recent: int
    newest: int
    answer: int
    """Hash of the answer, its thinking left out."""
    chars: int
    """Length of the answer."""
    likeness: Likeness | None = None
    """None where the newest message has no sketch: then only equal ones are the same."""

    def of(self, kind: KeyKind) -> int:
        """Return the key of a kind."""
        match kind:
            case KeyKind.WHOLE:
                return self.whole
            case KeyKind.RECENT:
                return self.recent
            case KeyKind.NEWEST:
                return self.newest


class Answer(NamedTuple):
    """What a provider was asked for and billed, once."""

    key: int
    """The event's."""
    at_ms: int
    model: str
    tokens: int
    nano: int
    is_failure: int
    """1 where a log tells that no answer came."""
    temperature: int | None = None
    """In thousandths; None where no log tells it."""
    agent: str = ""
    """Whose request it is."""


class Asked(NamedTuple):
    """A request as a response cache sees it."""

    at_ms: int
    key: int
    answer: int
    size: int
    """Bytes of the answer."""
    nano: int
    tokens: int
    is_failure: bool


class Limits(NamedTuple):
    """What a response cache may hold, and for how long; None is no limit."""

    items: int | None
    size: int | None
    """Bytes of all answers together."""
    ttl_ms: int | None
    """From when the answer was stored."""


class Outcome(NamedTuple):
    """What a response cache would have done."""

    requests: int = 0
    hits: int = 0
    same: int = 0
    """Hits for which the provider gave the same answer, word for word."""
    saved_nano: int = 0
    saved_tokens: int = 0
    expired: int = 0
    """Requests whose answer was there, but too old."""
    evicted_items: int = 0
    """Answers that had to go because there were too many."""
    evicted_size: int = 0
    """Answers that had to go because they were too large together."""

    @property
    def rate(self) -> float | None:
        """Share of the requests that it would have answered; None without any."""
        return self.hits / self.requests if self.requests else None
