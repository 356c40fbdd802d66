"""Kimi Code's wire records: usage of each request, compactions included.

Usage records have no id, and a fork begins with a copy of its origin's: so each is known by the
chain of all usage up to it, as Codex's totals are.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from tokwatch.model.event import Grade, ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading
from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "kimi-code"
DEFAULT_MODEL: Final = "kimi-for-coding"
_ALIASES: Final = 64
"""More models than that in one session are nonsense."""
_PARTS: Final = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
_MARKS: Final = (
    b'"usage.record"',
    b'"llm.request"',
    b'"step.end"',
    b'"config.update"',
    b'"metadata"',
)

Counts = tuple[int, int, int, int]
"""Uncached input, cache reads, cache writes, output."""


class _State(msgspec.Struct):
    """What later reads of the same wire log need to know."""

    begin_ms: int | None = None
    project: str = ""
    kind: str = ""
    requested: dict[str, tuple[str, str]] = {}
    """Provider and model of requests, by the alias that they named."""
    latest: tuple[str, str] | None = None
    """Provider and model of the last request."""
    chain: bytes = b""
    first_key: int | None = None
    second_key: int | None = None
    open_key: int | None = None
    """The request whose step has not ended yet."""


_decode_state = msgspec.json.Decoder(_State).decode


class Wire:
    """One read of one agent's wire log: `<session>/agents/<agent>/wire.jsonl`."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Go on from a cursor's state."""
        self._records = Records(log.lines, *_MARKS)
        self._path = cursor.path
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        agent = log.path.parent
        folder = agent.parent.parent if agent.parent.name == "agents" else agent
        self._session = safe_name(folder.name)
        self.agent = safe_name(agent.name) if agent != folder and agent.name != "main" else ""
        self._about = read_object(folder / "state.json")
        self._scope: Scope | None = None
        self.sightings: dict[int, Sighting] = {}
        self._facts: list[RequestFact] = []

    def read(self) -> Reading:
        """Read what is new."""
        for offset, record in self._records:
            self.take(offset, record)
        state = self._state
        noted = self.agent and state.kind
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=self.encoded()),
            lineage=Lineage(
                session=self._session,
                parent=name_in(self._about.get("forkedFrom")),
                begin_ms=state.begin_ms,
                first_key=state.first_key,
                second_key=state.second_key,
            ),
            sightings=list(self.sightings.values()),
            notes=(AgentNote(self._session, self.agent, state.kind),) if noted else (),
            facts=tuple(self._facts),
            tally=self._records.tally(),
        )

    def encoded(self) -> bytes:
        """Return what the next read needs as a cursor's state."""
        return msgspec.json.encode(self._state)

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one record."""
        kind, state = record.get("type"), self._state
        if kind == "usage.record":
            self._take_usage(offset, record)
        elif kind == "context.append_loop_event":
            event = part(record, "event")
            if event.get("type") == "step.end":
                self._take_end(offset, record.get("time"), event)
        elif kind == "llm.request":
            self._take_request(record)
        elif kind == "config.update":
            state.kind = name_in(record.get("profileName")) or state.kind
            folder = name_in(record.get("cwd"))
            if folder and folder != state.project:
                state.project, self._scope = folder, None
        elif kind == "metadata" and state.begin_ms is None:
            state.begin_ms = instant_ms(record.get("created_at"))

    def _take_request(self, record: dict[str, Any]) -> None:
        """Take the model that an alias stands for."""
        state, alias = self._state, name_in(record.get("modelAlias"))
        named = name_in(record.get("provider")), name_in(record.get("model"))
        if named[1]:
            state.latest = named
            if alias and len(state.requested) < _ALIASES:
                state.requested[alias] = named

    def _take_usage(self, offset: int, record: dict[str, Any]) -> None:
        """Take a request's own record; a compaction's belongs to the session, not to a turn."""
        counts = self._counts(record)
        moment = self._moment(record.get("time"))
        if counts is None or moment is None or not any(counts):
            return
        alias = name_in(record.get("model"))
        key = self._link(moment, alias, counts)
        self._add(key, moment, self._model(alias), counts, offset)
        if record.get("usageScope") != "session":
            self._state.open_key = key

    def _take_end(self, offset: int, time: object, event: dict[str, Any]) -> None:
        """Take how long a request took; its usage only where no record of its own told it."""
        key, self._state.open_key = self._state.open_key, None
        if key is None:
            if event.get("usage") is None:
                return
            counts, moment = self._counts(event), self._moment(time)
            if counts is None or moment is None or not any(counts):
                return
            key = event_key(NAME, self._session, self.agent, plain(event.get("uuid")) or str(time))
            self._add(key, moment, self._model(""), counts, offset)
        first = count(event.get("llmFirstTokenLatencyMs"))
        if first:
            self._facts.append(RequestFact(key, "first_token_ms", first))
            whole = first + count(event.get("llmStreamDurationMs"))
            self._facts.append(RequestFact(key, "duration_ms", whole))

    def _counts(self, record: dict[str, Any]) -> Counts | None:
        usage = self._records.counts_of(record.get("usage"), _PARTS, record)
        if usage is None:
            return None
        plain_input, cached, written, output = (count(usage.get(name)) for name in _PARTS)
        return plain_input, cached, written, output

    def _moment(self, time: object) -> int | None:
        return self._records.dated(instant_ms(time))

    def _link(self, moment: int, alias: str, counts: Counts) -> int:
        """Return the key of the next link of the chain, which copies of it share."""
        state = self._state
        if state.begin_ms is None:
            state.begin_ms = moment
        seed = state.chain or f"{self.agent}|{state.begin_ms}|".encode("utf-8", "replace")
        link = f"{moment}|{alias}|{counts}".encode("utf-8", "replace")
        state.chain = blake2b(seed + link, digest_size=16).digest()
        key = int.from_bytes(state.chain[:8], "big") >> 1
        if state.first_key is None:
            state.first_key = key
        elif state.second_key is None:
            state.second_key = key
        return key

    def _model(self, alias: str) -> ModelName:
        """Return the model of this alias, else of the last request, else the alias itself."""
        named = self._state.requested.get(alias) or self._state.latest
        if named is not None:
            return ModelName(*named)
        return ModelName("", alias.removeprefix("kimi-code/") or DEFAULT_MODEL)

    def _add(self, key: int, moment: int, model: ModelName, counts: Counts, offset: int) -> None:
        if self._scope is None:
            project = self._state.project or name_in(self._about.get("workDir"))
            self._scope = Scope(NAME, self._session, self.agent, project)
        plain_input, cached, written, output = counts
        self.sightings[key] = Sighting(
            *(key, moment, moment, self._scope, model, 1, plain_input, cached, written, 0, output),
            *(None, 0, None, None, Grade.RECORD, 1, 0, offset),
        )
