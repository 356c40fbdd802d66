"""Entries of a session as pi, its forks and OpenClaw write them: what was asked of whom, and where.

Entries form a tree; what an abandoned branch holds was billed as well, so every entry counts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import (
    Grade,
    ModelName,
    RequestFact,
    Scope,
    Sighting,
    event_key,
    response_key,
)
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.pi_usage import Counts, counts_of, tier_of, tiers_of
from tokwatch.sources.beside import fields
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.identity import names_response
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import name_in, safe_name

_FAMILY: Final = "pi"
"""In keys instead of the source: forks take over each other's sessions."""
_MARKS: Final = (
    *(b'"usage"', b'"session"', b'"model_change"', b'"service_tier_change"', b'"model-snapshot"'),
)
_SESSION_FILE: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d-]+Z?_(.+)")
_ARTIFACTS: Final = "session-artifacts"
_UNFINISHED: Final = ("error", "aborted", "pending", "deferred")
_LONGEST_MS: Final = 3_600_000
_USAGE_ENTRIES: Final = ("usage", "model_usage", "compaction", "branch_summary")


class State(Struct):
    """What later entries of the same session need to know."""

    session: str = ""
    project: str = ""
    parent: str = ""
    begin_ms: int | None = None
    provider: str = ""
    model: str = ""
    tiers: dict[str, str] = {}


_decode_state = msgspec.json.Decoder(State).decode
encode_state = msgspec.json.encode


def state_of(encoded: bytes) -> State:
    """Return the state that a cursor holds; a new one where it holds none of this form."""
    try:
        return _decode_state(encoded) if encoded else State()
    except NOT_JSON:
        return State()


def read_session(source: str, log: LogFile, cursor: Cursor, *, tool_usage: bool) -> Reading:
    """Read what is new in a session's log."""
    state = state_of(cursor.state)
    owner = owner_of(log.path, log.root)
    agent = safe_name(log.path.stem) if owner else ""
    entries = Entries(source, state, session=owner, agent=agent, tool_usage=tool_usage)
    if not state.session:
        state.session = owner or _own_name(log.path)
    records = Records(log.lines, *_MARKS)
    for offset, entry in records:
        entries.take(offset, entry)
    notes = (AgentNote(owner, agent, _kind_of(log.path)),) if owner else ()
    return Reading(
        cursor=Cursor(path=cursor.path, source=source, state=encode_state(state)),
        lineage=Lineage(session=owner or state.session, parent=state.parent),
        sightings=list(entries.sightings.values()),
        facts=tuple(entries.facts),
        notes=notes,
        tally=records.tally() + entries.counts,
    )


class Entries:
    """Takes the entries of one session in their order, and gathers what they tell."""

    def __init__(
        self,
        source: str,
        state: State,
        *,
        session: str = "",
        agent: str = "",
        tool_usage: bool = False,
    ) -> None:
        """Go on from a state; a sub-agent's entries belong to another's session."""
        self.sightings: dict[int, Sighting] = {}
        self.facts: list[RequestFact] = []
        self.counts = Tally()
        self._source = source
        self._state = state
        self._session = session
        self._agent = agent
        self._tool_usage = tool_usage

    def take(self, offset: int, entry: dict[str, Any]) -> None:
        """Take one entry."""
        match entry.get("type"):
            case "message":
                self._take_message(offset, entry, fields(entry.get("message")))
            case kind if kind in _USAGE_ENTRIES:
                self._take_usage(offset, entry, entry, str(kind))
            case "session":
                self._take_header(entry)
            case "model_change":
                self._take_model(entry)
            case "custom" if entry.get("customType") == "model-snapshot":
                self._take_model(fields(entry.get("data")))
            case "service_tier_change":
                self._state.tiers = tiers_of(entry.get("serviceTier"))

    def _take_header(self, entry: dict[str, Any]) -> None:
        """Take the header; a later one is of a session that was copied from."""
        state = self._state
        if state.begin_ms is not None:
            return
        state.begin_ms = instant_ms(entry.get("timestamp")) or 0
        state.session = name_in(entry.get("id")) or state.session
        state.project = name_in(entry.get("cwd"))
        parent = entry.get("parentSession")
        if isinstance(parent, str) and parent:
            state.parent = _own_name(Path(parent.replace("\\", "/")))

    def _take_model(self, change: dict[str, Any]) -> None:
        """Take the model that later entries without one belong to."""
        provider, model = name_in(change.get("provider")), name_in(change.get("modelId"))
        if not model and change.get("role") in (None, "default"):
            provider, _, model = name_in(change.get("model")).partition("/")
        if model:
            self._state.provider, self._state.model = provider, model

    def _take_message(self, offset: int, entry: dict[str, Any], message: dict[str, Any]) -> None:
        role = message.get("role")
        if role == "assistant":
            # A command-line agent's turn: its own logs tell what it cost.
            if message.get("api") != "cli":
                self._take_usage(offset, entry, message, "message")
        elif role == "toolResult" and self._tool_usage and message.get("usage"):
            self._take_usage(offset, entry, message, "toolResult")

    def _take_usage(
        self, offset: int, entry: dict[str, Any], holder: dict[str, Any], kind: str
    ) -> None:
        """Take the usage that an entry or the message in it holds."""
        usage = holder.get("usage", entry.get("usage"))
        if not isinstance(usage, dict):
            return
        counts = counts_of(usage)
        if counts is None:
            if usage:
                self.counts += Tally(unknown=1, sample=field_names(usage))
            return
        if counts.is_nothing:
            self.counts += Tally(synthetic=1)
            return
        instant = instant_ms(entry.get("timestamp")) or instant_ms(holder.get("timestamp"))
        if instant is None:
            self.counts += Tally(undated=1)
            return
        model = self._model_of(entry, holder, kind)
        key = _key_of(entry, holder, kind, model, counts)
        if key in self.sightings:
            self.counts += Tally(repeated=1)
        self.sightings[key] = self._sighting(key, instant, model, counts, offset, holder, kind)
        self._take_durations(key, instant, holder)

    def _model_of(self, entry: dict[str, Any], holder: dict[str, Any], kind: str) -> ModelName:
        """Return who answered: as the entry tells, else as the session was set last."""
        state = self._state
        if kind == "toolResult":
            return ModelName("", "unknown")
        told = name_in(holder.get("model", entry.get("model")))
        provider = name_in(holder.get("provider", entry.get("provider")))
        name = name_in(holder.get("responseModel")) or told or state.model or "unknown"
        provider = provider or ("" if told else state.provider)
        if kind == "message" and told:
            state.provider, state.model = provider, told
        return ModelName(provider, name, tier_of(provider, state.tiers))

    def _sighting(
        self,
        key: int,
        instant: int,
        model: ModelName,
        counts: Counts,
        offset: int,
        holder: dict[str, Any],
        kind: str,
    ) -> Sighting:
        state = self._state
        return Sighting(
            key=key,
            instant_ms=instant,
            first_ms=instant,
            scope=Scope(self._source, self._session or state.session, self._agent, state.project),
            model=model,
            requests=1,
            input=counts.input,
            cache_read=counts.cache_read,
            cache_write_5m=counts.cache_write_5m,
            cache_write_1h=counts.cache_write_1h,
            output=counts.output,
            reasoning=counts.reasoning,
            web_searches=counts.web_searches,
            logged_nano=counts.cost_nano,
            window=None,
            grade=(Grade.DERIVED if kind == "toolResult" else Grade.RECORD).value,
            final=int(holder.get("stopReason") not in _UNFINISHED),
            copied=int(bool(state.parent) and instant < (state.begin_ms or 0)),
            offset=offset,
        )

    def _take_durations(self, key: int, instant: int, holder: dict[str, Any]) -> None:
        """Take how long an answer took: as told, else from its beginning to its entry."""
        duration = count(holder.get("duration", holder.get("durationMs")))
        begin = instant_ms(holder.get("timestamp"))
        if not duration and begin is not None and holder.get("role") == "assistant":
            duration = instant - begin
        if 0 < duration < _LONGEST_MS:
            self.facts.append(RequestFact(key, "duration_ms", duration))
        if first := count(holder.get("ttft")):
            self.facts.append(RequestFact(key, "first_token_ms", first))


def _key_of(
    entry: dict[str, Any], holder: dict[str, Any], kind: str, model: ModelName, counts: Counts
) -> int:
    """Return the key of a request: its response id, else what copies of its entry keep.

    An entry's own id is no part of an answer's key: versions without ids gave them later.
    """
    response = holder.get("responseId")
    if isinstance(response, str) and names_response(response):
        return response_key(response)
    if kind != "message":
        return event_key(_FAMILY, kind, str(entry.get("id")), str(entry.get("timestamp")))
    begun = instant_ms(holder.get("timestamp")) or instant_ms(entry.get("timestamp"))
    told = (counts.input, counts.cache_read, counts.cache_write_5m, counts.output)
    return event_key(_FAMILY, str(begun), model.provider, model.name, repr(told))


def owner_of(path: Path, root: Path) -> str:
    """Return the session in whose folder a sub-agent's log lies; "" for a session of its own."""
    try:
        folders = path.relative_to(root).parts[:-1]
    except ValueError:
        return ""
    if root.name == _ARTIFACTS and folders:
        return safe_name(folders[0])
    found = (match for folder in folders if (match := _SESSION_FILE.fullmatch(folder)))
    return next((safe_name(match[1]) for match in found), "")


def _own_name(path: Path) -> str:
    """Return the session that a log's name tells: the id behind the time, or all of it."""
    match = _SESSION_FILE.fullmatch(path.stem)
    return safe_name(match[1] if match else path.stem)


def _kind_of(path: Path) -> str:
    """Return what sort of sub-agent wrote a log."""
    return "advisor" if path.name.startswith("__advisor.") else "subagent"
