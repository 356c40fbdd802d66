"""Traces that Copilot CLI writes where it is told to: OpenTelemetry spans and log records.

A request may be told by its own span, by a log record, as a turn and inside an agent's span: of
one trace only the finest of these count. Input includes the cache, output includes reasoning.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec

from tokwatch.model import (
    Cursor,
    Grade,
    Lineage,
    ModelName,
    Reading,
    Scope,
    Sighting,
    event_key,
)
from tokwatch.sources.agents.copilot import NAME
from tokwatch.sources.agents.copilot_records import (
    Counts,
    message_key,
    request_key,
    told,
    totals_key,
)
from tokwatch.sources.beside import part, plain
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.growth import total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.text import safe_name

_MARK: Final = b'"gen_ai.'
_KEPT: Final = 64
"""So many of the last traces and sessions are remembered from one read to the next."""
_COUNTS: Final = (
    ("gen_ai.usage.input_tokens",),
    ("gen_ai.usage.output_tokens",),
    ("gen_ai.usage.cache_read.input_tokens",),
    ("gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
    ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
)
_SESSIONS: Final = (
    *("gen_ai.conversation.id", "copilot_chat.session_id", "copilot_chat.chat_session_id"),
    "session.id",
)
_MODELS: Final = ("gen_ai.response.model", "gen_ai.request.model")
_MOMENTS: Final = ("endTime", "startTime", "hrTime", "_hrTime", "time", "timestamp")


class _Level(IntEnum):
    """How fine a record is."""

    AGENT = 0
    TURN = 1
    INFERENCE = 2
    CHAT = 3


class _Span(NamedTuple):
    """A record with usage."""

    offset: int
    trace: str
    span: str
    level: _Level
    counts: Counts
    model: str
    moment: int


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

    number: int = 0
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
        self._undated = self._repeated = 0

    def read(self) -> Reading:
        """Read what is new."""
        spans = [span for offset, record in self._records if (span := self._span(offset, record))]
        finest: dict[str, int] = {}
        for span in spans:
            finest[span.trace] = max(finest.get(span.trace, -1), span.level)
        for name, level in finest.items():
            self._rise(self._trace(name), level)
        for span in spans:
            if span.level == self._trace(span.trace).level:
                self._tell(span)
            else:
                self._repeated += 1
        state = self._state
        state.traces = dict(list(state.traces.items())[-_KEPT:])
        state.sessions = dict(list(state.sessions.items())[-_KEPT:])
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=msgspec.json.encode(state)),
            lineage=Lineage(begin_ms=1),  # after the store, before a session's events
            sightings=list(self._sightings.values()),
            tally=self._records.tally(undated=self._undated, repeated=self._repeated),
        )
