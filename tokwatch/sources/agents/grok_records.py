"""Grok Build's updates: usage of each turn; in older versions only the growth of the context."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

import msgspec

from tokwatch.model.event import Grade, ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.growth import growth, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "grok"
_TURN: Final = b'"turn_completed"'
_OLDER: Final = (_TURN, b'"totalTokens"', b'"user_message_chunk"')
_PARTS: Final = ("inputTokens", "outputTokens", "cachedReadTokens")
_TICKS_A_NANO: Final = 10
"""A dollar is 10^10 ticks."""
_LATEST_S: Final = 1e11
"""A time beyond this is in milliseconds."""


class _State(msgspec.Struct):
    """What later reads of the same updates need to know."""

    told: bool = False
    """True once a turn told its usage: then the context's growth counts nothing."""
    context: int | None = None
    """The last running total."""
    turn: int = 0
    """Turns without usage of their own so far."""
    grown: int = 0
    """What the context grew by in the last one."""
    begin_ms: int = 0
    """When it grew first in the last one."""


_decode_state = msgspec.json.Decoder(_State).decode


class Updates:
    """One read of one session's `updates.jsonl`."""

    def __init__(self, log: LogFile, cursor: Cursor) -> None:
        """Go on from a cursor's state."""
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        self._records = Records(log.lines, *((_TURN,) if self._state.told else _OLDER))
        self._path = cursor.path
        summary = read_object(log.path.with_name("summary.json"))
        about, kind = part(summary, "info"), plain(summary.get("session_kind"))
        folder = unquote(log.path.parent.parent.name)
        project = plain(about.get("cwd")) or (folder if "/" in folder or "\\" in folder else "")
        self._session = session = safe_name(log.path.parent.name)
        parent = name_in(summary.get("parent_session_id"))
        self._is_agent = kind.startswith("subagent")
        by_agent = bool(self._is_agent and parent)
        self.scope = Scope(
            NAME, parent if by_agent else session, session if by_agent else "", safe_name(project)
        )
        self._model = name_in(summary.get("current_model_id")) or "unknown"
        # A fork begins with a copy of its parent's updates, made just before its summary.
        forked = instant_ms(summary.get("created_at")) if parent and not self._is_agent else None
        self.copied_until_ms = forked or 0
        self.sightings: dict[int, Sighting] = {}
        self._facts: list[RequestFact] = []

    def read(self) -> Reading:
        """Read what is new."""
        for offset, record in self._records:
            self.take(offset, record)
        return Reading(
            cursor=Cursor(path=self._path, source=NAME, state=self.encoded()),
            sightings=list(self.sightings.values()),
            facts=tuple(self._facts),
            tally=self._records.tally(),
        )

    def encoded(self) -> bytes:
        """Return what the next read needs as a cursor's state."""
        return msgspec.json.encode(self._state)

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one update."""
        params = part(record, "params")
        update = part(params, "update")
        meta = part(params, "_meta") or part(record, "_meta")
        kind = update.get("sessionUpdate")
        if kind == "turn_completed" and update.get("usage") is not None:
            self._take_turn(offset, update, meta, record.get("timestamp"))
        elif not self._state.told:
            if kind == "user_message_chunk" and self._state.grown:
                self._state.turn += 1
                self._state.grown = 0
            self._take_context(offset, meta, record.get("timestamp"))

    def _take_turn(
        self, offset: int, update: dict[str, Any], meta: dict[str, Any], stamp: object
    ) -> None:
        """Take a turn's usage, by model; its sub-agents' is inside."""
        usage = update["usage"]
        rows = _rows(usage, update, self._model) if isinstance(usage, dict) else {}
        if not rows:
            self._records.unknown(usage if isinstance(usage, dict) else update)
            return
        moment = self._records.dated(moment_of(meta, stamp))
        if moment is None:
            return
        if not self._state.told:
            self._withdraw_growth(moment, offset)
            self._state.told = True
        if self._is_agent:
            return
        # A fork keeps the ids of the turns that it copied.
        turn = plain(update.get("prompt_id")) or plain(meta.get("eventId"))
        names = ("turn", turn) if turn else ("at", self._session, str(offset))
        final = not usage.get("usageIsIncomplete")
        cost = _ticks(usage, update) if len(rows) == 1 else None
        for model, row in rows.items():
            # Alone, a model is no part of the name: it may be known from elsewhere.
            key = event_key(NAME, *names, *((model,) if len(rows) > 1 else ()))
            sighting = self._sighting(key, moment, offset, model)
            sighting = _with_counts(sighting, row, final=final)
            if sighting.logged_nano is None:
                sighting = sighting._replace(logged_nano=cost)
            if sighting.input or sighting.cache_read or sighting.output:
                self._records.repeated += sighting.key in self.sightings
                self.sightings[sighting.key] = sighting
                if sighting.requests == 1 and (duration := count(row.get("apiDurationMs"))):
                    self._facts.append(RequestFact(sighting.key, "duration_ms", duration))

    def _take_context(self, offset: int, meta: dict[str, Any], stamp: object) -> None:
        """Take what the context grew by, which is less than what was sent."""
        now, state = total(meta.get("totalTokens")), self._state
        moment = moment_of(meta, stamp)
        if now is None or moment is None:
            return
        before = None if state.context is None else (state.context,)
        [grown] = growth(before, (now,))
        state.context = now
        if not grown or moment < self.copied_until_ms:
            return
        state.begin_ms = state.begin_ms if state.grown else moment
        state.grown += grown
        sighting = self._sighting(self._growth_key(state.turn), moment, offset, self._model)
        self.sightings[sighting.key] = sighting._replace(
            first_ms=min(state.begin_ms, moment),
            input=state.grown,
            grade=Grade.DERIVED,
            final=0,
        )

    def _withdraw_growth(self, moment: int, offset: int) -> None:
        """Let the growth that was counted so far count nothing: turns tell their usage."""
        for turn in range(self._state.turn + bool(self._state.grown)):
            key = self._growth_key(turn)
            ghost = self._sighting(key, moment, offset, self._model)
            self.sightings[key] = ghost._replace(grade=Grade.GHOST)

    def _growth_key(self, turn: int) -> int:
        return event_key(NAME, "growth", self._session, str(turn))

    def _sighting(self, key: int, moment: int, offset: int, model: str) -> Sighting:
        """Return a request without counts."""
        named = ModelName("xai" if model.lower().startswith("grok") else "", model)
        return Sighting(
            *(key, moment, moment, self.scope, named, 1, None, None, None, None, None, None, 0),
            *(None, None, Grade.RECORD, 1, int(moment < self.copied_until_ms), offset),
        )


def _rows(
    usage: dict[str, Any], update: dict[str, Any], fallback: str
) -> dict[str, dict[str, Any]]:
    """Return a turn's usage by model; under the session's model where it is not told apart."""
    apart = part(usage, "modelUsage") or part(update, "modelUsage")
    rows = {
        safe_name(model) or fallback: row
        for model, row in apart.items()
        if isinstance(row, dict) and any(name in row for name in _PARTS)
    }
    return rows or ({fallback: usage} if any(name in usage for name in _PARTS) else {})


def _with_counts(sighting: Sighting, row: dict[str, Any], *, final: bool) -> Sighting:
    """Return a sighting with a row's counts: its input includes what the cache read and wrote."""
    whole, output = count(row.get("inputTokens")), count(row.get("outputTokens"))
    cached = min(count(row.get("cachedReadTokens")), whole)
    written_1h = min(count(row.get("cacheWrite1hInputTokens")), whole - cached)
    told = count(row.get("cacheWrite5mInputTokens")) or count(row.get("cacheCreationTokens"))
    written_5m = min(told, whole - cached - written_1h)
    return sighting._replace(
        requests=count(row.get("modelCalls")) or 1,
        input=whole - cached - written_5m - written_1h,
        cache_read=cached,
        cache_write_5m=written_5m,
        cache_write_1h=written_1h,
        output=output,
        reasoning=min(count(row.get("reasoningTokens")), output),
        logged_nano=_ticks(row) if final else None,
        final=int(final),
    )


def _ticks(*places: dict[str, Any]) -> int | None:
    """Return a whole cost in nano-dollars; None where there is none or only a part of it."""
    if any(place.get("costIsPartial") or place.get("usageIsIncomplete") for place in places):
        return None
    ticks = next((found for place in places if (found := place.get("costUsdTicks"))), None)
    if isinstance(ticks, bool) or not isinstance(ticks, int) or not 0 < ticks < 10**16:
        return None
    return round(ticks / _TICKS_A_NANO)


def moment_of(meta: dict[str, Any], stamp: object) -> int | None:
    """Return when an update was made: a copy keeps the agent's time, not the other one."""
    moment = instant_ms(meta.get("agentTimestampMs"))
    if moment is None and isinstance(stamp, int | float) and not isinstance(stamp, bool):
        return instant_ms(round(stamp * 1000) if 0 < stamp < _LATEST_S else stamp)
    return instant_ms(stamp) if moment is None else moment
