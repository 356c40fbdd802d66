"""Reads usage from a Claude Code transcript, by the rules C1-C11 of docs/sources.md.

One response is several lines with one `message.id`; the last line of a log counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key, response_key
from tokwatch.model.reading import AgentNote, Cursor, LedgerLine, Lineage, Reading, Tally
from tokwatch.sources.agents.claude_code import NAME
from tokwatch.sources.agents.claude_records import (
    AssistantLine,
    CostState,
    Echo,
    EchoData,
    Echoed,
    UsageRecord,
    decode_echo,
    decode_ledger,
    decode_line,
    iterations_of,
    loose_line,
    loose_message,
    model_name,
    tells_nothing,
    text_or_none,
    token_classes,
)
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.text import safe_name
from tokwatch.sources.unknown import fields_at

SYNTHETIC: Final = "<synthetic>"


class _State(Struct):
    """What later reads of the same log need to know."""

    session: str = ""
    last_ms: int = 0
    """Of the last response in the log: own totals have no time and count what came before."""
    project: str = ""
    kind: str = ""
    careful: bool = False
    """True once a line had a timestamp that is none: then each one is looked at."""


_decode_state = msgspec.json.Decoder(_State).decode
_decode_any = msgspec.json.decode
_sighting: Final = partial(tuple.__new__, Sighting)
"""Makes a sighting of a tuple; the class itself takes twice as long."""

_RECORD, _ECHO = Grade.RECORD.value, Grade.ECHO.value
_TYPE: Final = b'"type":"'
_AFTER_TYPE: Final = len(_TYPE)
_GLUED: Final = b'"type":"assistant"'
_GLUE_WINDOW: Final = -700
"""A record glued behind a skipped one shows its type within so many bytes of the line's end."""
_BRACE: Final = ord("}")
_TELLING: Final = (b"pr", b"co")
_WHOLE_ENDS: Final = (b"}\n", b"}\r\n", b"}")
_CAREFUL_STATE: Final = msgspec.json.encode(_State(careful=True))


class Transcript:
    """One read of one transcript."""

    def __init__(self, root: Path, cursor: Cursor) -> None:
        self._path = path = Path(cursor.path)
        self._stem = path.stem
        parts = _below_projects(path, root)
        is_agent = self._stem.startswith("agent-")
        self._agent = self._stem.removeprefix("agent-") if is_agent else ""
        self._nested = len(parts) > 2
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        if not self._state.session:
            self._state.session = self._session_from(parts)
        self._records: dict[str, tuple[int, AssistantLine]] = {}
        self._echoes: dict[str, tuple[int, AssistantLine]] = {}
        self._firsts: dict[str, str] = {}
        self._echo_firsts: dict[str, str] = {}
        self._ledger: CostState | None = None
        self._ledger_ms = self._repeated = 0
        self._scopes: dict[tuple[str | None, str], Scope] = {}
        self._models: dict[tuple[str | None, str | None, str | None, str | None], ModelName] = {}
        self._bad = self._glued = self._undated = self._synthetic = 0
        self._unknown: list[int] = []
        self._misdated = False

    def _session_from(self, parts: tuple[str, ...]) -> str:
        """Return the session that the path names; a flat agent file names it in its lines."""
        if self._nested:
            return safe_name(parts[1])
        return "" if self._agent else safe_name(self._stem)

    def read(self, lines: Lines) -> Reading:
        """Read all complete lines and return the reading, without the cursor's position."""
        self._scan(lines)
        sightings = self._sightings()
        self._state.last_ms = self._last_ms()
        notes = self._notes()
        return Reading(
            cursor=Cursor(
                path=str(self._path), source=NAME, state=msgspec.json.encode(self._state)
            ),
            lineage=Lineage(session=self._state.session),
            sightings=sightings,
            ledger=tuple(self._ledger_lines()),
            notes=notes,
            tally=Tally(
                lines=lines.count,
                glued_lines=self._glued,
                bad_lines=self._bad,
                oversized_lines=lines.oversized,
                undated=self._undated,
                synthetic=self._synthetic,
                unknown=len(self._unknown),
                sample=fields_at(self._path, self._unknown, "message", "usage"),
                repeated=self._repeated,
            ),
            restart_state=_CAREFUL_STATE if self._misdated and not self._state.careful else None,
        )

    def _scan(self, lines: Lines) -> None:
        """Look at each line's head and decode only what can carry usage."""
        take, decode = self._take_line, decode_line
        for offset, run in lines:
            for line in run:
                second = line.find(b"{", 1)
                at = line.find(_TYPE, 0, second)
                if at > 0:
                    kind = line[at + _AFTER_TYPE : at + _AFTER_TYPE + 2]
                    if kind != b"as":
                        if kind in _TELLING:
                            self._take_other(offset, line, kind, at)
                        elif line.find(_GLUED, _GLUE_WINDOW) > 0 or (
                            line[-2] != _BRACE and not line.endswith(_WHOLE_ENDS)
                        ):
                            self._take_broken(offset, line)
                        offset += len(line)
                        continue
                elif line[second - 13 : second] == b'"attachment":':
                    self._take_other(offset, line, b"at", at)
                    offset += len(line)
                    continue
                try:
                    record = decode(line)
                except NOT_JSON:
                    self._take_broken(offset, line)
                else:
                    if record.type == "assistant":
                        take(offset, record)
                    elif record.type == "progress":
                        self._take_echo(offset, line)
                    elif record.type == "cost-state":
                        self._take_ledger(offset, line)
                offset += len(line)

    def _take_other(self, offset: int, line: bytes, kind: bytes, at: int) -> None:
        """Take what a line that is not an assistant's may hold: an echo, totals, a glued record."""
        if kind == b"pr":
            if line.find(b'"usage"', at) > 0:
                self._take_echo(offset, line)
        elif kind == b"co":
            self._take_ledger(offset, line)
        elif line.find(_GLUED, _GLUE_WINDOW) > 0 or (
            line[-2] != _BRACE and not line.endswith(_WHOLE_ENDS)
        ):
            self._take_broken(offset, line)

    def _take_line(self, offset: int, record: AssistantLine) -> None:
        """Keep an assistant line with usage as the latest of its response."""
        message = record.message
        if message is None or message.usage is None:
            return
        stamp = record.timestamp
        if message.model == SYNTHETIC:
            self._synthetic += 1
        elif message.usage.input_tokens is None and tells_nothing(message.usage):
            self._unknown.append(offset)
        elif stamp is None or (self._state.careful and instant_ms(stamp) is None):
            self._undated += 1
        else:
            key = message.id or f"{self._path.name}:{offset}"
            first = self._firsts.get(key)
            self._repeated += first is not None
            if first is None or stamp < first:
                self._firsts[key] = stamp
            self._records[key] = (offset, record)

    def _take_echo(self, offset: int, line: bytes) -> None:
        """Keep a progress line's copy of a sub-agent's message, unless its own record is here."""
        try:
            echo = decode_echo(line)
        except NOT_JSON:
            self._take_broken(offset, line)
            return
        self._keep_echo(offset, echo)

    def _keep_echo(self, offset: int, echo: Echo) -> None:
        echoed = echo.data.message if echo.data else None
        message = echoed.message if echoed else None
        if message is None or message.usage is None or not message.id or echo.data is None:
            return
        if message.model == SYNTHETIC:
            return
        stamp = (echoed.timestamp if echoed else None) or echo.timestamp
        if stamp is not None and not (self._state.careful and instant_ms(stamp) is None):
            first = self._echo_firsts.get(message.id, stamp)
            self._echo_firsts[message.id] = min(first, stamp)
            self._echoes[message.id] = (
                offset,
                AssistantLine(
                    message=message,
                    timestamp=stamp,
                    agentId=echo.data.agentId,
                    cwd=echo.cwd,
                    gitBranch=echo.gitBranch,
                ),
            )

    def _take_ledger(self, offset: int, line: bytes) -> None:
        """Keep the session's latest own totals (`cost-state`)."""
        try:
            self._keep_ledger(decode_ledger(line))
        except NOT_JSON:
            self._take_broken(offset, line)

    def _keep_ledger(self, ledger: CostState) -> None:
        if ledger.modelUsage:
            self._ledger = ledger
            self._ledger_ms = self._last_ms()

    def _last_ms(self) -> int:
        """Return the instant of the response read last, here or before."""
        for _, record in reversed(self._records.values()):
            return instant_ms(record.timestamp) or 0
        return self._state.last_ms

    def _take_broken(self, offset: int, line: bytes) -> None:
        """Take what can be taken from a line that is not one plain record."""
        whole, found = objects_of(line)
        if not whole:
            self._bad += 1
        elif len(found) > 1:
            self._glued += 1
        for place, record in found:
            self._take_loose(offset + place, record)

    def _take_loose(self, offset: int, record: dict[str, Any]) -> None:
        """Take one decoded record whose fields may have any type."""
        kind = record.get("type")
        if kind == "assistant":
            self._take_line(offset, loose_line(record))
        elif kind == "progress" and isinstance(data := record.get("data"), dict):
            echoed = data.get("message")
            if isinstance(echoed, dict) and isinstance(echoed.get("message"), dict):
                inner = Echoed(
                    loose_message(echoed["message"]), text_or_none(echoed.get("timestamp"))
                )
                echo = Echo(EchoData(inner, text_or_none(data.get("agentId"))))
                echo.timestamp = text_or_none(record.get("timestamp"))
                self._keep_echo(offset, echo)
        elif kind == "cost-state":
            try:
                self._keep_ledger(msgspec.convert(record, CostState))
            except (msgspec.ValidationError, UnicodeError):
                self._unknown.append(offset)

    def _sightings(self) -> list[Sighting]:
        """Return one sighting for each response, one more for each earlier billed iteration."""
        found: list[Sighting] = []
        firsts = self._firsts
        for key, (offset, record) in self._records.items():
            self._add_response(found, key, _RECORD, offset, record, firsts[key])
        for key, (offset, record) in self._echoes.items():
            if key not in self._records:
                self._add_response(found, key, _ECHO, offset, record, self._echo_firsts[key])
        return found

    def _add_response(
        self,
        found: list[Sighting],
        key: str,
        grade: int,
        offset: int,
        record: AssistantLine,
        first: str,
    ) -> None:
        message, stamp = record.message, record.timestamp
        moment = instant_ms(stamp)
        begun = moment if first is stamp else instant_ms(first)
        if moment is None or begun is None or message is None or (usage := message.usage) is None:
            self._undated += 1
            self._misdated = True
            return
        agent = self._agent or record.agentId or ("sidechain" if record.isSidechain else "")
        scope = self._scopes.get((record.gitBranch, agent)) or self._scope(record, agent)
        final = 1 if message.stop_reason and not record.isAbortedMidStream else 0
        copied = 1 if record.requestSessionId not in (None, record.sessionId) else 0
        logged = None if record.costUSD is None else nano(record.costUSD)
        name, billed = message.model, usage
        parts = iterations_of(usage.iterations, name) if usage.iterations else ()
        if len(parts) > 1:
            *earlier, (name, billed) = parts
            for place, (each_name, each) in enumerate(earlier):
                model = self._model(each_name, each if each.service_tier or each.speed else usage)
                found.append(
                    Sighting(
                        event_key("response", key, str(place)), moment, begun, scope, model, 0,
                        *token_classes(each), None, None, grade, final, copied, offset,
                    )
                )  # fmt: skip
        found.append(
            _sighting(
                (
                    response_key(key), moment, begun, scope, self._model(name, usage), 1,
                    *token_classes(billed), logged, None, grade, final, copied, offset,
                )
            )
        )  # fmt: skip

    def _scope(self, record: AssistantLine, agent: str) -> Scope:
        state = self._state
        state.session = state.session or safe_name(record.sessionId or self._path.stem)
        state.project = state.project or safe_name(record.cwd or self._path.parent.name)
        scope = Scope(
            source=NAME,
            session=state.session,
            agent=safe_name(agent),
            project=state.project,
            branch=safe_name(record.gitBranch or ""),
        )
        self._scopes[record.gitBranch, agent] = scope
        return scope

    def _model(self, name: str | None, usage: UsageRecord) -> ModelName:
        index = (name, usage.service_tier, usage.speed, usage.inference_geo)
        model = self._models.get(index)
        if model is None:
            model = self._models[index] = model_name(*index)
        return model

    def _ledger_lines(self) -> Iterator[LedgerLine]:
        if self._ledger is None:
            return
        begun = instant_ms(self._ledger.startTime) or 0
        moment = begun + count(self._ledger.totalDuration)
        moment = max(moment, self._ledger_ms)
        for name, usage in self._ledger.modelUsage.items():
            writes = count(usage.cacheCreationInputTokens)
            write_1h = min(count(usage.cacheCreationEphemeral1hInputTokens), writes)
            yield LedgerLine(
                session=safe_name(self._ledger.sessionId) or self._state.session,
                model=safe_name(name),
                instant_ms=moment,
                input=count(usage.inputTokens),
                cache_read=count(usage.cacheReadInputTokens),
                cache_write_5m=writes - write_1h,
                cache_write_1h=write_1h,
                output=count(usage.outputTokens),
                reasoning=min(count(usage.thinkingTokens), count(usage.outputTokens)),
                web_searches=count(usage.webSearchRequests),
                cost_nano=nano(usage.costUSD) or 0,
            )

    def _notes(self) -> tuple[AgentNote, ...]:
        """Return the kind of a sub-agent, from the small file beside its transcript."""
        if not self._agent or self._state.kind or not self._state.session:
            return ()
        beside = self._path.with_name(self._path.stem + ".meta.json")
        try:
            meta = _decode_any(beside.read_bytes())
        except (OSError, *NOT_JSON):
            return ()
        kind = (
            safe_name(text_or_none(meta.get("agentType")) or "") if isinstance(meta, dict) else ""
        )
        if not kind:
            return ()
        self._state.kind = kind
        return (AgentNote(self._state.session, safe_name(self._agent), kind),)


def _below_projects(path: PurePath, root: Path) -> tuple[str, ...]:
    """Return the path's parts below the nearest `projects` folder: project, session, ..."""
    parts = path.parts
    if "projects" in parts[:-1]:
        return parts[len(parts) - parts[::-1].index("projects") :]
    return path.relative_to(root).parts if path.is_relative_to(root) else parts[-1:]
