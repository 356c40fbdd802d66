"""Tries a source on the first lines of one file: what they become, and why lines are skipped."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.errors import TokwatchError
from tokwatch.model.event import Grade, RequestFact, Sighting
from tokwatch.model.measure import Measure
from tokwatch.model.reading import Reading, Tally
from tokwatch.model.units import OPEN_END_MS
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.glued import objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.mapped.reading import Told
from tokwatch.sources.mapped.records import Origin
from tokwatch.sources.mapped.source import MappedSource
from tokwatch.sources.reader import read_log
from tokwatch.sources.records import field_names
from tokwatch.sources.source import Source
from tokwatch.sources.tables import is_database
from tokwatch.words import shortened

_WHOLE: Final = OPEN_END_MS
"""More bytes than any file has."""


class RawLine(NamedTuple):
    """A line as it stands in the file."""

    number: int
    offset: int
    content: bytes


class Tried(Struct, frozen=True):
    """What became of one line, or of one record of a log without lines."""

    number: int
    """Of the line; of a record that stands in no line, its place among all."""
    requests: tuple[Sighting, ...] = ()
    facts: tuple[RequestFact, ...] = ()
    measures: tuple[Measure, ...] = ()
    skipped: str = ""
    """Why nothing of it counts; "" where something does."""
    remark: str = ""
    """What in it contradicts the mapping."""


class Trial(Struct, frozen=True):
    """What a source makes of a file."""

    tried: tuple[Tried, ...]
    tally: Tally
    has_lines: bool
    is_torn: bool
    """Whether the file ends within a line, which waits for its end."""
    is_wanted: bool
    """Whether the source reads files of this place and name."""
    is_empty: bool

    @property
    def requests(self) -> int:
        """How many requests it found."""
        return sum(len(tried.requests) for tried in self.tried)

    @property
    def measures(self) -> int:
        """How many measures it found."""
        return sum(len(tried.measures) for tried in self.tried)

    @property
    def skipped(self) -> int:
        """How many lines count nothing."""
        return sum(bool(tried.skipped) for tried in self.tried)


def try_source(source: Source, file: Path, most_lines: int, max_line: int) -> Trial:
    """Read the first lines of a file, or the whole of one that has none; nothing is kept."""
    log = _found(file)
    try:
        raw, is_torn = _first_lines(log, most_lines, max_line)
        end = raw[-1].offset + len(raw[-1].content) if raw else _WHOLE
        reading = read_log(source, log, None, max_line, end).reading
    except OSError as error:
        raise TokwatchError(f"{file} cannot be read: {error.strerror or error}.") from None
    # A document or a database is read without going on from line to line.
    has_lines = bool(raw) and reading.cursor.offset > 0
    tried = _by_line(source, log.path, raw, reading) if has_lines else _by_record(reading)
    is_torn = is_torn and has_lines
    is_wanted = source.wants(log.path)
    return Trial(tuple(tried), reading.tally, has_lines, is_torn, is_wanted, not log.size)


def _found(file: Path) -> FoundLog:
    walk, path = Walk(), file.absolute()
    if found := walk.file(str(path)):
        return found[0]._replace(root=path.parent)
    is_other = os.path.exists(path)
    reason = walk.errors.get(str(path), "it is no file" if is_other else "no such file")
    raise TokwatchError(f"{file} cannot be read: {reason}.")


def _first_lines(log: FoundLog, most: int, max_line: int) -> tuple[list[RawLine], bool]:
    """Return the first complete lines, and whether an incomplete one follows.

    A line that is too long is left out, but has a number all the same; databases have none.
    """
    found: list[RawLine] = []
    if is_database(log.path):
        return found, False
    with open(log.path, "rb") as file:
        lines = Lines(file, 0, max_line, None)
        for start, run in lines:
            offset = start
            for place, content in enumerate(run):
                number = lines.count - len(run) + lines.oversized + place + 1
                found.append(RawLine(number, offset, content))
                offset += len(content)
                if len(found) >= most:
                    return found, False
    return found, lines.offset < log.size


def _by_line(source: Source, path: str, raw: list[RawLine], reading: Reading) -> Iterator[Tried]:
    requests: defaultdict[int, list[Sighting]] = defaultdict(list)
    measures: defaultdict[int, list[Measure]] = defaultdict(list)
    facts = _facts_by_key(reading)
    starts = [line.offset for line in raw]
    for found in reading.sightings:
        if found.grade != Grade.GHOST:
            requests[bisect_right(starts, found.offset) - 1].append(found)
    for measure in reading.measures:
        offset = int(measure.origin) if measure.origin.isdecimal() else 0
        measures[bisect_right(starts, offset) - 1].append(measure)
    for place, line in enumerate(raw):
        reasons, remarks = _explained(source, path, line)
        yield Tried(
            number=line.number,
            requests=tuple(requests[place]),
            facts=tuple(fact for found in requests[place] for fact in facts[found.key]),
            measures=tuple(measures[place]),
            skipped="" if requests[place] or measures[place] else reasons,
            remark=remarks,
        )


def _by_record(reading: Reading) -> Iterator[Tried]:
    facts = _facts_by_key(reading)
    for place, found in enumerate(reading.sightings, 1):
        if found.grade != Grade.GHOST:
            yield Tried(number=place, requests=(found,), facts=tuple(facts[found.key]))


def _facts_by_key(reading: Reading) -> defaultdict[int, list[RequestFact]]:
    facts: defaultdict[int, list[RequestFact]] = defaultdict(list)
    for fact in reading.facts:
        facts[fact.key].append(fact)
    return facts


def _explained(source: Source, path: str, line: RawLine) -> tuple[str, str]:
    """Return why a line counts nothing, in case it does, and what contradicts the mapping."""
    is_whole, objects = objects_of(line.content)
    if not objects:
        return "an empty line" if is_whole and not line.content.strip() else "no JSON object", ""
    reasons: list[str] = []
    remarks: list[str] = []
    for place, record in objects:
        if isinstance(source, MappedSource):
            told = source.rules.tell(record, Origin(path, "", line.offset + place))
            reasons += _reasons(told)
            remarks += _remarks(told)
        else:
            names = shortened(field_names(record))
            reasons.append(f"nothing that {source.title} counts; its fields: {names}")
    return "; ".join(reasons), "; ".join(remarks)


def _reasons(told: Told) -> Iterator[str]:
    if told.request is not None:
        yield "a later line of the same request counts"
    yield from (reason.told for reason in told.skipped)


def _remarks(told: Told) -> Iterator[str]:
    """Yield what is wrong in a record that counts."""
    if told.request is not None:
        if told.request.remark:
            yield told.request.remark
        yield from (reason.told for reason in told.skipped)
