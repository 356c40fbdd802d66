"""The lines of an event file: what `tokwatch export --events` writes; see docs/machines.md."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from tokwatch.model.event import SPENT, ModelName, RequestFact, Scope, Sighting, Stretch
from tokwatch.model.measure import Measure
from tokwatch.model.reading import AgentNote, Cursor, LedgerLine, Lineage, Reading, Tally
from tokwatch.sources.counts import MAX_COUNT
from tokwatch.sources.text import key_name, safe_name

FORMAT: Final = "events"
VERSION: Final = 1
"""Raised when an older tokwatch would read a file wrongly."""

Key = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Size = Annotated[int, Meta(ge=-1, lt=2**62)]
Instant = Annotated[int, Meta(ge=0, lt=2**53)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Whole = Annotated[int, Meta(ge=0, lt=2**53)]
Nano = Annotated[int, Meta(ge=0, lt=10**16)]
Text = Annotated[str, Meta(max_length=4096)]
Path = Annotated[str, Meta(min_length=1, max_length=8192, pattern="^[^\x00]*$")]
Flag = Annotated[int, Meta(ge=0, le=1)]

RequestRow = tuple[
    Key,
    Instant,
    Instant,
    Whole,
    Whole,
    Count,
    Count | None,
    Count | None,
    Count | None,
    Count | None,
    Count | None,
    Count | None,
    Count,
    Nano | None,
    Count | None,
    Annotated[int, Meta(ge=-2, le=2)],
    Flag,
    Flag,
    Size,
]
"""As a Sighting, with places in the log line's `scopes` and `models` for their names."""

LedgerRow = tuple[Text, Text, Instant, Whole, Whole, Whole, Whole, Whole, Whole, Whole, Nano]
FactRow = tuple[Key, Text, Annotated[int, Meta(ge=0, lt=2**62)]]
Places = tuple[Annotated[int, Meta(ge=0, lt=2**62)], ...]
StretchRow = tuple[Key, Key, Places, Places, Instant | None]


class Line(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A part of a line of the file."""


class LineageLine(Line, frozen=True):
    session: Text = ""
    parent: Text = ""
    begin_ms: Instant | None = None
    first_key: Key | None = None
    second_key: Key | None = None


class TallyLine(Line, frozen=True):
    lines: Whole = 0
    glued_lines: Whole = 0
    bad_lines: Whole = 0
    oversized_lines: Whole = 0
    undated: Whole = 0
    synthetic: Whole = 0
    unknown: Whole = 0
    repeated: Whole = 0
    sample: Text = ""


class MeasureLine(Line, frozen=True):
    name: Text
    at_ms: Instant
    value: float
    unit: Text = ""
    tags: dict[Text, Text] = field(default_factory=dict)
    origin: Text = ""


class LogLine(Line, frozen=True):
    """A log; the lines of its requests and facts follow it."""

    machine: Annotated[str, Meta(min_length=1, max_length=400)]
    path: Path
    source: Annotated[str, Meta(min_length=1, max_length=100)]
    version: Annotated[int, Meta(ge=-1, lt=2**31)]
    told_ms: Instant
    size: Size = 0
    modified_ns: Size = 0
    offset: Size = 0
    lineage: LineageLine = LineageLine()
    tally: TallyLine = TallyLine()
    scopes: tuple[tuple[Text, Text, Text, Text, Text, Text, Text], ...] = ()
    """Source, session, agent, project, branch, user and tag."""
    keys: tuple[Text, ...] = ()
    """Of the same scopes the names of their API keys; left out where no request came with one."""
    models: tuple[tuple[Text, Text, Text], ...] = ()
    """Provider, name and tier."""
    agents: tuple[tuple[Text, Text, Text, Text], ...] = ()
    """Session, agent, kind and parent."""
    ledger: tuple[LedgerRow, ...] = ()
    stretches: tuple[StretchRow, ...] = ()
    """What its requests are of running totals."""
    measures: tuple[MeasureLine, ...] = ()
    requests: Whole = 0
    facts: Whole = 0


class Header(Line, frozen=True):
    """The first line."""

    tokwatch: str
    version: int
    written_by: str = ""


class Body(Line, frozen=True):
    """Any other line: exactly one of these."""

    log: LogLine | None = None
    request: RequestRow | None = None
    fact: FactRow | None = None
    measure: MeasureLine | None = None
    end: Whole | None = None
    """Last line: how many logs the file holds."""


def log_line(machine: str, told_ms: int, reading: Reading) -> tuple[LogLine, list[RequestRow]]:
    """Return the line of a log, and the rows of its requests."""
    scopes: dict[Scope, int] = {}
    models: dict[ModelName, int] = {}
    requests = [
        (
            *one[:3],
            scopes.setdefault(one.scope, len(scopes)),
            models.setdefault(one.model, len(models)),
            *one[5:],
        )
        for one in reading.sightings
    ]
    cursor, tally = reading.cursor, reading.tally
    line = LogLine(
        machine=machine,
        path=cursor.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        source=cursor.source,
        version=cursor.version,
        told_ms=told_ms,
        size=cursor.size,
        modified_ns=cursor.mtime_ns,
        offset=cursor.offset,
        lineage=LineageLine(*reading.lineage),
        tally=TallyLine(*(getattr(tally, name) for name in Tally.__struct_fields__)),
        scopes=tuple(scope[:7] for scope in scopes),
        keys=tuple(scope.key for scope in scopes) if any(scope.key for scope in scopes) else (),
        models=tuple((model.provider, model.name, model.tier) for model in models),
        agents=tuple((note.session, note.agent, note.kind, note.parent) for note in reading.notes),
        ledger=tuple((*line,) for line in reading.ledger),
        stretches=tuple((*one,) for one in reading.stretches),
        measures=tuple(measure_line(one) for one in reading.measures),
        requests=len(requests),
        facts=len(reading.facts),
    )
    return line, requests


def measure_line(measure: Measure) -> MeasureLine:
    """Return a measure as it is written."""
    name, at_ms, value, unit, tags, origin = measure
    return MeasureLine(name, at_ms, value, unit, dict(tags), origin)


def measure_of(line: MeasureLine) -> Measure:
    """Return a measure as it was written; its texts are made safe."""
    tags = sorted((safe_name(name), safe_name(value)) for name, value in line.tags.items())
    return Measure(
        *(safe_name(line.name), line.at_ms, line.value, safe_name(line.unit)),
        *(tuple(tags), safe_name(line.origin)),
    )


def reading_of(line: LogLine, requests: list[RequestRow], facts: list[FactRow]) -> Reading:
    """Return what a log told; raises ValueError where its parts do not fit together."""
    safe, machine = safe_name, safe_name(line.machine)
    if not machine:
        raise ValueError("its machine has no label")
    if line.keys and len(line.keys) != len(line.scopes):
        raise ValueError("its keys are not those of its scopes")
    keys = map(key_name, line.keys or ("",) * len(line.scopes))
    scopes = [
        Scope._make((*map(safe, names), machine, key))
        for names, key in zip(line.scopes, keys, strict=True)
    ]
    models = [ModelName(*map(safe, names)) for names in line.models]
    if any(row[3] >= len(scopes) or row[4] >= len(models) for row in requests):
        raise ValueError("a request names no scope or model of its log")
    if any({len(begins), len(ends)} - {len(SPENT)} for _, _, begins, ends, _ in _grown(line)):
        raise ValueError("a stretch of a running total has no two ends")
    lineage = line.lineage
    return Reading(
        cursor=Cursor(
            *(line.path, safe(line.source)),
            size=line.size,
            mtime_ns=line.modified_ns,
            offset=line.offset,
            version=line.version,
        ),
        lineage=Lineage(
            *(safe(lineage.session), safe(lineage.parent), lineage.begin_ms),
            *(lineage.first_key, lineage.second_key),
        ),
        sightings=tuple(
            Sighting._make((*row[:3], scopes[row[3]], models[row[4]], *row[5:])) for row in requests
        ),
        ledger=tuple(LedgerLine(safe(row[0]), safe(row[1]), *row[2:]) for row in line.ledger),
        notes=tuple(AgentNote(*map(safe, names)) for names in line.agents),
        facts=tuple(RequestFact(key, safe(name), value) for key, name, value in facts),
        stretches=tuple(Stretch(*row) for row in line.stretches),
        measures=tuple(map(measure_of, line.measures)),
        tally=_tally(line.tally),
    )


def _grown(line: LogLine) -> list[StretchRow]:
    return [row for row in line.stretches if row[2] or row[3]]


def _tally(line: TallyLine) -> Tally:
    counts = {name: getattr(line, name) for name in TallyLine.__struct_fields__}
    return Tally(**counts | {"sample": safe_name(line.sample)})
