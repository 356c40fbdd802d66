"""The reference reader's Codex: rules X0 to X5 of docs/sources.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.sources.reference_text import (
    Record,
    Request,
    day,
    instant,
    records,
    table,
    text,
    tokens,
)
from tests.sources.road import Spent

FAR = 2**62
FIELDS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)
Vector = tuple[int, ...]


@dataclass(eq=False, slots=True)
class Thread:
    """One rollout: its links of running totals, and its responses' own records."""

    path: str
    session: str
    parent: str = ""
    begin_ms: int = FAR
    links: list[tuple[int, str, Vector, Vector]] = field(default_factory=list)
    """Instant, model, running total, growth."""
    responses: list[tuple[int, str, object, Vector]] = field(default_factory=list)

    def chain(self, length: int) -> tuple[Vector, ...]:
        """Return the first running totals."""
        return tuple(link[2] for link in self.links[:length])


def codex_requests(home: Path) -> Iterator[Request]:
    """Yield every billed request of every thread, copied ones once."""
    paths = [
        path for part in ("sessions", "archived_sessions") for path in (home / part).rglob("*")
    ]
    threads = [_read(path) for path in sorted(paths) if path.suffix == ".jsonl"]
    holders: defaultdict[tuple[Vector, ...], list[Thread]] = defaultdict(list)
    said: defaultdict[object, list[Thread]] = defaultdict(list)
    for thread in threads:
        for length in range(1, len(thread.links) + 1):
            holders[thread.chain(length)].append(thread)
        for response in {response for _, _, response, _ in thread.responses}:
            said[response].append(thread)
    for thread in threads:
        for when, model, response, vector in thread.responses:
            if thread is _ordered(said[response])[0]:
                yield thread.session, day(when), model, _spent(vector)
        for place, (when, model, _, growth) in enumerate(thread.links):
            is_told = bool(thread.responses) or not growth
            if not is_told and thread in _owners(holders[thread.chain(place + 1)], place):
                yield thread.session, day(when), model, _spent(growth)


def _ordered(threads: list[Thread]) -> list[Thread]:
    """Return threads with ancestors first, then by when they began."""
    parents = {thread.session: thread.parent for thread in threads}

    def order(thread: Thread) -> tuple[int, int, str, str]:
        seen = [thread.session]
        while (parent := parents.get(seen[-1], "")) in parents and parent not in seen:
            seen.append(parent)
        return len(seen), thread.begin_ms, thread.session, thread.path

    return sorted(threads, key=order)


def _owners(holders: list[Thread], place: int) -> list[Thread]:
    """Return the threads for which a link counts: strangers may begin with the same total."""
    ordered = _ordered(holders)
    if place > 0:
        return ordered[:1]
    owners: list[Thread] = []
    for thread in ordered:
        kin = {thread}
        while len(kin) < len(kin := kin | {b for a in kin for b in holders if _is_kin(a, b)}):
            pass
        if ordered.index(thread) == min(ordered.index(one) for one in kin):
            owners.append(thread)
    return owners


def _is_kin(one: Thread, other: Thread) -> bool:
    """Tell whether two threads with the same first link have a common history."""
    names = {one.session, one.parent} & {other.session, other.parent}
    is_shared = len(one.links) > 1 and one.chain(2) == other.chain(2)
    return is_shared or bool(names - {""})


def _read(path: Path) -> Thread:
    thread = Thread(str(path), path.stem)
    meta: Record | None = None
    model, total, is_imported = "unknown", None, False
    for number, record in records(path):
        payload = table(record.get("payload"))
        if payload is not record.get("payload"):
            continue
        kind, inner = record.get("type"), payload.get("type")
        when = instant(record.get("timestamp"))
        if kind == "session_meta" and meta is None:
            meta = payload
        elif kind == "turn_context":
            model, is_imported = text(payload.get("model")) or model, False
        elif kind == "event_msg" and inner == "task_started":
            is_imported = text(payload.get("turn_id")).startswith("external-import-turn-")
        elif kind == "token_usage_record" and _is_known(payload.get("usage")):
            if when is not None:
                response = text(payload.get("response_id")) or (str(path), number)
                named = text(payload.get("model")) or model
                thread.responses.append((when, named, response, _vector(payload["usage"])))
        elif kind == "event_msg" and inner == "token_count" and when is not None:
            info = table(payload.get("info"))
            if _is_known(info.get("total_token_usage")):
                found = _vector(info["total_token_usage"])
                if found != total:
                    last = table(info.get("last_token_usage"))
                    growth = _growth(
                        found, total, _vector(last) if _is_known(last) else None, meta or {}
                    )
                    thread.links.append((when, model, found, growth))
                    if is_imported:
                        thread.links[-1] = (when, model, found, ())
                total = found
    _name(thread, meta or {})
    return thread


def _name(thread: Thread, meta: Record) -> None:
    thread.session = text(meta.get("id")) or thread.session
    thread.parent = _parent(meta)
    begin = instant(meta.get("timestamp"))
    instants = [part[0] for part in (*thread.links[:1], *thread.responses[:1])]
    thread.begin_ms = min(instants, default=FAR) if begin is None else begin


def _parent(meta: Record) -> str:
    spawn = table(table(table(meta.get("source")).get("subagent")).get("thread_spawn"))
    return (
        text(meta.get("forked_from_id"))
        or text(meta.get("parent_thread_id"))
        or text(spawn.get("parent_thread_id"))
    )


def _growth(now: Vector, before: Vector | None, last: Vector | None, meta: Record) -> Vector:
    if before is None:
        return last if last is not None and _parent(meta) else now
    growth = tuple(a - b for a, b in zip(now, before, strict=True))
    return (last or now) if min(growth[:5]) < 0 else growth


def _is_known(usage: object) -> bool:
    """Tell a usage object that has any of the counts that decide."""
    names = ("input_tokens", "output_tokens", "total_tokens")
    return any(table(usage).get(name) is not None for name in names)


def _vector(found: Record) -> Vector:
    return tuple(tokens(found.get(name)) for name in FIELDS)


def _spent(vector: Vector) -> Spent:
    if not vector:
        return Spent()
    whole, cached, written, output, reasoning, _ = vector
    cached = min(cached, whole)
    written = min(written, whole - cached)
    return Spent(1, whole - cached - written, written, 0, cached, output, min(reasoning, output))
