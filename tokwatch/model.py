"""The nouns that sources, store and analysis share: frozen values, no I/O, standard library only.

What the screen draws is in `snapshot.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from hashlib import blake2b
from operator import add, attrgetter, sub
from typing import Final, NamedTuple

NANO: Final = 1_000_000_000
"""Nano-dollars in a dollar: money is an integer number of these."""

QUARTER_MS: Final = 15 * 60 * 1000
"""Width of a roll-up cell; time zones are multiples of it."""

WINDOW_TOKENS: Final = 200_000
"""The usual context window: a larger prompt proves a larger window."""

DAY_MS: Final = 24 * 60 * 60 * 1000

OPEN_END_MS: Final = 2**62
"""An instant later than any other, for ranges without an end."""


def event_key(*parts: str) -> int:
    """Return the stable 63-bit key of the request that these identifying parts name."""
    name = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1


def response_key(response: str) -> int:
    """Return the key of the request that a provider answered under this response id.

    Whoever logs that id, an agent or a gateway between, tells of the same request.
    """
    return event_key("response", response)


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


class Measure(NamedTuple):
    """One observed value of something other than tokens: a test score, a build's seconds.

    Texts are safe names; a value that is no finite number is not an observation.
    """

    name: str
    instant_ms: int
    value: float
    unit: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Sorted; `user` says whose it is where users may see only their own."""
    origin: str = ""
    """Where it was observed: the same name, instant and tags from there are the same again."""


class Lineage(NamedTuple):
    """What decides which of several logs that hold the same request began it."""

    session: str = ""
    parent: str = ""
    begin_ms: int | None = None
    """When the log says it began; None where the order follows the sightings alone."""
    first_key: int | None = None
    """Keys of the first two links of a chain of totals: logs that share only the first
    are strangers unless one names the other as its parent."""
    second_key: int | None = None


NO_LINEAGE: Final = Lineage()


class LedgerLine(NamedTuple):
    """A tool's own running total for a session and model, calls in no transcript included."""

    session: str
    model: str
    instant_ms: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int
    cost_nano: int


class AgentNote(NamedTuple):
    """What a log tells about an agent itself, apart from its requests."""

    session: str
    agent: str
    kind: str
    """The tool's name for this sort of agent, such as "Explore"."""
    parent: str = ""
    """Session that spawned this one; empty for a main session."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one read of one log, for the health pane and `doctor`."""

    lines: int = 0
    glued_lines: int = 0
    bad_lines: int = 0
    oversized_lines: int = 0
    undated: int = 0
    """Usage records without a timestamp: not counted as events."""
    synthetic: int = 0
    """Local messages that no model wrote."""
    unknown: int = 0
    """Records of a shape that this parser version does not know."""
    repeated: int = 0
    """Records that a later one of the same request in the same log replaced."""
    sample: str = ""
    """Names of the fields of one unknown record, sorted; never a value."""

    def __add__(self, other: Tally) -> Tally:
        """Return the sums, field by field."""
        return Tally(
            self.lines + other.lines,
            self.glued_lines + other.glued_lines,
            self.bad_lines + other.bad_lines,
            self.oversized_lines + other.oversized_lines,
            self.undated + other.undated,
            self.synthetic + other.synthetic,
            self.unknown + other.unknown,
            self.repeated + other.repeated,
            other.sample or self.sample,
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a log has been read, and how to know that it is still the same log."""

    path: str
    source: str
    device: int = 0
    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    offset: int = 0
    """Bytes of complete lines consumed."""
    head: bytes = b""
    """Digest of the log's first bytes."""
    tail: bytes = b""
    """Digest of the bytes before `offset`."""
    state: bytes = b""
    """The parser's own state at `offset`."""
    version: int = 0
    """Version of the parser that read it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of one log: the new cursor and everything found before it."""

    cursor: Cursor
    lineage: Lineage = NO_LINEAGE
    sightings: tuple[Sighting, ...] | list[Sighting] = ()
    ledger: tuple[LedgerLine, ...] = ()
    notes: tuple[AgentNote, ...] = ()
    facts: tuple[RequestFact, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    measures: tuple[Measure, ...] = ()
    """Their origin is the place in the log, such as the offset of the record."""
    tally: Tally = field(default_factory=Tally)
    from_start: bool = True
    """False when earlier reads of this log were told before."""
    restart_state: bytes | None = None
    """Set when what was found changes earlier findings: read again from the start with it."""
    more: bool = False
    """True when a database's reader left rows for the next read."""


class CostMode(StrEnum):
    """Which of the two costs of an event counts."""

    AUTO = "auto"
    """The logged cost where there is one, else the computed one."""
    CALCULATE = "calculate"
    """Always computed from tokens."""
    DISPLAY = "display"
    """Only what was logged."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Summed usage: tokens by class, money in nano-dollars, and how far it can be trusted."""

    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    logged_nano: int = 0
    computed_nano: int = 0
    auto_nano: int = 0
    unpriced_tokens: int = 0
    """Tokens without a computed cost."""
    uncosted_tokens: int = 0
    """Tokens with neither a computed nor a logged cost."""
    lower_bound: int = 0
    """Requests whose counts may still be lower than what was billed."""
    blind_prompt: int = 0
    """Prompt tokens of requests whose source does not tell cache reads."""
    derived: int = 0
    """Requests whose counts are the growth of a total, or a share of one, not a record's own."""

    @property
    def cache_write(self) -> int:
        """Tokens written to the cache, whatever their time to live."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def prompt(self) -> int:
        """Prompt tokens: input, cache reads and cache writes."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens; reasoning is inside output."""
        return self.prompt + self.output

    @property
    def hit_rate(self) -> float | None:
        """Share of the prompt read from the cache; None where nothing is known."""
        known = self.prompt - self.blind_prompt
        return self.cache_read / known if known > 0 else None

    def cost_nano(self, mode: CostMode = CostMode.AUTO) -> int:
        """Return the cost under a cost mode, in nano-dollars."""
        if mode is CostMode.CALCULATE:
            return self.computed_nano
        return self.logged_nano if mode is CostMode.DISPLAY else self.auto_nano

    def missing(self, mode: CostMode = CostMode.AUTO) -> int:
        """Return the tokens without a cost under a cost mode; as logged, none is missing."""
        if mode is CostMode.DISPLAY:
            return 0
        return self.uncosted_tokens if mode is CostMode.AUTO else self.unpriced_tokens

    def __add__(self, other: Usage) -> Usage:
        """Return the sums, field by field."""
        return Usage(*map(add, _FIGURES(self), _FIGURES(other)))

    def __sub__(self, other: Usage) -> Usage:
        """Return what is left without a part of it, field by field."""
        return Usage(*map(sub, _FIGURES(self), _FIGURES(other)))


_FIGURES: Final = attrgetter(*Usage.__dataclass_fields__)
"""All fields of a usage at once: a third of the time of one after the other."""


class Dimension(StrEnum):
    """What usage can be grouped by."""

    QUARTER = "quarter"
    DAY = "day"
    SOURCE = "source"
    PROVIDER = "provider"
    MODEL = "model"
    TIER = "tier"
    PROJECT = "project"
    BRANCH = "branch"
    SESSION = "session"
    AGENT = "agent"
    KIND = "kind"
    USER = "user"
    TAG = "tag"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A time zone as its changes of offset: what days need, without a zone file."""

    zone: str = "UTC"
    steps: tuple[tuple[int, int], ...] = ((0, 0),)
    """(UTC ms from which it holds, offset in ms), oldest first; the first reaches back forever."""

    def offset_ms(self, instant_ms: int) -> int:
        """Return what to add to a UTC instant to read it on a local clock."""
        offset = self.steps[0][1]
        for since_ms, step_ms in self.steps:
            if since_ms > instant_ms:
                break
            offset = step_ms
        return offset

    def day(self, instant_ms: int) -> int:
        """Return the local day of an instant, in days since 1970-01-01."""
        return (instant_ms + self.offset_ms(instant_ms)) // DAY_MS

    def begin_ms(self, day: int) -> int:
        """Return the first instant of a local day; not every day begins at 00:00."""
        midnights = {day * DAY_MS - offset for _, offset in self.steps}
        changes = {since for since, _ in self.steps if self.day(since) == day}
        starts = [at for at in midnights | changes if self.day(at) == day]
        # A zone that moves across the date line skips a day: it begins where the next one does.
        return min(starts) if starts else self.begin_ms(day + 1)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the history: a half-open range (UTC ms) and filters (empty means all)."""

    since_ms: int = 0
    until_ms: int = OPEN_END_MS
    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


NO_USAGE: Final = Usage()


class Cell(NamedTuple):
    """Usage of one group: `group` holds the values in the order of the dimensions asked for.

    A QUARTER is the UTC start of the quarter-hour in epoch milliseconds, as an int;
    a DAY is the number of days since 1970-01-01 in the calendar asked for; a KIND is "main",
    the tool's name for a sort of sub-agent, or "sub-agent" where it tells none.
    """

    group: tuple[str | int, ...]
    usage: Usage


class Rates(NamedTuple):
    """What a model's tokens cost in a period: nano-dollars a thousand, or a web search each."""

    model: str
    since_ms: int
    until_ms: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_search: int


class Ancestor(NamedTuple):
    """A session whose requests another one's log begins with, and how far."""

    session: str
    until_ms: int
    visible: dict[str, Usage]
    """Its requests up to there, its agents' included, by model."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A session's own totals, and what the transcripts show of the same requests."""

    source: str
    session: str
    instant_ms: int
    lines: tuple[LedgerLine, ...]
    visible: dict[str, Usage]
    """Its own requests up to the instant, its agents' included, by model."""
    ancestors: tuple[Ancestor, ...] = ()
    """The nearest last."""


class Spent(NamedTuple):
    """What one recent event cost, and who spent it."""

    at_ms: int
    source: str
    session: str
    agent: str
    model: str
    tokens: int
    nano: int


class Moment(NamedTuple):
    """One event as a sum over time needs it: when, by which model, tokens and cost."""

    at_ms: int
    model: str
    input: int
    output: int
    cache_write: int
    cache_read: int
    nano: int


class EventFact(NamedTuple):
    """One stored event, for lists and for what needs finer grain than a quarter of an hour."""

    key: int
    instant_ms: int
    scope: Scope
    model: ModelName
    usage: Usage
    window: int | None
    path: str
    offset: int


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A session's totals and its latest request, agents apart."""

    source: str
    session: str
    agent: str
    kind: str
    parent: str
    project: str
    branch: str
    first_ms: int
    last_ms: int
    models: tuple[str, ...]
    """By cost, highest first."""
    last_model: ModelName
    context_tokens: int | None
    """Prompt tokens of the last request."""
    window: int | None
    """As logged."""
    largest_prompt: int
    """The largest prompt that its last model was sent, where above `WINDOW_TOKENS`; else 0."""
    path: str
    """The log of its last request."""
    usage: Usage
    hidden: Usage | None = None
    """Billed calls that no transcript line shows, derived from the tool's own totals."""
