"""The messages of a session of Cline since it keeps its own: answers carry what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tokwatch.model.event import ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Lineage, Reading, Tally
from tokwatch.sources.agents.delegates import DELEGATES
from tokwatch.sources.agents.documents import document_at, document_of, first_text, objects_in
from tokwatch.sources.beside import fields, part, plain, read_object
from tokwatch.sources.counts import count, instant_ms, nano
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of, without_cache
from tokwatch.sources.text import name_in, safe_name, safe_title

_SUFFIX: Final = ".messages.json"
_RESUMED_TASK: Final = "Warning: this is a legacy conversation, which means tool names may"
"""In the message that Cline puts behind the history of a task from before 4.1."""
_RANDOM_ID: Final = 12
_PARTS: Final = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")


def read_messages(source: str, log: LogFile, cursor: Cursor) -> Reading:
    """Read the messages of a session or of one of its sub-agents."""
    document = document_of(log.document())
    listed = document if isinstance(document, list) else fields(document).get("messages")
    if not isinstance(listed, list):
        return Reading(cursor=Cursor(path=cursor.path, source=source), tally=Tally(bad_lines=1))
    manifest = manifest_of(log.path)
    scope = scope_of(source, log.path, manifest)
    found: dict[int, Sighting] = {}
    undated, unknown = 0, []
    for index, message in objects_in(listed)[behind_task(listed) :]:
        metrics = fields(message.get("metrics"))
        if message.get("role") != "assistant" or not metrics:
            continue
        if not any(name in metrics for name in _PARTS):
            unknown.append(metrics)
        elif any(count(metrics.get(name)) for name in _PARTS):
            sighting = _sighting(scope, index, message, metrics, manifest)
            undated += sighting is None
            if sighting is not None and sighting.model.provider not in DELEGATES:
                found[sighting.key] = sighting
    kind = name_in(fields(document).get("agent")) or "subagent"
    return Reading(
        cursor=Cursor(path=cursor.path, source=source),
        lineage=Lineage(session=scope.session),
        sightings=list(found.values()),
        notes=(AgentNote(scope.session, scope.agent, kind),) if scope.agent else (),
        tally=Tally(
            lines=len(listed),
            undated=undated,
            unknown=len(unknown),
            sample=field_names(unknown[0]) if unknown else "",
        ),
    )


def title_of(path: Path) -> str:
    """Return a session's title, else the first words of its first prompt."""
    manifest = manifest_of(path)
    for told in (part(manifest, "metadata").get("title"), manifest.get("prompt")):
        if title := safe_title(plain(told)):
            return title
    document = document_at(path)
    for _, message in objects_in(fields(document).get("messages", document)):
        if message.get("role") == "user" and (
            title := safe_title(first_text(message.get("content")))
        ):
            return title
    return ""


def _sighting(
    scope: Scope,
    index: int,
    message: dict[str, Any],
    metrics: dict[str, Any],
    manifest: dict[str, Any],
) -> Sighting | None:
    """Return the sighting of one answer; None where no time is told."""
    instant = instant_ms(message.get("ts"))
    if instant is None:
        return None
    told = fields(message.get("modelInfo"))
    model = name_in(told.get("id")) or name_in(manifest.get("model"))
    provider = plain(told.get("provider")) or plain(manifest.get("provider"))
    whole, output, read, written = (
        count(metrics[name]) if name in metrics else None for name in _PARTS
    )
    # Input is the whole prompt.
    rest = None if whole is None else without_cache(whole, read or 0, written or 0)
    return sighting_of(
        answer_key(scope, index, message),
        instant,
        scope,
        ModelName(safe_name(provider), model or "unknown"),
        Tokens(rest, output, read, written),
        offset=index,
        cost_nano=nano(metrics.get("cost")) or None,
    )


def answer_key(scope: Scope, index: int, message: dict[str, Any]) -> int:
    """Return the key of an answer.

    A restored session takes over messages with their ids, which are long random ones.
    """
    identity = plain(message.get("id"))
    place = () if len(identity) >= _RANDOM_ID else (scope.session, scope.agent)
    return event_key(scope.source, *place, identity or str(index))


def behind_task(messages: list[Any]) -> int:
    """Return how many objects an older task's history takes up: its last holds the task's sum."""
    for place, (_, message) in enumerate(objects_in(messages)):
        content = message.get("content")
        blocks = [{"text": content}] if isinstance(content, str) else content
        texts = (plain(block.get("text")) for _, block in objects_in(blocks))
        if message.get("role") == "user" and any(_RESUMED_TASK in text for text in texts):
            return place + 1
    return 0


def scope_of(source: str, path: Path, manifest: dict[str, Any]) -> Scope:
    session = safe_name(path.parent.name)
    name = safe_name(path.name.removesuffix(_SUFFIX))
    project = plain(manifest.get("cwd")) or plain(manifest.get("workspace_root"))
    return Scope(source, session, "" if name == session else name, safe_name(project))


def manifest_of(path: Path) -> dict[str, Any]:
    """Return what is told of the session in whose folder a log lies."""
    return read_object(path.parent / f"{path.parent.name}.json")
