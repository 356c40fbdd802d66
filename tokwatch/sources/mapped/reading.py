"""Reads a log as a mapping says: each request once, its last record in the log counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tokwatch.config.mapping import Mapping
from tokwatch.model.event import RequestFact, Scope, Sighting
from tokwatch.model.measure import Measure
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.mapped.measures import Measured
from tokwatch.sources.mapped.paths import marks_of
from tokwatch.sources.mapped.records import Origin, Record, Request, Requests, Skipped, Why
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import safe_name
from tokwatch.zones import find_zone


class Told(NamedTuple):
    """What one record comes to."""

    request: Request | None
    measures: tuple[Measure, ...]
    skipped: tuple[Skipped, ...]
    """Why it is no request, and why what it might measure is not measured."""


class Rules:
    """All that a mapping says of records, made ready for many of them."""

    def __init__(self, name: str, mapping: Mapping) -> None:
        """Take the mapping of this name."""
        self.name = name
        zone = find_zone(mapping.time_zone)[1] if mapping.time_zone else None
        self._requests = Requests(name, mapping, zone)
        self._measured = [
            Measured(label, rules, mapping, zone) for label, rules in mapping.measure.items()
        ]
        paths = [*self._requests.marked, *(measured.value for measured in self._measured)]
        self.marks = () if mapping.where and mapping.counts else marks_of(paths)
        """Byte strings of which every record that matters holds one; none where that is open."""

    def tell(self, record: Record, origin: Origin) -> Told:
        """Return what a record comes to."""
        request = None
        measures: list[Measure] = []
        skipped: list[Skipped] = []
        try:
            request = self._requests.request(record, origin)
        except Skipped as reason:
            skipped.append(reason)
        for measured in self._measured:
            try:
                measure = measured.of(record, origin.offset)
            except Skipped as reason:
                skipped.append(reason)
            else:
                measures += [measure] if measure is not None else []
        return Told(request, tuple(measures), tuple(skipped))


class _Log:
    """One read of one log."""

    def __init__(self, rules: Rules, cursor: Cursor, session: str) -> None:
        self._rules = rules
        self._path = cursor.path
        self._session = session
        self._sightings: dict[int, Sighting] = {}
        self._facts: dict[tuple[int, str], RequestFact] = {}
        self._measures: list[Measure] = []
        self._scopes: dict[Scope, Scope] = {}
        self._skipped: Counter[Why] = Counter()
        self._repeated = 0
        self._sample = ""

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        records = Records(log.lines, *self._rules.marks)
        for offset, record in records:
            self._take(record, offset)
        return Reading(
            cursor=cursor,
            sightings=list(self._sightings.values()),
            facts=tuple(self._facts.values()),
            measures=tuple(self._measures),
            tally=records.tally(
                undated=self._skipped[Why.UNDATED],
                unknown=self._skipped[Why.UNKNOWN],
                repeated=self._repeated,
                sample=self._sample,
            ),
        )

    def read_told(self, records: Iterable[tuple[int, Record]]) -> Reading:
        """Read records that no file holds, each under a number of its own."""
        count = 0
        for number, record in records:
            count += 1
            self._take(record, number)
        return Reading(
            cursor=Cursor(path=self._path, source=self._rules.name),
            sightings=list(self._sightings.values()),
            facts=tuple(self._facts.values()),
            measures=tuple(self._measures),
            tally=Tally(
                lines=count,
                undated=self._skipped[Why.UNDATED],
                unknown=self._skipped[Why.UNKNOWN],
                sample=self._sample,
            ),
            from_start=False,
        )

    def _take(self, record: Record, offset: int) -> None:
        told = self._rules.tell(record, Origin(self._path, self._session, offset))
        if told.request is not None:
            self._take_request(told.request)
        self._measures += told.measures
        for skipped in told.skipped:
            self._skipped[skipped.why] += 1
            if skipped.why is Why.UNKNOWN:
                self._sample = field_names(record)

    def _take_request(self, request: Request) -> None:
        found = request.sighting
        before = self._sightings.pop(found.key, None)
        self._repeated += before is not None
        scope = self._scopes.setdefault(found.scope, found.scope)
        first_ms = found.first_ms if before is None else min(before.first_ms, found.first_ms)
        self._sightings[found.key] = found._replace(scope=scope, first_ms=first_ms)
        self._facts |= {(fact.key, fact.name): fact for fact in request.facts}


def read(rules: Rules, log: LogFile, cursor: Cursor) -> Reading:
    """Read requests and measures behind the cursor."""
    return _Log(rules, cursor, safe_name(log.path.stem)).read(log, cursor)


def read_told(rules: Rules, path: str, records: Iterable[tuple[int, Record]]) -> Reading:
    """Read numbered records that came by another road than a file."""
    return _Log(rules, Cursor(path=path, source=rules.name), "").read_told(records)
