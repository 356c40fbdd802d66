"""A Copilot CLI session's events: totals at its ends, and the output of each message.

Both count only as far as the session store does not tell the same requests; what traces tell of
them is taken off by tokwatch's store. Totals go on over the resumes of a session and begin anew at
a compaction; their input includes the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, Stretch
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.agents.copilot import NAME, STORE
from tokwatch.sources.agents.copilot_records import (
    Counts,
    cost_nano,
    message_key,
    session_counter,
    totals_key,
)
from tokwatch.sources.agents.copilot_store import Request, requests_of
from tokwatch.sources.agents.copilot_totals import (
    REQUESTS,
    UNITS,
    Parts,
    Totals,
    growth,
    have_shrunk,
    left_of,
    requests_in,
    spent_on,
    totals_in,
)
from tokwatch.sources.beside import part
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.growth import total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.text import name_in, safe_name

_MARKS: Final = (
    *(b'"session.start"', b'"session.resume"', b'"session.model_change"', b'"session.shutdown"'),
    *(b'"session.compaction_complete"', b'"assistant.message"'),
)
_SLACK_MS: Final = 1_000
"""The store's times are of whole seconds."""


class _State(msgspec.Struct):
    """What later reads of the same events need to know."""

    project: str = ""
    branch: str = ""
    model: str = ""
    ends: int = 0
    """Growths of totals so far."""
    messages: int = 0
    """Messages that told their output so far."""
    answers: int = 0
    """Messages since totals were told last, or since a compaction."""
    begin_ms: int = 0
    """When totals were told last."""
    said_ms: int = 0
    """When the last message came."""
    cut_ms: int = 0
    """Between the last request before a compaction and the compaction's own."""
    from_ms: int = 0
    """When the totals began."""
    is_summary: bool = False
    """True where they began with a compaction, which they hold."""
    compacted_ms: int = 0
    """When the history was compacted since totals were told last."""
    totals: dict[str, list[int]] = {}
    left: dict[str, list[int]] = {}
    """What the store does not tell of the totals."""
    open: list[int] = []
    """Messages that the next totals hold."""
    before: list[int] = []
    """Messages from before a compaction, which the next totals hold unless they began anew."""


class Events:
    """One read of one session's `events.jsonl`."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Go on from a cursor's state."""
        self._state = msgspec.json.decode(cursor.state or b"{}", type=_State)
        self._path = cursor.path
        self._session = safe_name(log.path.parent.name)
        self._store = log.path.parents[2] / STORE
        self._known: Sequence[Request] | None = None
        self._records = Records(log.lines, *_MARKS)
        self._sightings: dict[int, Sighting] = {}
        self._stretches: dict[int, Stretch] = {}
        self._undated = self._unknown = 0
        self._sample = ""

    def read(self) -> Reading:
        """Read what is new; raises OSError where the store cannot be read now."""
        for offset, record in self._records:
            self._take(offset, record)
        self._leave_to_store()
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=msgspec.json.encode(self._state)),
            sightings=list(self._sightings.values()),
            stretches=tuple(self._stretches.values()),
            tally=self._records.tally(
                undated=self._undated, unknown=self._unknown, sample=self._sample
            ),
        )

    def _take(self, offset: int, record: dict[str, Any]) -> None:
        data, moment = part(record, "data"), instant_ms(record.get("timestamp"))
        match record.get("type"):
            case "session.start" | "session.resume":
                self._take_context(data)
            case "session.model_change":
                self._state.model = name_in(data.get("newModel")) or self._state.model
            case "assistant.message":
                self._take_message(offset, data, moment)
            case "session.compaction_complete" if data.get("success") is True and moment:
                self._take_compaction(moment)
            case "session.shutdown" if metrics := data.get("modelMetrics"):
                totals = totals_in(metrics) if isinstance(metrics, dict) else {}
                if not totals:
                    self._unknown += 1
                    self._sample = field_names(metrics if isinstance(metrics, dict) else data)
                elif moment is None:
                    self._undated += 1
                else:
                    self._take_totals(offset, totals, moment)

    def _take_context(self, data: dict[str, Any]) -> None:
        state, context = self._state, part(data, "context")
        state.model = name_in(data.get("selectedModel")) or state.model
        state.project = name_in(context.get("cwd")) or state.project
        state.branch = name_in(context.get("branch")) or state.branch

    def _take_message(self, offset: int, data: dict[str, Any], moment: int | None) -> None:
        """Take a message's output; its input is not told."""
        state = self._state
        state.answers += 1
        state.said_ms = max(state.said_ms, moment or 0)
        output = total(data.get("outputTokens"))
        if output is None:
            return
        number, state.messages = state.messages, state.messages + 1
        if moment is None:
            self._undated += 1
            return
        model = name_in(data.get("model")) or state.model
        key = message_key(self._session, number)
        self._add(key, moment, model, Tokens(output=output), offset=offset, is_final=False)
        self._stretches[key] = Stretch(key, session_counter(self._session))
        state.open.append(number)

    def _take_compaction(self, moment: int) -> None:
        state = self._state
        state.compacted_ms, state.answers = moment, 0
        state.cut_ms = (max(state.begin_ms, state.said_ms) + moment) // 2
        state.before += state.open
        state.open = []

    def _take_totals(self, offset: int, totals: Totals, moment: int) -> None:
        """Take what totals grew by, and take back the messages that they hold."""
        self._leave_to_store()
        state = self._state
        fewer = requests_in(totals) < requests_in(dict(state.totals)) + state.answers
        is_compacted = bool(state.compacted_ms) and (not state.totals or fewer)
        if is_compacted or have_shrunk(dict(state.totals), totals):
            state.totals, state.left = {}, {}
            state.from_ms = state.compacted_ms or state.begin_ms
            state.is_summary = bool(state.compacted_ms)
        self._tell(offset, totals, moment, state.cut_ms if is_compacted else state.begin_ms)
        self._withdraw(state.open if is_compacted else state.before + state.open)
        state.open, state.before = [], []
        state.begin_ms, state.compacted_ms, state.answers = moment, 0, 0

    def _tell(self, offset: int, totals: Totals, moment: int, since_ms: int) -> None:
        """Tell the growth of totals since an instant, as far as the store does not."""
        state = self._state
        grown = growth(dict(state.totals), totals)
        if any(any(parts) for parts in grown.values()):
            left = left_of(totals, spent_on(self._spent(moment)))
            new = growth(dict(state.left), left)
            for model, parts in grown.items():
                if any(parts):
                    key = totals_key(self._session, state.ends)
                    state.ends += 1
                    counter = session_counter(self._session)
                    self._stretches[key] = Stretch(key, counter, since_ms=since_ms)
                    self._tell_growth(key, offset, moment, model, new[model])
            state.left = {model: list(parts) for model, parts in left.items()}
        state.totals = {model: list(parts) for model, parts in totals.items()}

    def _tell_growth(self, key: int, offset: int, moment: int, model: str, parts: Parts) -> None:
        has_requests = parts[REQUESTS] and not self._requests()
        if any(parts[:REQUESTS]) or has_requests:
            self._add(
                key,
                moment,
                model,
                Counts(*parts[:REQUESTS]).tokens(),
                offset=offset,
                requests=parts[REQUESTS],
                cost_nano=cost_nano(parts[UNITS]),
                grade=Grade.DERIVED,
            )

    def _spent(self, moment: int) -> list[Request]:
        """Return the store's requests that totals told at a moment hold.

        A compaction's own request is the last one before its end.
        """
        begin = self._state.from_ms
        requests = sorted(self._requests(), key=lambda one: one.at_ms)
        before = [one for one in requests if one.at_ms <= begin] if self._state.is_summary else []
        return before[-1:] + [one for one in requests if begin < one.at_ms <= moment]

    def _leave_to_store(self) -> None:
        """Take back the messages of now, if the store tells the requests of now."""
        state = self._state
        if state.open or state.before:
            begin = state.begin_ms - _SLACK_MS
            if any(one.at_ms >= begin for one in self._requests()):
                self._withdraw(state.before + state.open)
                state.open, state.before = [], []

    def _withdraw(self, numbers: list[int]) -> None:
        for number in numbers:
            key = message_key(self._session, number)
            if self._sightings.pop(key, None) is None:  # told by an earlier read
                self._add(key, self._state.begin_ms, "", Tokens(), grade=Grade.GHOST)

    def _requests(self) -> Sequence[Request]:
        if self._known is None:
            self._known = requests_of(self._store, self._session)
        return self._known

    def _add(self, key: int, moment: int, model: str, tokens: Tokens, **told: Any) -> None:
        """Add a sighting; `told` is what else `sighting_of` takes."""
        scope = Scope(NAME, self._session, "", self._state.project, self._state.branch)
        name = ModelName("", model or "unknown")
        self._sightings[key] = sighting_of(key, moment, scope, name, tokens, **told)
