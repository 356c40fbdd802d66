"""Traces that Copilot CLI writes where it is told to: OpenTelemetry spans and log records.

A request may be told by its own span, by a log record, as a turn and inside an agent's span: of
one trace only the finest of these count. Input includes the cache, output includes reasoning. A
session's totals hold these requests, too: tokwatch's store counts what they leave of them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, Stretch, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.agents.copilot import NAME
from tokwatch.sources.agents.copilot_records import (
    request_key,
    session_counter,
    told,
)
from tokwatch.sources.agents.copilot_spans import Level, Span, span_in
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.sighting import Tokens, sighting_of

_MARK: Final = b'"gen_ai.'
_KEPT: Final = 64
"""So many of the last traces and sessions are remembered from one read to the next."""


class _Trace(msgspec.Struct):
    """What is known of a trace."""

    session: str = ""
    model: str = ""
    level: int = -1
    """The finest so far."""
    keys: list[int] = []
    """What was told of it at that level."""


class _Session(msgspec.Struct):
    """What was told of a session."""

    seen: dict[str, list[str]] = {}
    """Spans by their counts."""


class _State(msgspec.Struct):
    """What later reads of the same file need to know."""

    traces: dict[str, _Trace] = {}
    sessions: dict[str, _Session] = {}


class Traces:
    """One read of one file of traces."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Go on from a cursor's state."""
        self._state = msgspec.json.decode(cursor.state or b"{}", type=_State)
        self._path = cursor.path
        self._records = Records(log.lines, _MARK)
        self._sightings: dict[int, Sighting] = {}
        self._stretches: dict[int, Stretch] = {}
        self._undated = self._repeated = 0

    def read(self) -> Reading:
        """Read what is new."""
        spans = [(offset, span_in(record)) for offset, record in self._records]
        for _, span in spans:
            self._note(span)
        for offset, span in spans:
            if span.level is not None and any(span.counts):
                self._take(offset, span)
        state = self._state
        state.traces = dict(list(state.traces.items())[-_KEPT:])
        state.sessions = dict(list(state.sessions.items())[-_KEPT:])
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=msgspec.json.encode(state)),
            sightings=list(self._sightings.values()),
            stretches=tuple(self._stretches.values()),
            tally=self._records.tally(undated=self._undated, repeated=self._repeated),
        )

    def _note(self, span: Span) -> None:
        """Note what a record tells of its trace, and take back what is told more finely now."""
        trace = self._state.traces.setdefault(span.trace, _Trace())
        trace.session = trace.session or span.session
        trace.model = trace.model or span.model
        if span.level is not None and any(span.counts) and span.level > trace.level:
            for key in trace.keys:
                self._add(key, 0, span, 0, Grade.GHOST)
            trace.level, trace.keys = span.level, []

    def _take(self, offset: int, span: Span) -> None:
        """Take a request, or what holds several, unless its trace tells it more finely."""
        trace = self._state.traces[span.trace]
        if span.level != trace.level:
            self._repeated += 1
        elif span.moment is None:
            self._undated += 1
        else:
            session = self._state.sessions.setdefault(self._session(span), _Session())
            key = self._key(offset, span, session)
            is_request = span.level >= Level.INFERENCE
            self._add(key, span.moment, span, offset, Grade.RECORD if is_request else Grade.DERIVED)
            self._stretches[key] = Stretch(key, session_counter(self._session(span)))

    def _key(self, offset: int, span: Span, session: _Session) -> int:
        """Return the key of a request, or of what holds several; note it where it is new."""
        name = span.span or f"@{offset}"
        keys = self._state.traces[span.trace].keys
        if span.level is not None and span.level >= Level.INFERENCE:
            same = session.seen.setdefault(told(span.counts), [])
            if name not in same:
                same.append(name)
            key = request_key(self._session(span), span.counts, same.index(name))
        else:
            key = event_key(NAME, "trace", span.trace, name)
        if key not in keys:
            keys.append(key)
        return key

    def _session(self, span: Span) -> str:
        return self._state.traces[span.trace].session or span.trace

    def _add(self, key: int, moment: int, span: Span, offset: int, grade: Grade) -> None:
        trace = self._state.traces[span.trace]
        self._sightings[key] = sighting_of(
            key,
            moment,
            Scope(NAME, self._session(span)),
            ModelName("", span.model or trace.model or "unknown"),
            Tokens() if grade is Grade.GHOST else span.counts.tokens(),
            offset=offset,
            grade=grade,
        )
