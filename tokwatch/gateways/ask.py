"""What an adapter is made of: questions to an endpoint, its answers, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct

from tokwatch.model.endpoint import Bucket, Replaced


class BadAnswer(Exception):
    """An answer is not of the documented shape; the text never quotes it."""


class NotOffered(Exception):
    """The endpoint works and does not offer this part; the text says why."""


class Ask(NamedTuple):
    """One question, which changes nothing at the endpoint; the path begins with a slash."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str = ""
    """JSON to be sent by POST, where the endpoint takes its questions so; else it is a GET."""
    may_lack: bool = False
    """True where a 404 only says that there is no such thing."""


class Reply(NamedTuple):
    """One answer with status 200, or 404 where that is one."""

    body: bytes
    headers: Mapping[str, str]
    is_there: bool = True

    def document(self) -> dict[str, Any]:
        """Return the JSON object that was answered."""
        return fields(self.json())

    def json(self) -> object:
        """Return the JSON that was answered."""
        try:
            told: object = json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadAnswer("the answer is no JSON") from None
        return told


def fields(value: object) -> dict[str, Any]:
    """Return a JSON object; raise a BadAnswer for anything else."""
    if not isinstance(value, dict):
        raise BadAnswer("the answer is no JSON object")
    return value


class Gauge(NamedTuple):
    """A value that goes up and down, as it is now."""

    name: str
    value: float
    unit: str = ""
    model: str = ""
    of: str = ""
    """What it is about beside the model, such as the name of a key."""


class Told(Struct, frozen=True):
    """What one poll of one part brought."""

    cursor: str = ""
    """Where the next poll goes on; committed together with what follows."""
    replaced: tuple[Replaced, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    """All there is in the replaced ranges."""
    grown: tuple[Bucket, ...] = ()
    """What was used since the last poll: it adds to what the store holds."""
    gauges: tuple[Gauge, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    """Records of single requests, for the reader that the part names."""
    newest_ms: int | None = None
    """Up to when it tells what was used."""
    bad: int = 0
    """Records that could not be read."""
    more: bool = False
    """True when it stopped in the middle: the next poll need not wait."""


NOTHING: Final = Told()


class Moment(NamedTuple):
    """Now, by the clock of this machine and by that of the endpoint, in UTC milliseconds."""

    here_ms: int
    there_ms: int
    unfinished: tuple[str, ...] = ()
    """For parts that look those up: response ids of which the logs hold a lower bound only."""


Poll = Generator[Ask, Reply, Told]


class Part(NamedTuple):
    """One thing that an endpoint offers, polled at its own pace."""

    name: str
    every_s: float
    """How often, unless told otherwise."""
    least_s: float
    """It is never polled more often than this."""
    poll: Callable[[Moment, str, int], Poll]
    """Takes now, the cursor ("" at first) and how many days to look back at first."""
    rows: str = ""
    """Who reads its records of single requests."""
    wants_unfinished: bool = False
    """True where it looks up single requests by their response ids."""
    help: str = ""
    """What it tells, for the documentation and `tokwatch endpoints`."""


class Adapter(NamedTuple):
    """One kind of endpoint."""

    kind: str
    title: str
    parts: tuple[Part, ...]
    headers: Callable[[str], dict[str, str]]
    """Returns what is sent along with a key, which may be empty."""


def bearer(key: str) -> dict[str, str]:
    """Return the header of a bearer's key."""
    return {"authorization": f"Bearer {key}"} if key else {}
