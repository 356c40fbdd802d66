"""Claude Code transcripts: finds them and reads usage by the rules C1-C11 of docs/sources.md.

One response is several lines with one `message.id`; the last line of a log counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePath
from shlex import quote
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model import (
    AgentNote,
    Cursor,
    Grade,
    LedgerLine,
    Lineage,
    ModelName,
    Reading,
    Scope,
    Sighting,
    Tally,
    event_key,
)
from tokwatch.sources.claude_roots import claude_retention, claude_roots, is_transcript
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.source import Root, Surroundings
from tokwatch.sources.text import safe_name

NAME: Final = "claude-code"
SYNTHETIC: Final = "<synthetic>"


class _CacheCreation(Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class _OutputDetails(Struct, gc=False):
    thinking_tokens: int | None = None


class _ServerTools(Struct, gc=False):
    web_search_requests: int | None = 0


class _Usage(Struct, gc=False):
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_creation: _CacheCreation | None = None
    output_tokens_details: _OutputDetails | None = None
    server_tool_use: _ServerTools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: list[dict[str, Any]] | None = None  # entries are checked one by one
    model: str | None = None


class _Message(Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    stop_reason: str | None = None


class _Line(Struct, gc=False):
    message: _Message | None = None
    type: str | None = None
    timestamp: str | None = None
    sessionId: str | None = None
    requestSessionId: str | None = None
    agentId: str | None = None
    isSidechain: bool | None = False
    isAbortedMidStream: bool | None = False
    cwd: str | None = None
    gitBranch: str | None = None
    costUSD: float | None = None


class _Echoed(Struct, gc=False):
    message: _Message | None = None
    timestamp: str | None = None


class _EchoData(Struct, gc=False):
    message: _Echoed | None = None
    agentId: str | None = None


class _Echo(Struct, gc=False):
    data: _EchoData | None = None
    timestamp: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None


class _ModelLedger(Struct, gc=False):
    inputTokens: int = 0
    outputTokens: int = 0
    thinkingTokens: int = 0
    cacheReadInputTokens: int = 0
    cacheCreationInputTokens: int = 0
    cacheCreationEphemeral5mInputTokens: int | None = None
    cacheCreationEphemeral1hInputTokens: int | None = None
    webSearchRequests: int = 0
    costUSD: float = 0.0


class _CostState(Struct, gc=False):
    sessionId: str = ""
    modelUsage: dict[str, _ModelLedger] = {}
    startTime: int | float = 0
    totalDuration: int | float = 0


class _State(Struct):
    """What later reads of the same log need to know."""

    session: str = ""
    last_ms: int = 0
    """Of the last response in the log: own totals have no time and count what came before."""
    project: str = ""
    kind: str = ""
    careful: bool = False
    """True once a line had a timestamp that is none: then each one is looked at."""


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_echo = msgspec.json.Decoder(_Echo).decode
_decode_ledger = msgspec.json.Decoder(_CostState).decode
_decode_state = msgspec.json.Decoder(_State).decode
_decode_any = msgspec.json.decode
_sighting: Final = partial(tuple.__new__, Sighting)
"""Makes a sighting of a tuple; the class itself takes twice as long."""

_TYPE: Final = b'"type":"'
_AFTER_TYPE: Final = len(_TYPE)
_GLUED: Final = b'"type":"assistant"'
_GLUE_WINDOW: Final = -700
"""A record glued behind a skipped one shows its type within so many bytes of the line's end."""
_BRACE: Final = ord("}")
_WHOLE_ENDS: Final = (b"}\n", b"}\r\n", b"}")
_CAREFUL_STATE: Final = msgspec.json.encode(_State(careful=True))


class ClaudeCode:
    """Reads `projects/**/*.jsonl` below each Claude folder."""

    name = NAME
    title = "Claude Code"
    version = 1

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the `projects` folders of every place where Claude Code keeps them."""
        return claude_roots(where)

    def wants(self, path: str) -> bool:
        """Take transcripts and sub-agents' transcripts."""
        return is_transcript(path)

    def read(self, lines: Lines, root: Path, cursor: Cursor) -> Reading:
        """Read usage, the session's own totals and the agent's kind."""
        return _Transcript(root, cursor).read(lines)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"claude --resume {quote(session)}"

    def retention(self, where: Surroundings) -> str:
        """Return after how many days Claude Code deletes transcripts, and how to change it."""
        return claude_retention(where)

    def title_of(self, path: Path) -> str:
        """Return the session's title: the tool's own, else its first words."""
        from tokwatch.sources.claude_titles import title_of

        return title_of(path)


class _Transcript:
    """One read of one transcript."""

    def __init__(self, root: Path, cursor: Cursor) -> None:
        path = PurePath(cursor.path)
        parts = _below_projects(path, root)
        self._path = Path(cursor.path)
        self._agent = path.stem.removeprefix("agent-") if path.stem.startswith("agent-") else ""
        self._nested = len(parts) > 2
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        if not self._state.session:
            self._state.session = self._session_from(parts)
        self._records: dict[str, tuple[int, _Line]] = {}
        self._echoes: dict[str, tuple[int, _Line]] = {}
        self._firsts: dict[str, str] = {}
        self._echo_firsts: dict[str, str] = {}
        self._ledger: _CostState | None = None
        self._ledger_ms = 0
        self._scopes: dict[tuple[str | None, str], Scope] = {}
        self._models: dict[tuple[str | None, str | None, str | None, str | None], ModelName] = {}
        self._bad = self._glued = self._undated = self._synthetic = self._unknown = 0
        self._misdated = False

    def _session_from(self, parts: tuple[str, ...]) -> str:
        """Return the session that the path names; a flat agent file names it in its lines."""
        if self._nested:
            return safe_name(parts[1])
        return "" if self._agent else safe_name(PurePath(parts[-1]).stem)

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
                unknown=self._unknown,
            ),
            restart_state=_CAREFUL_STATE if self._misdated and not self._state.careful else None,
        )

    def _scan(self, lines: Lines) -> None:
        """Look at each line's head and decode only what can carry usage."""
        take, decode = self._take_line, _decode_line
        for offset, run in lines:
            for line in run:
                second = line.find(b"{", 1)
                at = line.find(_TYPE, 0, second)
                if at > 0:
                    kind = line[at + _AFTER_TYPE : at + _AFTER_TYPE + 2]
                    if kind != b"as":
                        self._take_other(offset, line, kind, at)
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

    def _take_line(self, offset: int, record: _Line) -> None:
        """Keep an assistant line with usage as the latest of its response."""
        message = record.message
        if message is None or message.usage is None:
            return
        stamp = record.timestamp
        if message.model == SYNTHETIC:
            self._synthetic += 1
        elif stamp is None or (self._state.careful and instant_ms(stamp) is None):
            self._undated += 1
        else:
            key = message.id or f"{self._path.name}:{offset}"
            first = self._firsts.get(key)
            if first is None or stamp < first:
                self._firsts[key] = stamp
            self._records[key] = (offset, record)

    def _take_echo(self, offset: int, line: bytes) -> None:
        """Keep a progress line's copy of a sub-agent's message, unless its own record is here."""
        try:
            echo = _decode_echo(line)
        except NOT_JSON:
            self._take_broken(offset, line)
            return
        self._keep_echo(offset, echo)

    def _keep_echo(self, offset: int, echo: _Echo) -> None:
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
                _Line(
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
            self._keep_ledger(_decode_ledger(line))
        except NOT_JSON:
            self._take_broken(offset, line)

    def _keep_ledger(self, ledger: _CostState) -> None:
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
            self._take_line(offset, _loose_line(record))
        elif kind == "progress" and isinstance(data := record.get("data"), dict):
            echoed = data.get("message")
            if isinstance(echoed, dict) and isinstance(echoed.get("message"), dict):
                inner = _Echoed(_loose_message(echoed["message"]), _text(echoed.get("timestamp")))
                echo = _Echo(_EchoData(inner, _text(data.get("agentId"))))
                echo.timestamp = _text(record.get("timestamp"))
                self._keep_echo(offset, echo)
        elif kind == "cost-state":
            try:
                self._keep_ledger(msgspec.convert(record, _CostState))
            except (msgspec.ValidationError, UnicodeError):
                self._unknown += 1

    def _sightings(self) -> list[Sighting]:
        """Return one sighting for each response, one more for each earlier billed iteration."""
        found: list[Sighting] = []
        firsts = self._firsts
        for key, (offset, record) in self._records.items():
            self._add_response(found, key, Grade.RECORD.value, offset, record, firsts[key])
        for key, (offset, record) in self._echoes.items():
            if key not in self._records:
                self._add_response(
                    found, key, Grade.ECHO.value, offset, record, self._echo_firsts[key]
                )
        return found

    def _add_response(
        self,
        found: list[Sighting],
        key: str,
        grade: int,
        offset: int,
        record: _Line,
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
        parts = _iterations(usage.iterations, name) if usage.iterations else ()
        if len(parts) > 1:
            *earlier, (name, billed) = parts
            for place, (each_name, each) in enumerate(earlier):
                model = self._model(each_name, each if each.service_tier or each.speed else usage)
                found.append(
                    Sighting(
                        event_key(NAME, key, str(place)), moment, begun, scope, model, 0,
                        *_token_classes(each), None, None, grade, final, copied, offset,
                    )
                )  # fmt: skip
        found.append(
            _sighting(
                (
                    event_key(NAME, key), moment, begun, scope, self._model(name, usage), 1,
                    *_token_classes(billed), logged, None, grade, final, copied, offset,
                )
            )
        )  # fmt: skip

    def _scope(self, record: _Line, agent: str) -> Scope:
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

    def _model(self, name: str | None, usage: _Usage) -> ModelName:
        index = (name, usage.service_tier, usage.speed, usage.inference_geo)
        model = self._models.get(index)
        if model is None:
            model = self._models[index] = _model_name(*index)
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
        kind = safe_name(_text(meta.get("agentType")) or "") if isinstance(meta, dict) else ""
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


def _token_classes(
    usage: _Usage,
) -> tuple[int, int, int, int, int, int | None, int]:
    """Return input, cache read, writes of 5 min and 1 h, output, reasoning, web searches.

    What the split of cache writes does not cover lives five minutes.
    """
    fresh, read = usage.input_tokens or 0, usage.cache_read_input_tokens or 0
    output, whole = usage.output_tokens or 0, usage.cache_creation_input_tokens or 0
    split, details, tools = (
        usage.cache_creation,
        usage.output_tokens_details,
        usage.server_tool_use,
    )
    short = long = searches = 0
    reasoning = None
    if split is not None:
        short = split.ephemeral_5m_input_tokens or 0
        long = split.ephemeral_1h_input_tokens or 0
    if details is not None:
        reasoning = details.thinking_tokens or 0
    if tools is not None:
        searches = tools.web_search_requests or 0
    if (fresh | read | output | whole | short | long | searches | (reasoning or 0)) >> 33:
        fresh, read, output, whole = count(fresh), count(read), count(output), count(whole)
        short, long, searches = count(short), count(long), count(searches)
    if short + long < whole:
        short = whole - long
    if reasoning is not None:
        reasoning = min(count(reasoning), output)
    return fresh, read, short, long, output, reasoning, searches


def _iterations(
    entries: list[dict[str, Any]], model: str | None
) -> list[tuple[str | None, _Usage]]:
    """Return the model and usage of each billed iteration of one response."""
    return [
        (_text(entry.get("model")) or model, _loose_usage(entry))
        for entry in entries
        if isinstance(entry, dict) and "input_tokens" in entry
    ]


def _model_name(
    name: str | None, tier: str | None, speed: str | None, geography: str | None
) -> ModelName:
    """Return the model with what decides its price: tier, fast mode and region."""
    clean = safe_name(name or "") or "unknown"
    priced = "fast" if speed == "fast" else safe_name(tier or "") or "standard"
    if geography == "us":
        priced += "+us"
    return ModelName(_provider(clean), clean, priced)


def _provider(model: str) -> str:
    """Return who serves a model of this name, or "" where the name does not tell."""
    if "anthropic.claude" in model:
        return "bedrock"
    if model.startswith("claude"):
        return "vertex" if "@" in model else "anthropic"
    return ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _loose_usage(found: dict[str, Any]) -> _Usage:
    """Return usage from fields of any type."""
    split, details = found.get("cache_creation"), found.get("output_tokens_details")
    tools, entries = found.get("server_tool_use"), found.get("iterations")
    return _Usage(
        input_tokens=count(found.get("input_tokens")),
        output_tokens=count(found.get("output_tokens")),
        cache_read_input_tokens=count(found.get("cache_read_input_tokens")),
        cache_creation_input_tokens=count(found.get("cache_creation_input_tokens")),
        cache_creation=_CacheCreation(
            count(split.get("ephemeral_5m_input_tokens")),
            count(split.get("ephemeral_1h_input_tokens")),
        )
        if isinstance(split, dict)
        else None,
        output_tokens_details=_OutputDetails(count(details.get("thinking_tokens")))
        if isinstance(details, dict)
        else None,
        server_tool_use=_ServerTools(count(tools.get("web_search_requests")))
        if isinstance(tools, dict)
        else None,
        service_tier=_text(found.get("service_tier")),
        speed=_text(found.get("speed")),
        inference_geo=_text(found.get("inference_geo")),
        iterations=entries if isinstance(entries, list) else None,
    )


def _loose_message(found: dict[str, Any]) -> _Message:
    usage = found.get("usage")
    return _Message(
        id=_text(found.get("id")),
        model=_text(found.get("model")),
        usage=_loose_usage(usage) if isinstance(usage, dict) else None,
        stop_reason=_text(found.get("stop_reason")),
    )


def _loose_line(found: dict[str, Any]) -> _Line:
    """Return an assistant line from fields of any type."""
    message, cost = found.get("message"), found.get("costUSD")
    stamp = found.get("timestamp")
    return _Line(
        message=_loose_message(message) if isinstance(message, dict) else None,
        type="assistant",
        timestamp=stamp if isinstance(stamp, str) else _stamp_text(stamp),
        sessionId=_text(found.get("sessionId")),
        requestSessionId=_text(found.get("requestSessionId")),
        agentId=_text(found.get("agentId")),
        isSidechain=found.get("isSidechain") is True,
        isAbortedMidStream=found.get("isAbortedMidStream") is True,
        cwd=_text(found.get("cwd")),
        gitBranch=_text(found.get("gitBranch")),
        costUSD=cost if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
    )


def _stamp_text(value: object) -> str | None:
    """Return an epoch stamp as ISO text, so that one kind of stamp is left."""
    from datetime import UTC, datetime

    moment = instant_ms(value)
    return None if moment is None else datetime.fromtimestamp(moment / 1000, UTC).isoformat()
