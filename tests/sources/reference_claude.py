"""The reference reader's Claude Code: rules C1 to C11 of docs/sources.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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


class Copy(NamedTuple):
    """What one log says of one response: its last line, and when its earliest was written."""

    path: str
    session: str
    first_ms: int
    last_ms: int
    message: Record
    is_final: bool
    is_copied: bool


def claude_requests(projects: Path) -> Iterator[Request]:
    """Yield every billed request: a response, or each of its iterations."""
    told: defaultdict[object, dict[str, Copy]] = defaultdict(dict)
    echoed: defaultdict[object, dict[str, Copy]] = defaultdict(dict)
    for path in sorted(projects.rglob("*.jsonl")):
        if path.name != "journal.jsonl":
            _read(path, projects, told, echoed)
    own: dict[str, int] = {}
    for copies in told.values():
        if len(copies) == 1:
            (copy,) = copies.values()
            own[copy.path] = min(own.get(copy.path, FAR), copy.first_ms)
    untold = [copies for key, copies in echoed.items() if key not in told]
    for copies in [*told.values(), *untold]:
        yield from _settled(list(copies.values()), own)


def _read(
    path: Path,
    projects: Path,
    told: defaultdict[object, dict[str, Copy]],
    echoed: defaultdict[object, dict[str, Copy]],
) -> None:
    name = str(path)
    parts = path.relative_to(projects).parts
    session = parts[1] if len(parts) > 2 else path.stem
    is_flat_agent = len(parts) == 2 and path.stem.startswith("agent-")
    named = ""
    for number, record in records(path):
        if record.get("type") == "progress":
            inner = table(table(record.get("data")).get("message"))
            message = table(inner.get("message"))
            when = instant(inner.get("timestamp") or record.get("timestamp"))
            if message.get("id") and isinstance(message.get("usage"), dict) and when is not None:
                _keep(echoed, message["id"], name, session, when, record, message)
        elif record.get("type") == "assistant":
            message = table(record.get("message"))
            when = instant(record.get("timestamp"))
            if not _is_known(message.get("usage")) or when is None:
                continue
            if message.get("model") == "<synthetic>":
                continue
            named = named or text(record.get("sessionId"))
            where = (named or path.stem) if is_flat_agent else session
            key = text(message.get("id")) or (name, number)
            _keep(told, key, name, where, when, record, message)


def _is_known(usage: object) -> bool:
    """Tell usage that has any of the classes; of any other shape nobody knows what it means."""
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens")
    classes = (*names, "cache_creation_input_tokens")
    return any(table(usage).get(name) is not None for name in classes)


def _keep(
    into: defaultdict[object, dict[str, Copy]],
    key: object,
    name: str,
    session: str,
    when: int,
    record: Record,
    message: Record,
) -> None:
    """Let the last line of a response in a log replace the earlier ones."""
    if message.get("model") == "<synthetic>":
        return
    before = into[key].get(name)
    origin = text(record.get("requestSessionId"))
    into[key][name] = Copy(
        name,
        session,
        when if before is None else min(when, before.first_ms),
        when,
        message,
        bool(text(message.get("stop_reason"))) and record.get("isAbortedMidStream") is not True,
        bool(origin) and origin != text(record.get("sessionId")),
    )


def _settled(copies: list[Copy], own: dict[str, int]) -> Iterator[Request]:
    """Yield a response once: usage of the most final copy, day and session of the first."""
    origin = min(
        copies, key=lambda copy: (copy.first_ms, copy.is_copied, own.get(copy.path, FAR), copy.path)
    )
    best = max(
        copies,
        key=lambda copy: (copy.is_final, _spent(copy.message["usage"]).output, copy is origin),
    )
    usage = best.message["usage"]
    model = text(best.message.get("model")) or "unknown"
    entries = usage.get("iterations")
    parts = [
        (text(entry.get("model")) or model, _spent(entry))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and "input_tokens" in entry
    ]
    if len(parts) < 2:
        parts = [(model, _spent(usage))]
    for number, (name, spent) in enumerate(parts):
        is_last = number == len(parts) - 1
        yield origin.session, day(origin.last_ms), name, spent._replace(requests=int(is_last))


def _spent(usage: Record) -> Spent:
    split = table(usage.get("cache_creation"))
    long = tokens(split.get("ephemeral_1h_input_tokens"))
    short = tokens(split.get("ephemeral_5m_input_tokens"))
    whole = tokens(usage.get("cache_creation_input_tokens"))
    output = tokens(usage.get("output_tokens"))
    details = table(usage.get("output_tokens_details"))
    return Spent(
        0,
        tokens(usage.get("input_tokens")),
        max(short, whole - long),
        long,
        tokens(usage.get("cache_read_input_tokens")),
        output,
        min(output, tokens(details.get("thinking_tokens"))),
    )
