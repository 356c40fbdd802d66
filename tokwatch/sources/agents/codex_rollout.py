"""Reads usage from a Codex CLI rollout, by the rules X0-X5 of docs/sources.md.

A log with `token_usage_record` lines counts exactly those; any other counts the growth of its
running total, each link of the chain of totals once over all logs.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from pathlib import PurePath
from typing import Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, response_key
from tokwatch.model.measure import Measure
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.codex import NAME
from tokwatch.sources.agents.codex_limits import limits_of, told_so, unlike
from tokwatch.sources.agents.codex_records import (
    FIELDS,
    HAS_INFO,
    KIND,
    LATEST,
    MOMENT,
    TOTALS,
    USAGE,
    WINDOW,
    RolloutLine,
    Vector,
    decode_context,
    decode_line,
    growth_of,
    loose_payload,
    pick,
    plain,
    row_of,
    vector,
)
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines, Row
from tokwatch.sources.sieve import GIVE, PICK, SKIP, Head, Heads, Sieve
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
_first_8 = struct.Struct(">Q").unpack_from
_decode_state = partial(msgspec.json.decode, type=_State)

_new_sighting: Final = partial(tuple.__new__, Sighting)
"""Makes a sighting of a tuple; the class itself takes twice as long."""
_RECORD: Final = Grade.RECORD.value
_GHOST: Final = Grade.GHOST.value
_RECORDS_STATE: Final = msgspec.json.encode(_State(records=True))
_EVENT, _RECORD_LINE = "event_msg", "token_usage_record"
_TOTALS, _INNER = "token_count", "total_token_usage"
_TYPE: Final = b'"type":"'
_CONTEXTS: Final = (_TYPE + b'session_meta"', _TYPE + b'turn_context"')
_HEAD: Final = 120
"""Where the first type in so many bytes is such a one, the line is decoded as what it says."""
_CONTEXT_EVENTS: Final = ("thread_settings_applied", "task_started")
_IMPORTED_TURN: Final = "external-import-turn-"
_SIEVE: Final = Sieve(
    Heads(
        types=(_EVENT, _RECORD_LINE),
        heads=(
            Head(b"tok", PICK),
            Head(b"eve", PICK, b'{"type":"token_count"'),
            Head(b"eve", GIVE, b'{"type":"thread_settings_applied"'),
            Head(b"eve", GIVE, b'{"type":"task_started"'),
            Head(b"eve", SKIP, b'{"type":"'),
            Head(b"eve", GIVE),
            Head(b"ses", GIVE),
            Head(b"tur", GIVE),
        ),
        untyped=GIVE,
        glued=b'_token_usage":{"',
        window=1100,
    ),
    FIELDS,
    pick,
)


class Rollout:
    """One read of one rollout."""

    def __init__(self, cursor: Cursor) -> None:
        self._path = cursor.path
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        self._counted_before = self._state.counted_links and not self._state.records
        self._sightings: dict[int, Sighting] = {}
        self._bad = self._glued = self._undated = self._repeated = 0
        self._unknown: list[int] = []
        self._scope: Scope | None = None
        self._model: ModelName | None = None
        self._named = False
        self._told: Row | None = None
        """The running total that was last counted, as its line has it."""
        self._limited: Row | None = None
        """The last line that may tell of the plan's limits."""
        self._limited_at = 0

    def read(self, lines: Lines) -> Reading:
        """Read all complete lines; ask for a second reading when records turn up late."""
        state = self._state
        self._scan(lines)
        limits = self._limits()
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=msgspec.json.encode(state)),
            lineage=Lineage(
                session=state.session or self._name(),
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
        """Take what the lines tell that can carry usage or context."""
        for found in _SIEVE.sift(lines):
            for offset, told in found:
                if isinstance(told, bytes):
                    self._take_line(offset, told)
                elif told[KIND] == _TOTALS and told[0] == _EVENT:
                    self._take_totals(offset, told)
                else:
                    self._take_row(offset, told)

    def _take_line(self, offset: int, line: bytes) -> None:
        """Take what a line may tell that is not one plain record of usage."""
        if line.startswith(_CONTEXTS, line.find(_TYPE, 0, _HEAD)):
            self._take_context(offset, line)
            return
        try:
            record = decode_line(line)
        except NOT_JSON:
            self._take_broken(offset, line)
            return
        if record.type in ("session_meta", "turn_context"):
            self._take_context(offset, line)
        else:
            self._take_row(offset, row_of(record, line))

    def _take_row(self, offset: int, row: Row) -> None:
        """Take a running total, a response's own record, or a change of settings."""
        if row[0] == _RECORD_LINE:
            self._take_record(offset, row)
        elif row[0] == _EVENT:
            if row[KIND] == _TOTALS:
                self._take_totals(offset, row)
            elif row[KIND] in _CONTEXT_EVENTS:
                self._take_context(offset, row[-1])

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
        state.session = safe_name(plain(meta.get("id")) or PurePath(self._path).stem)
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

    def _take_totals(self, offset: int, row: Row) -> None:
        """Take the growth of the running total since the last different one."""
        self._limited, self._limited_at = row, offset
        if not row[HAS_INFO]:
            return
        state, told, moment = self._state, row[TOTALS], row[MOMENT]
        before = state.totals
        totals = before if told == self._told else vector(told)
        if totals is None:
            self._unknown.append(offset)
            return
        if moment is None:
            self._undated += 1
            return
        if state.begin_ms is None:
            state.begin_ms = moment
        if (window := row[WINDOW]) and window != state.window:
            state.window = window
        if totals == before:
            self._repeated += 1
            return
        growth = totals
        if before is not None:
            growth = growth_of(totals, before) or vector(row[LATEST]) or totals
        elif state.parent:
            growth = vector(row[LATEST]) or totals
        state.totals, self._told = totals, told
        key = self._linked(totals)
        grade = _GHOST if state.records or state.imported else _RECORD
        self._sightings[key] = self._sighting(
            key, moment, growth, grade, offset, self._model or self._named_model()
        )

    def _linked(self, totals: Vector) -> int:
        """Return the key of the next link of the chain."""
        state = self._state
        state.chain = chain = blake2b(state.chain + _pack(*totals), digest_size=16).digest()
        key: int = _first_8(chain)[0] >> 1
        links = state.links
        if links == 0:
            state.first_key = key
        elif links == 1:
            state.second_key = key
        state.links = links + 1
        if not (state.counted_links or state.records):
            state.counted_links = True
        return key

    def _take_record(self, offset: int, row: Row) -> None:
        """Take one response's own usage record."""
        moment, (response, named, tier) = row[MOMENT], row[-4:-1]
        usage = vector(row[USAGE])
        if usage is None:
            self._unknown.append(offset)
            return
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
        name = response or f"{PurePath(self._path).name}:{offset}"
        key = response_key(name)
        model = self._named_model()
        if named:
            model = model._replace(name=safe_name(named))
        if tier:
            model = model._replace(tier=safe_name(tier))
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

    def _name(self) -> str:
        """Return what a thread is called that does not say it itself."""
        return safe_name(PurePath(self._path).stem)

    def _sighting(
        self, key: int, moment: int, usage: Vector, grade: int, offset: int, model: ModelName
    ) -> Sighting:
        if self._scope is None:
            state = self._state
            session = state.session or self._name()
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
            self._take_row(offset + place, row_of(loose, line))

    def _limits(self) -> tuple[Measure, ...]:
        """Return what was last told of the plan's limits, where it is not what was told before."""
        if self._limited is None:
            return ()
        found = limits_of(self._limited[-1], str(self._limited_at))
        known, self._state.limits = self._state.limits, tuple(map(told_so, found))
        return unlike(found, known)

    def _notes(self) -> tuple[AgentNote, ...]:
        """Return what a spawned thread is, once."""
        state = self._state
        if not self._named or not (state.parent or state.kind):
            return ()
        return (AgentNote(state.session, "", state.kind, state.parent),)
