"""The nouns of suggestions: what would save money, what it rests on, and what became of it.

Frozen values that store, analysis and screen share; standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from tokwatch.model.alert import Severity


class Grade(StrEnum):
    """How sure a saving is, or how much is risked for it; the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return a number that grows with it."""
        return tuple(Grade).index(self)


class Klass(StrEnum):
    """What sort of answer it asks for."""

    FIX = "fix"
    """A fault: there is no reason to leave it."""
    NUDGE = "nudge"
    """A habit or a choice that could be another one."""
    KEEP = "keep"
    """As it is now is best; to change it would cost."""


class SuggestionState(StrEnum):
    """What its reader said to it."""

    NEW = "new"
    ACCEPTED = "accepted"
    """It is being followed: what it promised is watched."""
    DISMISSED = "dismissed"
    DONE = "done"
    """It was followed: what it promised is still watched."""


class Verdict(StrEnum):
    """What came of one that was followed."""

    EARLY = "too early"
    WORKED = "worked"
    PARTLY = "partly"
    NONE = "no effect"


class Claim(Struct, frozen=True):
    """What of one request's cost would be saved, in nano-dollars."""

    key: int
    """The event's."""
    prompt_nano: int
    output_nano: int = 0

    @property
    def nano(self) -> int:
        """All of it."""
        return self.prompt_nano + self.output_nano


class Setting(Struct, frozen=True):
    """A table of tokwatch's own config that can be written to follow a suggestion."""

    path: tuple[str, ...]
    values: tuple[tuple[str, str | float], ...]
    words: str
    """What it does."""


class Finding(Struct, frozen=True):
    """What one analyser found for one subject; nothing is weighed against others yet."""

    kind: str
    subject: str
    """What it is about: a kind and a name such as "project /code/shop"."""
    title: str
    claims: tuple[Claim, ...]
    scope: frozenset[int]
    """Keys of the requests that it is about: the slice of which its saving is a part."""
    steps: tuple[str, ...]
    confidence: Grade = Grade.MEDIUM
    risk: Grade = Grade.LOW
    klass: Klass = Klass.NUDGE
    cause: str = ""
    """Findings of one cause and subject are one suggestion."""
    choice: str = ""
    """Of findings that answer one choice, for the same requests, only one can be followed."""
    evidence: str = ""
    """What it rests on, in a few words."""
    copies: str = ""
    """What `c` copies: a command or a line of a settings file; empty for the steps."""
    events: tuple[int, ...] = ()
    """Requests to look at where nothing is claimed."""

    @property
    def nano(self) -> int:
        """All that it claims."""
        return sum(claim.nano for claim in self.claims)

    @property
    def name(self) -> str:
        """What identifies it."""
        return f"{self.kind} {self.subject}"


class Suggestion(Struct, frozen=True):
    """A finding weighed against all others, and what its reader said to it."""

    key: str
    kind: str
    subject: str
    severity: Severity
    title: str
    saving_nano_month: int
    """By itself, after the discount of its kind."""
    counted_nano_month: int
    """What it adds to the sum: what no suggestion above it claims already."""
    saving_share: float
    """Part of its slice's cost."""
    confidence: Grade
    risk: Grade
    klass: Klass
    steps: tuple[str, ...]
    evidence: str = ""
    events: tuple[int, ...] = ()
    """Keys of the requests that it rests on, the costliest first."""
    requests: int = 0
    """How many it rests on in all."""
    agreed: tuple[str, ...] = ()
    """Other analysers that see the same cause."""
    rather: str = ""
    """Key of the one that is to be preferred: both cannot be followed."""
    discount: float = 1.0
    """What is left of the estimate after what came of others of its kind."""
    copies: str = ""
    state: SuggestionState = SuggestionState.NEW
    id: int = 0
    found_ms: int = 0
    seen_ms: int = 0
    """When an analyser saw it last."""
    accepted_ms: int | None = None
    promised_nano_month: int = 0
    """The saving as it was estimated when it was accepted."""
    promised_counted_nano_month: int = 0
    """What of that no suggestion before it claimed."""
    rate_before: float = 0.0
    """Nano-dollars that it would have saved for each request of its slice, at acceptance."""
    rate_after: float | None = None
    """The same over the requests since."""
    after_requests: int = 0
    realised_nano_month: int | None = None
    verdict: Verdict | None = None

    @property
    def realised_counted_nano_month(self) -> int:
        """What of the realised saving is counted in the sum: as large a part as of the promise."""
        if self.realised_nano_month is None or not self.promised_nano_month:
            return 0
        return (
            self.realised_nano_month
            * self.promised_counted_nano_month
            // (self.promised_nano_month)
        )

    @property
    def is_followed(self) -> bool:
        """Whether what it promised is watched."""
        states = (SuggestionState.ACCEPTED, SuggestionState.DONE)
        return self.state in states and self.accepted_ms is not None

    @property
    def is_listed(self) -> bool:
        """Whether it still asks for something."""
        return self.state in (SuggestionState.NEW, SuggestionState.ACCEPTED)


class TriggerCount(Struct, frozen=True):
    """How often a trigger has made tokwatch look."""

    name: str
    times: int
    last_ms: int
    value: float
    """What it measured last; `threshold` is against what."""
    threshold: float
    is_on: bool
    """Whether it held when it was looked at last."""


class Savings(Struct, frozen=True):
    """The best suggestions, and what all of them would save."""

    top: tuple[tuple[str, str, int], ...] = ()
    """Title, confidence and nano-dollars a month."""
    count: int = 0
    nano_month: int = 0
    """Of all that ask for something, no dollar twice."""
    is_looked: bool = True
    """False until the store was looked through for the first time."""


NO_SAVINGS: Final = Savings(is_looked=False)


def saving_sum(suggestions: Iterable[Suggestion]) -> int:
    """Return what all that still ask for something would save a month, no dollar twice."""
    return sum(one.counted_nano_month for one in suggestions if one.is_listed)
