"""The messages of a task as Cline before 4.1, Roo Code and Kilo Code keep them.

Each request is one message, written before the answer and filled in while it comes. Messages that
were taken back leave their sum; of it counts what no earlier read has told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import add, sub
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.model.units import OPEN_END_MS
from tokwatch.sources.agents.cline_beside import Beside, beside
from tokwatch.sources.agents.delegates import DELEGATES
from tokwatch.sources.agents.documents import document_at, document_of, objects_in
from tokwatch.sources.beside import fields, plain
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of, without_cache
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in, safe_name, safe_title

_PARTS: Final = ("tokensIn", "tokensOut", "cacheWrites", "cacheReads")
_SUB_AGENTS: Final = "subagents"
_TAKEN_BACK: Final = ("deleted_api_reqs", "api_req_deleted")
_USAGE: Final = ("api_req_started", "subagent_usage", *_TAKEN_BACK)
_WHOLE_SINCE_MS: Final = {
    "roo-code": int(datetime(2025, 11, 1, tzinfo=UTC).timestamp() * 1000),
    "kilo-code": int(datetime(2025, 11, 12, tzinfo=UTC).timestamp() * 1000),
}
"""From when `tokensIn` includes the cache whatever the provider (3.29.5 and 4.119.0)."""
_WHOLE_PROVIDERS: Final = frozenset(
    {
        *("openai", "litellm", "doubao", "fireworks", "hicap", "lmstudio", "qwen", "xai", "zai"),
    }
)
"""Providers whose `tokensIn` includes the cache in Cline; it takes it out of all others'."""

Sums = tuple[int, ...]
"""Tokens of each class as logged, and nano-dollars."""
_NOTHING: Final[Sums] = (0,) * (len(_PARTS) + 1)


class _Told(NamedTuple):
    """One message that carries usage, and what its text says."""

    offset: int
    instant_ms: int | None
    message: dict[str, Any]
    info: dict[str, Any]
    kind: str

    @property
    def sums(self) -> Sums:
        """What the message adds to the task's sums."""
        cost = nano(self.info.get("cost")) or 0
        return (*(count(self.info.get(part)) for part in _PARTS), cost)


def read_task(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read a task's messages."""
    messages = document_of(log.document())
    if not isinstance(messages, list):
        return Reading(
            cursor=Cursor(path=cursor.path, source=source, state=cursor.state),
            tally=Tally(bad_lines=1),
        )
    told, unknown = _told_in(messages)
    known, dated = beside(log.path), [one for one in told if one.instant_ms is not None]
    scope = Scope(source, safe_name(log.path.parent.name), project=known.project)
    requests = dict(_sightings(scope, known, dated))
    found = [*requests, *_condensed(scope, messages)]
    before = _state_of(cursor.state)
    axes = Axes(source)
    found += _taken_back(scope, known, dated, before, axes)
    note = AgentNote(scope.session, "", "subtask", known.parent)
    return Reading(
        cursor=Cursor(path=cursor.path, source=source, state=_encoded(dated, before)),
        lineage=Lineage(session=scope.session, parent=known.parent),
        sightings=list({sighting.key: sighting for sighting in found}.values()),
        notes=(note,) if known.parent else (),
        stretches=tuple(axes.stretches),
        facts=tuple(
            RequestFact(sighting.key, "may_overlap", 1)
            for sighting, one in requests.items()
            if _may_be_claude_code(one, sighting)
        ),
        tally=Tally(
            lines=len(messages),
            undated=len(told) - len(dated),
            unknown=len(unknown),
            sample=field_names(unknown[0]) if unknown else "",
        ),
    )


def title_of(path: Path) -> str:
    """Return the first words of a task."""
    for _, message in objects_in(document_at(path)):
        if message.get("say") in ("task", "text") and (title := safe_title(_text(message))):
            return title
    return ""


def _told_in(messages: list[Any]) -> tuple[list[_Told], list[dict[str, Any]]]:
    """Return the messages that carry usage, and those whose usage is of an unknown shape."""
    told: list[_Told] = []
    unknown: list[dict[str, Any]] = []
    started: _Told | None = None
    for index, message in objects_in(messages):
        kind = message.get("say")
        if message.get("type") != "say" or kind not in (*_USAGE, "api_req_finished"):
            continue
        info = document_of(_text(message).encode("utf-8", "replace"))
        if not isinstance(info, dict):
            unknown.append(message)
            continue
        one = _Told(index, instant_ms(message.get("ts")), message, info, str(kind))
        if kind == "api_req_finished":  # how the first versions told what a request had cost
            if started is None:
                continue
            one, started = started._replace(info=started.info | info), None
        elif kind == "api_req_started":
            started = one
        if any(one.sums):
            told.append(one)
        elif not any(part in info for part in _PARTS) and any("oken" in name for name in info):
            unknown.append(info)
    return told, unknown


def _sightings(scope: Scope, known: Beside, told: list[_Told]) -> Iterator[tuple[Sighting, _Told]]:
    """Yield the requests, and the sums of sub-agents', each with its message."""
    for place, one in enumerate(told):
        if one.kind in _TAKEN_BACK:
            continue
        following = told[place + 1].instant_ms if place + 1 < len(told) else None
        model = _model_of(one, known, following)
        if model.provider in DELEGATES:
            continue
        is_sum = one.kind == "subagent_usage"
        sighting = sighting_of(
            event_key(scope.source, scope.session, one.kind, str(one.instant_ms)),
            one.instant_ms or 0,
            scope._replace(agent=_SUB_AGENTS) if is_sum else scope,
            model,
            _tokens(scope.source, one, model),
            offset=one.offset,
            cost_nano=nano(one.info.get("cost")) or None,
            grade=Grade.DERIVED if is_sum else Grade.RECORD,
            is_final=not _is_cut(one),
        )
        yield sighting, one


def _taken_back(
    scope: Scope, known: Beside, told: list[_Told], before: tuple[int, Sums], axes: Axes
) -> Iterator[Sighting]:
    """Yield what was taken back before any read could tell it: the sum less what is missing.

    What earlier reads told of it is passed over: another log of the task may tell the whole sum.
    """
    until, sums = before
    left = [one.sums for one in told if (one.instant_ms or 0) <= until]
    missing = _less(sums, _sum(left))
    for one in told:
        instant = one.instant_ms or 0
        if one.kind not in _TAKEN_BACK or instant <= until:
            continue
        rest, missing = _less(one.sums, missing), _less(missing, one.sums)
        model, name = _model_of(one, known, instant), f"{scope.session} taken back {instant}"
        if model.provider in DELEGATES:
            continue
        if any(seen := _less(one.sums, rest)):
            yield axes.pass_over(name, _sum_of(scope, one, seen, model)._replace(requests=0))
        if any(rest):
            yield axes.place(name, _sum_of(scope, one, rest, model))


def _sum_of(scope: Scope, one: _Told, sums: Sums, model: ModelName) -> Sighting:
    """Return a part of what was taken back; its key is to come."""
    part = one._replace(info=dict(zip(_PARTS, sums, strict=False)))
    return sighting_of(
        0,
        one.instant_ms or 0,
        scope,
        model,
        _tokens(scope.source, part, model),
        offset=one.offset,
        cost_nano=sums[-1] or None,
        grade=Grade.DERIVED,
    )


def _condensed(scope: Scope, messages: list[Any]) -> Iterator[Sighting]:
    """Yield the requests that condensed the conversation: only what they cost is told."""
    for index, message in objects_in(messages):
        cost = nano(fields(message.get("contextCondense")).get("cost"))
        instant = instant_ms(message.get("ts"))
        if message.get("say") == "condense_context" and cost and instant is not None:
            yield sighting_of(
                event_key(scope.source, scope.session, "condense", str(instant)),
                instant,
                scope,
                ModelName("", "unknown"),
                Tokens(),
                offset=index,
                cost_nano=cost,
                is_final=False,
            )


def _model_of(one: _Told, known: Beside, before_ms: int | None) -> ModelName:
    """Return who answered: as the message tells, else as the files beside the task do."""
    info = fields(one.message.get("modelInfo"))
    if model := name_in(info.get("modelId")):
        return ModelName(name_in(info.get("providerId")), model)
    found = known.model_before(OPEN_END_MS if before_ms is None else before_ms)
    return ModelName(found.provider, found.model or "unknown")


def _tokens(source: str, one: _Told, model: ModelName) -> Tokens:
    """Return the token classes of a message; a class that is missing is unknown."""
    told = [count(one.info[part]) if part in one.info else None for part in _PARTS]
    whole, output, written, read = told
    if whole is not None and _includes_cache(source, one, model):
        whole = without_cache(whole, read or 0, written or 0)
    return Tokens(whole, output, read, written)


def _includes_cache(source: str, one: _Told, model: ModelName) -> bool:
    """Tell whether input includes the cache: which differs by tool, version and provider."""
    since_ms = _WHOLE_SINCE_MS.get(source)
    if since_ms is None:
        return model.provider in _WHOLE_PROVIDERS
    protocol = one.info.get("apiProtocol") or one.message.get("apiProtocol")
    is_remainder = protocol == "anthropic" or (not protocol and "claude" in model.name.lower())
    return not is_remainder or (one.instant_ms or 0) >= since_ms


def _may_be_claude_code(one: _Told, sighting: Sighting) -> bool:
    """Tell what looks like Claude Code's answer on a subscription: Claude's, and free of charge.

    Roo Code and Kilo Code name no provider; every other one of Claude's models has a price.
    """
    protocol = one.info.get("apiProtocol") or one.message.get("apiProtocol") or "anthropic"
    is_untold = sighting.scope.source in _WHOLE_SINCE_MS and not sighting.model.provider
    is_claude = protocol == "anthropic" and "claude" in sighting.model.name.lower()
    return is_untold and is_claude and nano(one.info.get("cost")) == 0


def _is_cut(one: _Told) -> bool:
    """Tell an answer that did not come to its end."""
    return bool(
        one.info.get("cancelReason")
        or one.info.get("streamingFailedMessage")
        or one.message.get("partial")
    )


def _sum(sums: list[Sums]) -> Sums:
    total = _NOTHING
    for one in sums:
        total = tuple(map(add, total, one))
    return total


def _less(sums: Sums, others: Sums) -> Sums:
    """Return what is left of some sums; never less than nothing."""
    return tuple(max(0, part) for part in map(sub, sums, others))


def _state_of(state: bytes) -> tuple[int, Sums]:
    """Return until when a task was told, and the sums of what its messages told then."""
    try:
        until, *sums = json.loads(state) if state else (0, *_NOTHING)
    except (ValueError, TypeError):
        return 0, _NOTHING
    return until, tuple(sums)


def _encoded(told: list[_Told], before: tuple[int, Sums]) -> bytes:
    until = max((one.instant_ms or 0 for one in told), default=before[0])
    return json.dumps([until, *_sum([one.sums for one in told])]).encode()


def _text(message: dict[str, Any]) -> str:
    return plain(message.get("text"))
