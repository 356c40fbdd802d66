"""What Copilot CLI's logs have in common: counts whose input includes the cache, and keys.

A request has the same key in the session store and in a trace: its session and its counts, and
which one of those with the same counts it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tokwatch.model.event import event_key
from tokwatch.sources.agents.copilot import NAME
from tokwatch.sources.growth import total
from tokwatch.sources.sighting import Tokens, without_cache

_UNITS_A_NANO: Final = 100
"""A dollar is 10^11 nano-AIU."""


class Counts(NamedTuple):
    """Token classes as logged; None is unknown. Input includes the cache, output reasoning."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    def tokens(self) -> Tokens:
        """Return the disjoint token classes."""
        fresh, output, cached, written, reasoning = self
        if fresh is not None:
            fresh = without_cache(fresh, cached or 0, written or 0)
        if reasoning is not None:
            reasoning = min(reasoning, output or 0)
        return Tokens(fresh, output, cached, written, reasoning)


def counts_in(record: Mapping[str, Any], *names: str) -> Counts:
    """Return the counts in a record under these names, in the order of the classes."""
    return Counts(*(total(record.get(name)) for name in names))


def cost_nano(units: object) -> int | None:
    """Return nano-AIU as nano-dollars; 0 stands for no known price."""
    return (total(units) or 0) // _UNITS_A_NANO or None


class Occurrences:
    """Tells requests of one session apart that have the same counts."""

    def __init__(self) -> None:
        """Start with none."""
        self._seen: Counter[tuple[str, str]] = Counter()

    def note(self, session: str, counts: Counts) -> int:
        """Note one more request, and return how many with these counts came before it."""
        self._seen[session, told(counts)] += 1
        return self._seen[session, told(counts)] - 1


def told(counts: Counts) -> str:
    """Return the counts that every log has, as a text."""
    return ":".join(str(number or 0) for number in counts[:3])


def request_key(session: str, counts: Counts, before: int) -> int:
    """Return the key of a request, of which so many with the same counts came before."""
    return event_key(NAME, session, told(counts), str(before))


def totals_key(session: str, number: int) -> int:
    """Return the key of what the totals at a session's ends grew by, by model."""
    return event_key(NAME, session, "totals", str(number))


def session_counter(session: str) -> int:
    """Return the running total that a session's totals and the requests in them belong to."""
    return event_key(NAME, session, "session")


def message_key(session: str, number: int) -> int:
    """Return the key of a message that tells its output alone."""
    return event_key(NAME, session, "message", str(number))
