"""Reads usage from a Codex CLI rollout, by the rules X0-X5 of docs/sources.md.

A log with `token_usage_record` lines counts exactly those; any other counts the growth of its
running total, each link of the chain of totals once over all logs.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, response_key
from tokwatch.model.measure import Measure
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.codex import NAME
from tokwatch.sources.agents.codex_limits import limits_of, told_so, unlike
from tokwatch.sources.agents.codex_records import (
    Info,
    Payload,
    RolloutLine,
    Vector,
    decode_context,
    decode_line,
    growth_of,
    loose_payload,
    plain,
    vector,
)
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.unknown import fields_at


class _State(Struct):
    """What later reads of the same rollout need to know."""

    session: str = ""
    parent: str = ""
    begin_ms: int | None = None
    project: str = ""
    branch: str = ""
    provider: str = ""
    kind: str = ""
    model: str = "unknown"
    tier: str = "standard"
    window: int | None = None
    totals: Vector | None = None
    chain: bytes = b""
    links: int = 0
    first_key: int | None = None
    second_key: int | None = None
    records: bool = False
    """True once a `token_usage_record` was seen: then only those count."""
    counted_links: bool = False
    """True when links of the chain were counted before the first record."""
    limits: tuple[str, ...] = ()
    """What was last told of the plan's limits."""
    imported: bool = False
    """True inside a turn that was imported from another tool, which spent its tokens there."""


_pack = struct.Struct("<6q").pack
_decode_state = msgspec.json.Decoder(_State).decode

_new_sighting: Final = partial(tuple.__new__, Sighting)
"""Makes a sighting of a tuple; the class itself takes twice as long."""
_RECORD: Final = Grade.RECORD.value
_GHOST: Final = Grade.GHOST.value
_RECORDS_STATE: Final = msgspec.json.encode(_State(records=True))
_TYPE: Final = b'"type":"'
_AFTER_TYPE: Final = len(_TYPE)
_GLUED: Final = b'_token_usage":{"'
_GLUE_WINDOW: Final = -1100
"""Usage glued behind a skipped record shows within so many bytes of the line's end."""
_TOTALS, _INNER = "token_count", "total_token_usage"
_TOTALS_FIRST: Final = b'{"type":"token_count"'
_DECODED_FIRST: Final = (b'{"type":"thread_settings_applied"', b'{"type":"task_started"')
_CONTEXT_EVENTS: Final = ("thread_settings_applied", "task_started")
_IMPORTED_TURN: Final = "external-import-turn-"
_WHOLE_ENDS: Final = (b"}\n", b"}\r\n", b"}")


class Rollout:
    """One read of one rollout."""

    def __init__(self, cursor: Cursor) -> None:
        self._path = Path(cursor.path)
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        self._counted_before = self._state.counted_links and not self._state.records
        self._sightings: dict[int, Sighting] = {}
        self._bad = self._glued = self._undated = self._repeated = 0
        self._unknown: list[int] = []
        self._told = 0
        self._scope: Scope | None = None
        self._model: ModelName | None = None
        self._named = False
        self._limited: tuple[int, bytes] | None = None
        """The last line that may tell of the plan's limits."""

    def read(self, lines: Lines) -> Reading:
        """Read all complete lines; ask for a second reading when records turn up late."""
        state = self._state
        self._scan(lines)
        limits = self._limits()
        return Reading(
            cursor=Cursor(path=str(self._path), source=NAME, state=msgspec.json.encode(state)),
            lineage=Lineage(
                session=state.session or safe_name(self._path.stem),
                parent=state.parent,
                begin_ms=state.begin_ms,
                first_key=state.first_key,
                second_key=state.second_key,
            ),
            sightings=list(self._sightings.values()),
            notes=self._notes(),
            measures=limits,
            tally=Tally(
                lines=lines.count,
                glued_lines=self._glued,
                bad_lines=self._bad,
                oversized_lines=lines.oversized,
                undated=self._undated,
                unknown=len(self._unknown),
                sample=fields_at(self._path, self._unknown, "payload", "info", _INNER),
                repeated=self._repeated,
            ),
            restart_state=_RECORDS_STATE if self._counted_before and state.records else None,
        )

    def _scan(self, lines: Lines) -> None:
        """Look at each line's head and decode only what can carry usage or context."""
        emitted = b""
        for offset, run in lines:
            for line in run:
                second = line.find(b"{", 1)
                at = line.find(_TYPE, 0, second)
                if at > 0:
                    kind = line[at + _AFTER_TYPE : at + _AFTER_TYPE + 3]
                    if kind == b"eve" and line.startswith(_TOTALS_FIRST, second):
                        payload = line[second:]
                        if payload == emitted:  # the same totals are often written twice
                            self._repeated += 1
                        else:
                            emitted = payload if self._take_told(offset, line) else b""
                    elif kind == b"tok" or (
                        kind == b"eve"
                        and (
                            line.startswith(_DECODED_FIRST, second)
                            or not line.startswith(b'{"type":"', second)
                        )
                    ):
                        self._take_line(offset, line)
                    elif line.find(_GLUED, _GLUE_WINDOW) > 0 or not line.endswith(_WHOLE_ENDS):
                        self._take_broken(offset, line)
                    elif kind in (b"ses", b"tur"):
                        self._take_context(offset, line)
                else:
                    self._take_line(offset, line)
                offset += len(line)

    def _take_told(self, offset: int, line: bytes) -> bool:
        """Take a line that begins as one of totals does; tell whether it told any."""
        told = self._told
        try:
            record = decode_line(line)
        except NOT_JSON:
            self._take_broken(offset, line)
        else:
            payload = record.payload
            if record.type == "event_msg" and payload is not None and payload.type == _TOTALS:
                self._limited = offset, line
                self._take_totals(offset, record.timestamp, payload.info)
            else:
                self._take_line(offset, line)
        return self._told > told

    def _take_line(self, offset: int, line: bytes) -> None:
        """Decode a line and take what it holds."""
        try:
            record = decode_line(line)
        except NOT_JSON:
            self._take_broken(offset, line)
            return
        if record.type in ("session_meta", "turn_context"):
            self._take_context(offset, line)
        else:
            self._take(offset, line, record)

    def _take(self, offset: int, line: bytes, record: RolloutLine) -> None:
        """Take a running total, a response's own record, or a change of settings."""
        payload = record.payload
        if payload is None:
            return
        if record.type == "event_msg":
            if payload.type == _TOTALS:
                self._limited = offset, line
                self._take_totals(offset, record.timestamp, payload.info)
            elif payload.type in _CONTEXT_EVENTS:
                self._take_context(offset, line)
        elif record.type == "token_usage_record":
            self._take_record(offset, record.timestamp, payload)

    def _take_context(self, offset: int, line: bytes) -> None:
        """Take what session, turn and settings records say of later usage."""
        try:
            record = decode_context(line)
        except NOT_JSON:
            self._take_broken(offset, line)
            return
        if record.payload is not None:
            self._take_loose_context(record.type, record.payload)

    def _take_loose_context(self, kind: str | None, payload: Mapping[str, object]) -> None:
        state = self._state
        if kind == "session_meta":
            if not self._named and not state.session:
                self._take_session(payload)
        elif kind == "turn_context":
            state.model = name_in(payload.get("model")) or state.model
            self._model = None
            state.imported = False
        elif payload.get("type") == "task_started":
            state.imported = plain(payload.get("turn_id")).startswith(_IMPORTED_TURN)
        elif payload.get("type") == "thread_settings_applied":
            settings = payload.get("thread_settings")
            if isinstance(settings, dict):
                state.tier = name_in(settings.get("service_tier")) or "standard"
                self._model = None

    def _take_session(self, meta: Mapping[str, object]) -> None:
        """Take the first `session_meta`: who this thread is and from whom it came."""
        state = self._state
        self._named = True
        state.session = safe_name(plain(meta.get("id")) or self._path.stem)
        state.begin_ms = instant_ms(meta.get("timestamp"))
        state.project = name_in(meta.get("cwd"))
        state.provider = name_in(meta.get("model_provider"))
        git, source = meta.get("git"), meta.get("source")
        if isinstance(git, dict):
            state.branch = name_in(git.get("branch"))
        parent = plain(meta.get("forked_from_id")) or plain(meta.get("parent_thread_id"))
        if isinstance(source, dict):
            agent = source.get("subagent")
            spawn = agent.get("thread_spawn") if isinstance(agent, dict) else None
            if isinstance(spawn, dict):
                parent = parent or plain(spawn.get("parent_thread_id"))
            role = plain(meta.get("agent_role")) or plain(meta.get("agent_nickname"))
            state.kind = safe_name(role) or "sub-agent"
        state.parent = safe_name(parent)
        self._scope = self._model = None

    def _take_totals(self, offset: int, stamp: str | None, info: Info | None) -> None:
        """Take the growth of the running total since the last different one."""
        if info is None:
            return
        totals = vector(info.total_token_usage)
        if totals is None:
            self._unknown.append(offset)
            return
        moment = instant_ms(stamp)
        if moment is None:
            self._undated += 1
            return
        self._told += 1
        state = self._state
        if state.begin_ms is None:
            state.begin_ms = moment
        state.window = info.model_context_window or state.window
        before = state.totals
        if totals == before:
            self._repeated += 1
            return
        growth = totals
        if before is not None:
            growth = growth_of(totals, before) or vector(info.last_token_usage) or totals
        elif state.parent:
            growth = vector(info.last_token_usage) or totals
        state.totals = totals
        state.chain = blake2b(state.chain + _pack(*totals), digest_size=16).digest()
        key = int.from_bytes(state.chain[:8], "big") >> 1
        if state.links == 0:
            state.first_key = key
        elif state.links == 1:
            state.second_key = key
        state.links += 1
        grade = _GHOST if state.records or state.imported else _RECORD
        state.counted_links = state.counted_links or not state.records
        self._sightings[key] = self._sighting(
            key, moment, growth, grade, offset, self._named_model()
        )

    def _take_record(self, offset: int, stamp: str | None, payload: Payload) -> None:
        """Take one response's own usage record."""
        usage = vector(payload.usage)
        if usage is None:
            self._unknown.append(offset)
            return
        moment = instant_ms(stamp)
        if moment is None:
            self._undated += 1
            return
        state = self._state
        if state.imported:
            return
        if state.begin_ms is None:
            state.begin_ms = moment
        if not state.records:
            state.records = True
            self._demote_links()
        name = payload.response_id or f"{self._path.name}:{offset}"
        key = response_key(name)
        model = self._named_model()
        if payload.model:
            model = model._replace(name=safe_name(payload.model))
        if payload.service_tier:
            model = model._replace(tier=safe_name(payload.service_tier))
        self._sightings[key] = self._sighting(key, moment, usage, _RECORD, offset, model)

    def _demote_links(self) -> None:
        """Let the links of the chain counted in this read claim their keys only."""
        for key, sighting in self._sightings.items():
            self._sightings[key] = sighting._replace(grade=_GHOST)

    def _named_model(self) -> ModelName:
        if self._model is None:
            state = self._state
            provider = "openai" if state.provider in ("", "openai") else state.provider
            self._model = ModelName(provider, state.model, state.tier)
        return self._model

    def _sighting(
        self, key: int, moment: int, usage: Vector, grade: int, offset: int, model: ModelName
    ) -> Sighting:
        if self._scope is None:
            state = self._state
            session = state.session or safe_name(self._path.stem)
            self._scope = Scope(NAME, session, "", state.project, state.branch)
        whole, cached, written, output, reasoning, _ = usage
        cached = cached if cached < whole else whole
        fresh = whole - cached
        written = written if written < fresh else fresh
        return _new_sighting(
            (
                key, moment, moment, self._scope, model, 1, fresh - written, cached, written, 0,
                output, reasoning if reasoning < output else output, 0, None,
                self._state.window, grade, 1, 0, offset,
            )
        )  # fmt: skip

    def _take_broken(self, offset: int, line: bytes) -> None:
        """Take what can be taken from a line that is not one plain record."""
        whole, found = objects_of(line)
        if not whole:
            self._bad += 1
        elif len(found) > 1:
            self._glued += 1
        for place, record in found:
            payload = record.get("payload")
            if not isinstance(payload, dict):
                continue
            kind = plain(record.get("type"))
            if kind in ("session_meta", "turn_context") or (payload.get("type") in _CONTEXT_EVENTS):
                self._take_loose_context(kind, payload)
                continue
            loose = RolloutLine(
                kind, plain(record.get("timestamp")) or None, loose_payload(payload)
            )
            self._take(offset + place, line, loose)

    def _limits(self) -> tuple[Measure, ...]:
        """Return what was last told of the plan's limits, where it is not what was told before."""
        if self._limited is None:
            return ()
        offset, line = self._limited
        found = limits_of(line, str(offset))
        known, self._state.limits = self._state.limits, tuple(map(told_so, found))
        return unlike(found, known)

    def _notes(self) -> tuple[AgentNote, ...]:
        """Return what a spawned thread is, once."""
        state = self._state
        if not self._named or not (state.parent or state.kind):
            return ()
        return (AgentNote(state.session, "", state.kind, state.parent),)
