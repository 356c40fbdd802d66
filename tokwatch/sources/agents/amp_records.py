"""What an Amp thread tells: the usage of its messages, or of the ledger that older versions kept.

The ledger has one event for each request, without cache tokens; these stand with the message that
the event points to. A message that no event points to counts by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from tokwatch.model.event import ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.documents import document_at, document_of, first_text, objects_in
from tokwatch.sources.beside import fields
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.text import name_in, safe_name, safe_title

_UNFINISHED: Final = ("streaming", "cancelled", "error")
_KNOWN: Final = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")


class _Used(NamedTuple):
    """One request, from wherever the thread tells it."""

    name: str
    """What names the request in the thread."""
    offset: int
    instant: object
    model: object
    tokens: Tokens
    window: int | None
    is_final: bool = True


def read_thread(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read a thread."""
    thread = document_of(log.document())
    if not isinstance(thread, dict):
        return Reading(cursor=Cursor(path=cursor.path, source=source), tally=Tally(bad_lines=1))
    session = name_in(thread.get("id")) or safe_name(log.path.stem)
    project, branch = _place_of(thread)
    scope = Scope(source, session, project=project, branch=branch)
    messages = objects_in(thread.get("messages"))
    unknown = [usage for _, usage in _usages(messages) if not _is_known(usage)]
    found: dict[int, Sighting] = {}
    undated = 0
    for used in _requests(thread, messages):
        sighting = _sighting(scope, used)
        undated += sighting is None
        if sighting is not None:
            found[sighting.key] = sighting
    return Reading(
        cursor=Cursor(path=cursor.path, source=source),
        lineage=Lineage(session=session),
        sightings=list(found.values()),
        tally=Tally(
            lines=len(messages),
            undated=undated,
            unknown=len(unknown),
            sample=field_names(unknown[0]) if unknown else "",
        ),
    )


def request_keys(source: str, session: str, thread: dict[str, Any]) -> dict[str, int]:
    """Return the keys of a thread's requests by what names each one in it."""
    used = _requests(thread, objects_in(thread.get("messages")))
    dated = (one for one in used if instant_ms(one.instant) is not None)
    return {one.name: event_key(source, session, one.name) for one in dated}


def message_name(message: dict[str, Any], index: int) -> str:
    """Return what names a message in its thread."""
    return _identity(message, "messageId") or f"at {index}"


def title_of(path: Path) -> str:
    """Return a thread's title, else the first words of its first prompt."""
    thread = fields(document_at(path))
    title = thread.get("title")
    if isinstance(title, str) and title.strip():
        return safe_title(title)
    for _, message in objects_in(thread.get("messages")):
        if message.get("role") == "user":
            return safe_title(first_text(message.get("content")))
    return ""


def _requests(
    thread: dict[str, Any], messages: list[tuple[int, dict[str, Any]]]
) -> Iterator[_Used]:
    """Yield the requests of the ledger, then those of messages that it says nothing of."""
    usages = {_identity(message, "messageId"): usage for message, usage in _usages(messages)}
    pointed: set[str] = set()
    for index, event in objects_in(fields(thread.get("usageLedger")).get("events")):
        tokens = fields(event.get("tokens"))
        if not count(tokens.get("input")) and not count(tokens.get("output")):
            continue
        message = _identity(event, "toMessageId")
        is_first = bool(message) and message not in pointed
        name = message if is_first else f"event {_identity(event, 'id') or index}"
        pointed.add(message)
        yield _of_event(name, index, event, usages.get(message, {}) if is_first else {})
    if "" not in pointed:  # an event that points nowhere may be of any message
        yield from _of_messages(messages, pointed)


def _of_event(name: str, index: int, event: dict[str, Any], usage: dict[str, Any]) -> _Used:
    """Return the request of a ledger's event, with what its message tells beside it."""
    tokens = fields(event.get("tokens"))
    return _Used(
        name=name,
        offset=index,
        instant=event.get("timestamp"),
        model=event.get("model") or usage.get("model"),
        tokens=Tokens(
            _count(tokens, "input"),
            _count(tokens, "output"),
            _count(usage, "cacheReadInputTokens"),
            _count(usage, "cacheCreationInputTokens"),
        ),
        window=count(usage.get("maxInputTokens")) or None,
    )


def _of_messages(messages: list[tuple[int, dict[str, Any]]], told: set[str]) -> Iterator[_Used]:
    """Yield the requests of messages; without a time, the prompt's before it is the nearest."""
    asked: object = None
    for index, message in messages:
        asked = fields(message.get("meta")).get("sentAt", asked)
        usage = fields(message.get("usage"))
        name = message_name(message, index)
        if message.get("role") != "assistant" or not _is_known(usage) or name in told:
            continue
        if not any(count(usage.get(part)) for part in _KNOWN):
            continue
        state = fields(message.get("state")).get("type")
        yield _Used(
            name=name,
            offset=index,
            instant=usage.get("timestamp") or message.get("timestamp") or asked,
            model=usage.get("model") or message.get("model"),
            tokens=Tokens(*(_count(usage, part) for part in _KNOWN)),
            window=count(usage.get("maxInputTokens")) or None,
            is_final=state not in _UNFINISHED,
        )


def _sighting(scope: Scope, used: _Used) -> Sighting | None:
    """Return the sighting of a request; None where no time is told."""
    instant = instant_ms(used.instant)
    if instant is None:
        return None
    return sighting_of(
        event_key(scope.source, scope.session, used.name),
        instant,
        scope,
        ModelName("", name_in(used.model) or "unknown"),
        used.tokens,
        offset=used.offset,
        is_final=used.is_final,
    )._replace(window=used.window)


def _usages(
    messages: list[tuple[int, dict[str, Any]]],
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the answers that carry usage, with it."""
    for _, message in messages:
        usage = message.get("usage")
        if message.get("role") == "assistant" and isinstance(usage, dict) and usage:
            yield message, usage


def _is_known(usage: dict[str, Any]) -> bool:
    return any(part in usage for part in _KNOWN)


def _place_of(thread: dict[str, Any]) -> tuple[str, str]:
    """Return the folder and the branch that a thread began in."""
    initial = fields(fields(thread.get("env")).get("initial"))
    for _, tree in objects_in(initial.get("trees")):
        uri = tree.get("uri")
        if isinstance(uri, str) and uri.startswith("file://"):
            reference = name_in(fields(tree.get("repository")).get("ref"))
            return _folder(uri), reference.removeprefix("refs/heads/")
    return "", ""


def _folder(uri: str) -> str:
    """Return the path of a file URI, on Windows without the slash before the drive."""
    try:
        path = unquote(urlsplit(uri).path)
    except ValueError:
        return ""
    return safe_name(path[1:] if path[2:3] == ":" else path)


def _identity(record: dict[str, Any], name: str) -> str:
    """Return a record's number or id as text; "" where it has none."""
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return name_in(value)


def _count(record: dict[str, Any], name: str) -> int | None:
    return count(record[name]) if name in record else None
