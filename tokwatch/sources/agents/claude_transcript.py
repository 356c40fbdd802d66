"""Reads usage from a Claude Code transcript, by the rules C1-C11 of docs/sources.md.

One response is several lines with one `message.id`; the last line of a log counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key, response_key
from tokwatch.model.reading import AgentNote, Cursor, LedgerLine, Lineage, Reading, Tally
from tokwatch.sources.agents.claude_code import NAME
from tokwatch.sources.agents.claude_records import (
    CLASSES,
    FIELDS,
    FIRST_MOMENT,
    HAS_USAGE,
    ID,
    INPUT,
    LATEST,
    MODEL,
    MOMENT,
    REPLACED_ROWS,
    CostState,
    EchoData,
    Echoed,
    TranscriptLine,
    decode_ledger,
    decode_line,
    iterations_of,
    loose_line,
    loose_message,
    model_name,
    pick,
    row_of,
    text_or_none,
    token_classes,
    usage_classes,
)
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Found, Lines, Row
from tokwatch.sources.sieve import GIVE, PICK, Head, Heads, Sieve
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


_decode_state = msgspec.json.Decoder(_State).decode
_decode_any = msgspec.json.decode
_sighting: Final = partial(tuple.__new__, Sighting)
"""Makes a sighting of a tuple; the class itself takes twice as long."""

_RECORD, _ECHO = Grade.RECORD.value, Grade.ECHO.value
_NOTHING: Final = (None,) * 4
_SIEVE: Final = Sieve(
    Heads(
        types=("assistant",),
        heads=(
            Head(b"as", PICK),
            Head(b"pr", GIVE, holding=b'"usage"'),
            Head(b"co", GIVE),
        ),
        untyped=PICK,
        aside=b'"attachment":',
        glued=b'"type":"assistant"',
        window=700,
    ),
    FIELDS,
    pick,
    LATEST,
)


class Transcript:
    """One read of one transcript."""

    def __init__(self, root: Path, cursor: Cursor) -> None:
        self._path = cursor.path
        self._folder, self._name = os.path.split(cursor.path)
        self._stem = os.path.splitext(self._name)[0]
        parts = _below_projects(cursor.path, root)
        is_agent = self._stem.startswith("agent-")
        self._agent = self._stem.removeprefix("agent-") if is_agent else ""
        self._nested = len(parts) > 2
        self._state = _decode_state(cursor.state) if cursor.state else _State()
        if not self._state.session:
            self._state.session = self._session_from(parts)
        self._records: dict[str, tuple[int, Row]] = {}
        self._echoes: dict[str, tuple[int, Row]] = {}
        self._firsts: dict[str, int] = {}
        self._echo_firsts: dict[str, int] = {}
        self._ledger: CostState | None = None
        self._ledger_ms = self._repeated = 0
        self._scopes: dict[tuple[str | None, str], Scope] = {}
        self._models: dict[tuple[str | None, str | None, str | None, str | None], ModelName] = {}
        self._bad = self._glued = self._undated = self._synthetic = 0
        self._unknown: list[int] = []

    def _session_from(self, parts: Sequence[str]) -> str:
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
            cursor=Cursor(path=self._path, source=NAME, state=msgspec.json.encode(self._state)),
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
        )

    def _scan(self, lines: Lines) -> None:
        """Take what the lines tell that can carry usage."""
        for found in _SIEVE.sift(lines):
            self._take(found)

    def _take(self, found: Found) -> None:
        """Keep assistant lines with usage, each as the latest of its response."""
        records, firsts = self._records, self._firsts
        for told in found:
            offset, row = told
            if isinstance(row, bytes):
                self._take_line(offset, row)
            elif not row[HAS_USAGE]:
                continue
            elif row[MODEL] == SYNTHETIC:
                self._synthetic += 1 + row[REPLACED_ROWS]
            elif row[INPUT] is None and row[CLASSES] == _NOTHING:
                self._unknown.append(offset)
            elif (began := row[FIRST_MOMENT]) is None:
                self._undated += 1
            else:
                key = row[ID] or f"{self._name}:{offset}"
                first = firsts.get(key)
                self._repeated += row[REPLACED_ROWS] + (first is not None)
                if first is None or began < first:
                    firsts[key] = began
                records[key] = told  # type: ignore[assignment]  # its second part is a row

    def _take_line(self, offset: int, line: bytes) -> None:
        """Take what a line may tell that is not one plain assistant's record."""
        try:
            record = decode_line(line)
            if record.type == "assistant":
                self._take([(offset, row_of(record))])
            elif record.type == "progress":
                self._keep_echo(offset, record)
            elif record.type == "cost-state":
                self._keep_ledger(decode_ledger(line))
        except NOT_JSON:
            self._take_broken(offset, line)

    def _keep_echo(self, offset: int, echo: TranscriptLine) -> None:
        """Keep a progress line's copy of a sub-agent's message, unless its own record is here."""
        echoed = echo.data.message if echo.data else None
        message = echoed.message if echoed else None
        if message is None or message.usage is None or not message.id or echo.data is None:
            return
        if message.model == SYNTHETIC:
            return
        stamp = (echoed.timestamp if echoed else None) or echo.timestamp
        moment = instant_ms(stamp)
        if moment is not None:
            first = self._echo_firsts.get(message.id, moment)
            self._echo_firsts[message.id] = min(first, moment)
            copied = TranscriptLine(
                message=message,
                timestamp=stamp,
                agentId=echo.data.agentId,
                cwd=echo.cwd,
                gitBranch=echo.gitBranch,
            )
            self._echoes[message.id] = (offset, row_of(copied))

    def _keep_ledger(self, ledger: CostState) -> None:
        if ledger.modelUsage:
            self._ledger = ledger
            self._ledger_ms = self._last_ms()

    def _last_ms(self) -> int:
        """Return the instant of the response read last, here or before."""
        for _, row in reversed(self._records.values()):
            moment: int = row[MOMENT]
            return moment
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
            self._take([(offset, row_of(loose_line(record)))])
        elif kind == "progress" and isinstance(data := record.get("data"), dict):
            echoed = data.get("message")
            if isinstance(echoed, dict) and isinstance(echoed.get("message"), dict):
                inner = Echoed(
                    loose_message(echoed["message"]), text_or_none(echoed.get("timestamp"))
                )
                echo = TranscriptLine(data=EchoData(inner, text_or_none(data.get("agentId"))))
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
        for key, (offset, row) in self._records.items():
            self._add_response(found, key, _RECORD, offset, row, firsts[key])
        for key, (offset, row) in self._echoes.items():
            if key not in self._records:
                self._add_response(found, key, _ECHO, offset, row, self._echo_firsts[key])
        return found

    def _add_response(
        self, found: list[Sighting], key: str, grade: int, offset: int, row: Row, first: int
    ) -> None:
        (
            _, moment, _, name, stopped, _, fresh, output, read, written, short, long,
            has_details, thinking, searches, tier, speed, geography, iterations,
            session, asked_by, agent, is_sidechain, is_aborted, cwd, branch, cost, _, _,
        ) = row  # fmt: skip
        agent = self._agent or agent or ("sidechain" if is_sidechain else "")
        scope = self._scopes.get((branch, agent)) or self._scope(session, cwd, branch, agent)
        final = 1 if stopped and not is_aborted else 0
        copied = 1 if asked_by not in (None, session) else 0
        logged = None if cost is None else nano(cost)
        classes = token_classes(
            fresh, output, read, written, short, long, has_details, thinking, searches
        )
        parts = iterations_of(iterations, name) if iterations else ()
        if len(parts) > 1:
            *earlier, (name, last) = parts
            classes = usage_classes(last)
            for place, (each_name, each) in enumerate(earlier):
                priced = (tier, speed, geography)
                if each.service_tier or each.speed:
                    priced = (each.service_tier, each.speed, each.inference_geo)
                found.append(
                    Sighting(
                        event_key("response", key, str(place)), moment, first, scope,
                        self._model(each_name, *priced), 0, *usage_classes(each), None, None,
                        grade, final, copied, offset,
                    )
                )  # fmt: skip
        found.append(
            _sighting(
                (
                    response_key(key), moment, first, scope,
                    self._model(name, tier, speed, geography), 1, *classes, logged, None,
                    grade, final, copied, offset,
                )
            )
        )  # fmt: skip

    def _scope(self, session: str | None, cwd: str | None, branch: str | None, agent: str) -> Scope:
        state = self._state
        state.session = state.session or safe_name(session or self._stem)
        state.project = state.project or safe_name(cwd or os.path.basename(self._folder))
        scope = Scope(
            source=NAME,
            session=state.session,
            agent=safe_name(agent),
            project=state.project,
            branch=safe_name(branch or ""),
        )
        self._scopes[branch, agent] = scope
        return scope

    def _model(
        self, name: str | None, tier: str | None, speed: str | None, geography: str | None
    ) -> ModelName:
        index = (name, tier, speed, geography)
        return self._models.get(index) or self._models.setdefault(index, model_name(*index))

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
        try:
            with open(os.path.join(self._folder, self._stem + ".meta.json"), "rb") as beside:
                meta = _decode_any(beside.read())
        except (OSError, *NOT_JSON):
            return ()
        kind = (
            safe_name(text_or_none(meta.get("agentType")) or "") if isinstance(meta, dict) else ""
        )
        if not kind:
            return ()
        self._state.kind = kind
        return (AgentNote(self._state.session, safe_name(self._agent), kind),)


def _below_projects(path: str, root: Path) -> Sequence[str]:
    """Return the path's parts below the nearest `projects` folder: project, session, ..."""
    *folders, name = path.split(os.sep)
    if "projects" in folders:
        return [*folders[len(folders) - folders[::-1].index("projects") :], name]
    own = Path(path)
    return own.relative_to(root).parts if own.is_relative_to(root) else own.parts[-1:]
