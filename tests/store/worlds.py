"""Worlds of logs that share requests, and the ways in which they may be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hypothesis import strategies as st
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Lineage, Reading

NOON_MS: Final = 1_760_000_400_000
STEP_MS: Final = 600_000
LINE_BYTES: Final = 100
MODELS: Final = (ModelName("anthropic", "priced"), ModelName("openai", "unknown", "batch"))


class Script(Struct, frozen=True):
    """A log as it will have been written in the end."""

    path: str
    source: str
    session: str
    records: tuple[Sighting, ...]
    parent: str = ""
    begin_ms: int | None = None
    """When a thread began whose records are links of a chain; None for other logs."""
    version: int = 1
    """Of the parser that reads it."""

    def lineage(self, end: int) -> Lineage:
        """Return what the first `end` records tell of the log."""
        if self.begin_ms is None:
            return Lineage(session=self.session)
        first, second, *_ = (*(record.key for record in self.records[:end]), None, None)
        return Lineage(self.session, self.parent, self.begin_ms, first, second)

    def reading(self, start: int, end: int) -> Reading:
        """Return what a parser finds in these records, having read those before."""
        offset = end * LINE_BYTES
        return Reading(
            cursor=Cursor(self.path, self.source, 1, 1, offset, end, offset, version=self.version),
            lineage=self.lineage(end),
            sightings=list(last_of_each(self.records[start:end])),
            from_start=start == 0,
        )


def last_of_each(records: Iterable[Sighting]) -> Iterator[Sighting]:
    """Yield the last record of each request, its own before mirrors, with its first instant."""
    by_key: dict[int, list[Sighting]] = {}
    for record in records:
        by_key.setdefault(record.key, []).append(record)
    for group in by_key.values():
        grade = max(record.grade for record in group)
        own = [record for record in group if record.grade == grade]
        yield own[-1]._replace(first_ms=min(record.first_ms for record in own))


class Step(Struct, frozen=True):
    """One read of one log: the records from `start` to `end`."""

    script: Script
    start: int
    end: int

    def __repr__(self) -> str:
        """Name the log alone: its records stand in the world."""
        return f"{self.script.path}[{self.start}:{self.end}]"

    @property
    def reading(self) -> Reading:
        """What is found."""
        return self.script.reading(self.start, self.end)


def whole(script: Script) -> Step:
    """Return the read of a log from its start to its end."""
    return Step(script, 0, len(script.records))


def request(number: int, session: str = "s1") -> Sighting:
    """Return a record of a plain request, a second after the one before it."""
    at = NOON_MS + number * 1_000
    scope = Scope("claude-code", session, "", "/shop")
    counts = (1, 100, 800, 60, 40, 50, 10, 0, None, None, Grade.RECORD, 1, 0, 0)
    return Sighting(number, at, at, scope, MODELS[0], *counts)


def placed(records: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return records one after the other in a log."""
    return tuple(record._replace(offset=place * LINE_BYTES) for place, record in enumerate(records))


def script(path: str, *records: Sighting) -> Script:
    """Return a log of responses; its session is that of the last one."""
    return Script(path, "claude-code", records[-1].scope.session, placed(records))


_counts = st.one_of(st.none(), st.integers(0, 300_000))
_instants = st.integers(0, 4).map(lambda steps: NOON_MS + steps * STEP_MS)


@st.composite
def _records(draw: st.DrawFn, key: int, source: str, session: str) -> Sighting:
    """Return a record of a request, to be put somewhere in a log."""
    instant = draw(_instants)
    return Sighting(
        key=key,
        instant_ms=instant,
        first_ms=instant,
        scope=Scope(source, session, draw(st.sampled_from(("", "", "agent"))), "/shop"),
        model=draw(st.sampled_from(MODELS)),
        requests=draw(st.sampled_from((1, 1, 2))),
        input=draw(_counts),
        cache_read=draw(_counts),
        cache_write_5m=draw(_counts),
        cache_write_1h=draw(_counts),
        output=draw(st.one_of(st.none(), st.integers(0, 5))),
        reasoning=draw(_counts),
        web_searches=draw(st.sampled_from((0, 0, 3))),
        logged_nano=draw(st.one_of(st.none(), st.integers(0, 10**12))),
        window=draw(st.sampled_from((None, 200_000))),
        grade=Grade.RECORD,
        final=draw(st.integers(0, 1)),
        copied=draw(st.integers(0, 1)),
        offset=0,
    )


@st.composite
def transcripts(draw: st.DrawFn, number: int) -> Script:
    """Return a log of responses, some of which other logs hold too, some of them mirrored."""
    session = draw(st.sampled_from(("s1", "s2", f"own{number}")))
    records = []
    for _ in range(draw(st.integers(1, 6))):
        key = event_key("response", str(draw(st.integers(1, 7))))
        record = draw(_records(key, "claude-code", session))
        grade = draw(st.sampled_from((Grade.RECORD, Grade.RECORD, Grade.ECHO, Grade.DERIVED)))
        records.append(record._replace(grade=grade))
    return Script(f"/logs/{number}.jsonl", "claude-code", session, placed(records))


@st.composite
def gateways(draw: st.DrawFn, number: int, before: Sequence[Script]) -> Script:
    """Return a gateway's log: requests of its own, and some that other logs tell too."""
    told = [record.key for script in before for record in script.records]
    told += [event_key("response", str(one)) for one in range(1, 8)]
    records = []
    for _ in range(draw(st.integers(1, 6))):
        record = draw(_records(draw(st.sampled_from(told)), "litellm", "gateway"))
        records.append(record._replace(grade=Grade.WITNESS))
    return Script(f"/logs/{number}.jsonl", "litellm", "gateway", placed(records))


@st.composite
def chains(draw: st.DrawFn, number: int, before: Sequence[Script]) -> Script:
    """Return a log of a running total: a thread of its own, or one that begins as another."""
    others = [script for script in before if script.begin_ms is not None]
    session, parent, begin = f"t{number}", "", draw(_instants)
    records: list[Sighting] = []
    is_copy = draw(st.booleans())
    if others and is_copy:
        other = draw(st.sampled_from(others))
        parent = draw(st.sampled_from(("", other.session)))
        if draw(st.integers(0, 2)) == 0:
            # The same thread in another file, as when it is archived.
            session, parent, begin = other.session, other.parent, other.begin_ms or begin
        for record in other.records[: draw(st.integers(0, len(other.records)))]:
            copied_ms = draw(st.one_of(st.just(record.instant_ms), _instants))
            records.append(record._replace(instant_ms=copied_ms, first_ms=copied_ms))
    grade = draw(st.sampled_from((Grade.RECORD, Grade.RECORD, Grade.GHOST)))
    for _ in range(draw(st.integers(0 if records else 1, 3))):
        before_it = records[-1].key if records else 0
        key = event_key("chain", str(before_it), str(draw(st.integers(1, 3))))
        records.append(draw(_records(key, "codex", session))._replace(grade=grade))
    here = [record._replace(scope=record.scope._replace(session=session)) for record in records]
    return Script(f"/logs/{number}.jsonl", "codex", session, placed(here), parent, begin)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Script, ...]:
    """Return a few logs."""
    scripts: list[Script] = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("chain", "transcript", "transcript", "gateway")))
        if kind == "chain":
            scripts.append(draw(chains(number, scripts)))
        elif kind == "gateway":
            scripts.append(draw(gateways(number, scripts)))
        else:
            scripts.append(draw(transcripts(number)))
    return tuple(scripts)


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[Script, ...], list[list[Step]]]:
    """Return logs, and reads of all of them to their ends, in some order and some batches."""
    world = draw(worlds())
    return world, draw(reads(world))


@st.composite
def reads(draw: st.DrawFn, world: Sequence[Script]) -> list[list[Step]]:
    """Return reads of all logs to their ends, in some order and some batches."""
    lanes = [draw(_lanes(script)) for script in world]
    batches: list[list[Step]] = [[]]
    while any(lanes):
        step = draw(st.sampled_from([lane for lane in lanes if lane])).pop(0)
        is_new = draw(st.booleans())
        if is_new and batches[-1]:
            batches.append([])
        batches[-1].append(step)
    return batches


@st.composite
def _lanes(draw: st.DrawFn, script: Script) -> list[Step]:
    """Return reads of one log in their order; a replay begins anew, in pieces of its own."""
    steps: list[Step] = []
    end, length = 0, len(script.records)
    while end < length:
        start, end = end, draw(st.integers(end + 1, length))
        steps.append(Step(script, start, end))
        if draw(st.integers(0, 3)) == 0:
            middle = draw(st.integers(0, end))
            replay = (Step(script, 0, middle), Step(script, middle, end))
            steps += [step for step in replay if step.start < step.end]
    return steps
