"""Qwen Code's records: usage of each answer, and whose session and agent it belongs to."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading
from tokwatch.sources.agents.qwen_telemetry import RESPONSE, SessionTotals, billed_output
from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "qwen-code"
_PARTS: Final = (
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "cachedContentTokenCount",
    "totalTokenCount",
)
_MARKS: Final = (b'"usageMetadata"', b'"' + RESPONSE.encode() + b'"')


class _State(Struct):
    """What later reads of the same transcript need to know."""

    session: str = ""
    totals: SessionTotals = msgspec.field(default_factory=SessionTotals)


_decode_state = msgspec.json.Decoder(_State).decode


class Transcript:
    """One read of one transcript."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Prepare to go on where the cursor left."""
        self._log = log
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        self._meta: dict[str, Any] | None = None
        self._found: dict[int, Sighting] = {}
        self._facts: dict[tuple[int, str], RequestFact] = {}
        self._notes: dict[AgentNote, None] = {}
        self._records = Records(log.lines, *_MARKS)

    def read(self) -> Reading:
        """Read the lines behind the cursor."""
        totals = self._state.totals
        for offset, record in self._records:
            kind = record.get("type")
            if kind == "assistant" and record.get("usageMetadata") is not None:
                self._take(offset, record)
            elif kind == "system" and "forkedFrom" not in record:
                totals.take(part(part(record, "systemPayload"), "uiEvent"), self._log.path)
        session = self._state.session or safe_name(self._log.path.stem)
        return Reading(
            cursor=Cursor(
                path=str(self._log.path), source=NAME, state=msgspec.json.encode(self._state)
            ),
            lineage=Lineage(session=session),
            sightings=list(self._found.values()),
            ledger=totals.lines(session),
            notes=tuple(self._notes),
            facts=tuple(self._facts.values()),
            tally=self._records.tally(),
        )

    def _take(self, offset: int, record: dict[str, Any]) -> None:
        """Take an answer; its last record in the file counts."""
        usage = self._records.counts_of(record["usageMetadata"], _PARTS, record)
        if usage is None:
            return
        moment = self._records.dated(instant_ms(record.get("timestamp")))
        if moment is None:
            return
        scope = self._scope(record)
        name = plain(record.get("uuid"))
        # A branch copies records as they are into another session: the id alone is the request.
        key = event_key(NAME, name) if name else event_key(NAME, scope.session, "at", str(offset))
        first = moment
        if (earlier := self._found.get(key)) is not None:
            self._records.repeated += 1
            first = min(first, earlier.first_ms)
        told = self._found[key] = self._sighting(key, moment, first, usage, record, scope, offset)
        if not scope.agent and not told.copied:
            self._add_facts(told, count(usage.get("promptTokenCount")))

    def _sighting(
        self,
        key: int,
        moment: int,
        first: int,
        usage: dict[str, Any],
        record: dict[str, Any],
        scope: Scope,
        offset: int,
    ) -> Sighting:
        whole, candidates, thoughts, cached, total = (count(usage.get(name)) for name in _PARTS)
        is_split = bool(whole or candidates)
        if not is_split:
            whole = max(0, total - thoughts)  # some endpoints tell nothing but a total
        cached = min(cached, whole)
        output = billed_output(whole, candidates, thoughts, total)
        name = name_in(record.get("model"))
        model = ModelName("", name or name_in(self._sidecar().get("model")) or "unknown")
        return Sighting(
            *(key, moment, first, scope, model, 1, whole - cached, cached, 0, 0, output),
            *(min(thoughts, output), 0, None, count(record.get("contextWindowSize")) or None),
            *(Grade.RECORD, int(is_split), int(isinstance(record.get("forkedFrom"), dict)), offset),
        )

    def _scope(self, record: dict[str, Any]) -> Scope:
        """Return whose request a record tells; an agent's records name the session it serves."""
        session = name_in(record.get("sessionId")) or safe_name(self._log.path.stem)
        self._state.session = self._state.session or session
        agent = name_in(record.get("agentId"))
        if agent:
            kind = plain(record.get("agentName")) or plain(self._sidecar().get("agentType"))
            self._notes[AgentNote(session, agent, safe_name(kind) or "sub-agent")] = None
        project = name_in(record.get("cwd"))
        return Scope(NAME, session, agent, project, name_in(record.get("gitBranch")))

    def _sidecar(self) -> dict[str, Any]:
        """Return what stands beside an agent's transcript, whose records name no model."""
        if self._meta is None:
            path = self._log.path
            self._meta = read_object(path.with_name(f"{path.stem}.meta.json"))
        return self._meta

    def _add_facts(self, told: Sighting, prompt: int) -> None:
        """Add how long an answer took, where that was told just before it."""
        timing = self._state.totals.answered(told, prompt)
        for name, value in timing.items():
            self._facts[told.key, name] = RequestFact(told.key, name, value)
