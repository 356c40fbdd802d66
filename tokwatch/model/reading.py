"""What one read of one log brings: everything found, and how far it was read."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.model.event import RequestFact, Sighting, Stretch
from tokwatch.model.measure import Measure


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


class Tally(Struct, frozen=True):
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


class Cursor(Struct, frozen=True, gc=False):
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


class Reading(Struct, frozen=True):
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
