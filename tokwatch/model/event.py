"""What one log tells of one billed request: who made it, its tokens, and how they are known."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from hashlib import blake2b


@cache
def _blake2b() -> type[blake2b]:
    """Return the hash function; all of OpenSSL comes with it, which no first picture needs."""
    from hashlib import blake2b

    return blake2b


def event_key(*parts: str) -> int:
    """Return the stable 63-bit key of the request that these identifying parts name."""
    name = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(_blake2b()(name, digest_size=8).digest(), "big") >> 1


def response_key(response: str) -> int:
    """Return the key of the request that a provider answered under this response id.

    Whoever logs that id, an agent or a gateway between, tells of the same request.
    """
    name = b"response\0" + response.encode("utf-8", "surrogatepass")  # as event_key joins them
    return int.from_bytes(_blake2b()(name, digest_size=8).digest(), "big") >> 1


class Scope(NamedTuple):
    """Who made a request and where: the dimensions of an event other than time and model."""

    source: str
    session: str
    agent: str = ""
    """The sub-agent's id; empty for the main agent of the session."""
    project: str = ""
    branch: str = ""
    user: str = ""
    tag: str = ""
    machine: str = ""
    key: str = ""
    """Names the API key that a request came with: its alias, else what `key_name` of
    sources/text.py makes of its hash or id. Never the key itself."""


class ModelName(NamedTuple):
    """A model as logged, with what decides its price beside the date and the prompt's size."""

    provider: str
    name: str
    tier: str = "standard"


class Grade(IntEnum):
    """How much one log's record of a request counts against another log's."""

    WITNESS = -2
    """What a gateway saw of it: counts alone, or where the record is a lower bound."""
    DERIVED = -1
    """The growth of a running total, not a request's own record."""
    ECHO = 0
    """A mirror in another transcript: counts only while there is no record of its own."""
    RECORD = 1
    """The request's own record."""
    GHOST = 2
    """Marks a request as told by other records of this file: claims the key, counts nothing."""


class Sighting(NamedTuple):
    """What one log says of one request: the last record of the request in that log.

    Token classes are disjoint, `reasoning` is a part of `output`; None is unknown.
    An event is a pure function of all sightings of its key (see `merge.py`).
    """

    key: int
    instant_ms: int
    """UTC, of the last record of this request in this log."""
    first_ms: int
    """UTC, of the first record of this request in this log."""
    scope: Scope
    model: ModelName
    requests: int
    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    web_searches: int
    logged_nano: int | None
    window: int | None
    """Tokens of the model's context window, where the log names it."""
    grade: int
    final: int
    """1 when the record says the answer was finished; 0 makes the counts a lower bound."""
    copied: int
    """1 when the record itself says that it was copied from another session."""
    offset: int
    """Byte offset of the record in its log."""


class RequestFact(NamedTuple):
    """What one log tells of a request beside its tokens, as a number."""

    key: int
    name: str
    """One of FACTS."""
    value: int


FACTS: Final = {
    "duration_ms": "from the request to the end of the answer",
    "first_token_ms": "from the request to the first token of the answer",
    "retries": "attempts before the one that was answered",
    "http_status": "status of an answer that was an error",
    "response_cache_hit": "1 when a gateway answered from its response cache",
    "response_cache_nano": "what the request would have cost without that, in nano-dollars",
    "tokens_saved": "prompt tokens that a gateway took out before it sent the request on",
    "may_overlap": "1 when Claude Code may have answered, whose own log tells it too",
    "temperature": "temperature that was asked for, in thousandths",
}
"""The names of facts, and what they mean."""

SPENT: Final = (
    *("requests", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output"),
    *("reasoning", "logged_nano"),
)
"""The counts of a sighting that add up to a running total, in the order of a stretch's ends."""


class Stretch(NamedTuple):
    """What a sighting is of a running total that several logs may tell, see docs/sources.md.

    Growth lies between two points of the total. What was spent since an instant holds the
    requests since then that other logs tell apart; such a request has neither points nor instant.
    """

    key: int
    """The sighting's."""
    counter: int
    """Names the running total."""
    begins: tuple[int, ...] = ()
    """What its log had told of the total before, each of SPENT."""
    ends: tuple[int, ...] = ()
    """And with it."""
    since_ms: int | None = None
