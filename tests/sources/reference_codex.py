"""The reference reader's Codex: rules X0 to X5 of docs/sources.md."""

from __future__ import annotations

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


@dataclass(slots=True)
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
    paths = [path for part in ("sessions", "archived_sessions") for path in (home / part).rglob("*")]
    threads = [_read(path) for path in sorted(paths) if path.suffix == ".jsonl"]
    parents = {thread.session: thread.parent for thread in threads}
    threads.sort(key=lambda thread: (*_depth(thread, parents), thread.begin_ms, thread.path))
    claimed: dict[tuple[Vector, ...], list[Thread]] = {}
    answered: set[object] = set()
    for thread in threads:
        shared = _shared(thread, claimed, threads)
        for length in range(1, len(thread.links) + 1):
            claimed.setdefault(thread.chain(length), []).append(thread)
        for when, model, response, vector in thread.responses:
            if response not in answered:
                answered.add(response)
                yield thread.session, day(when), model, _spent(vector)
        if not thread.responses:
            for when, model, _, growth in thread.links[shared:]:
                yield thread.session, day(when), model, _spent(growth)


def _depth(thread: Thread, parents: dict[str, str]) -> tuple[int]:
    """Return how many known ancestors a thread has."""
    seen = [thread.session]
    while (parent := parents.get(seen[-1], "")) in parents and parent not in seen:
        seen.append(parent)
    return (len(seen) - 1,)


def _shared(
    thread: Thread, claimed: dict[tuple[Vector, ...], list[Thread]], threads: list[Thread]
) -> int:
    """Return how many leading links are copies of an earlier thread's."""
    shared = 0
    while shared < len(thread.links) and thread.chain(shared + 1) in claimed:
        shared += 1
    if shared == 1:
        others = claimed[thread.chain(1)]
        holders = [other for other in threads if other.chain(1) == thread.chain(1)]
        is_kin = thread.parent or any(other.parent == thread.session for other in holders)
        if not is_kin and all(other.session != thread.session for other in others):
            return 0
    return shared


def _read(path: Path) -> Thread:
    thread = Thread(str(path), path.stem)
    meta: Record | None = None
    model, total, is_imported = "unknown", None, False
    for number, record in records(path):
        payload = table(record.get("payload"))
        kind, inner = record.get("type"), payload.get("type")
        when = instant(record.get("timestamp"))
        if kind == "session_meta" and meta is None:
            meta = payload
        elif kind == "turn_context":
            model, is_imported = text(payload.get("model")) or model, False
        elif kind == "event_msg" and inner == "task_started":
            is_imported = text(payload.get("turn_id")).startswith("external-import-turn-")
        elif kind == "token_usage_record" and isinstance(payload.get("usage"), dict):
            if when is not None:
                response = text(payload.get("response_id")) or (str(path), number)
                named = text(payload.get("model")) or model
                thread.responses.append((when, named, response, _vector(payload["usage"])))
        elif kind == "event_msg" and inner == "token_count" and when is not None:
            info = table(payload.get("info"))
            if isinstance(info.get("total_token_usage"), dict):
                found = _vector(info["total_token_usage"])
                if found != total:
                    last = info.get("last_token_usage")
                    growth = _growth(found, total, _vector(last) if last else None, meta or {})
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


def _vector(found: Record) -> Vector:
    return tuple(tokens(found.get(name)) for name in FIELDS)


def _spent(vector: Vector) -> Spent:
    if not vector:
        return Spent()
    whole, cached, written, output, reasoning, _ = vector
    cached = min(cached, whole)
    written = min(written, whole - cached)
    return Spent(
        1, whole - cached - written, written, 0, cached, output, min(reasoning, output)
    )
