"""Kimi CLI's wire records: usage of each step, and whose session it is."""

from __future__ import annotations

import tomllib
from hashlib import md5
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Cursor, Reading
from tokwatch.sources.beside import MAX_BYTES, part, plain, read_object
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.identity import request_key
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "kimi"
DEFAULT_MODEL: Final = "kimi-for-coding"
_PARTS: Final = ("input_other", "input_cache_read", "input_cache_creation", "output")


class _Place(NamedTuple):
    """Where a wire log lies: `<share>/sessions/<hash>/<session>[/subagents/<agent>]`."""

    share: Path
    folder: str
    session: Path
    agent: str


def place_of(path: Path) -> _Place:
    """Return what a wire log's path tells."""
    folder, agent = path.parent, ""
    if folder.parent.name == "subagents":
        agent, folder = folder.name, folder.parent.parent
    return _Place(folder.parent.parent.parent, folder.parent.name, folder, agent)


def read_wire(log: LogFile, cursor: Cursor) -> Reading:
    """Read one wire log from where it was left."""
    place = place_of(log.path)
    launch = read_object(log.path.parent / "meta.json") if place.agent else {}
    session = safe_name(place.session.name)
    scope = Scope(NAME, session, safe_name(place.agent), safe_name(_project(place)))
    model = ModelName("", safe_name(_model(place.share, launch)) or DEFAULT_MODEL)
    records = Records(log.lines, b'"token_usage"')
    found: dict[int, Sighting] = {}
    undated = unknown = repeated = 0
    sample = ""
    for offset, record in records:
        message = part(record, "message")
        usage = part(message, "payload").get("token_usage")
        # A SubagentEvent mirrors what the sub-agent's own wire log tells.
        if message.get("type") != "StatusUpdate" or usage is None:
            continue
        if not isinstance(usage, dict) or not any(name in usage for name in _PARTS):
            unknown += 1
            sample = field_names(usage if isinstance(usage, dict) else record)
            continue
        moment = moment_of(record.get("timestamp"))
        if moment is None:
            undated += 1
            continue
        sighting = _sighting(moment, offset, part(message, "payload"), usage, scope, model)
        if sighting is not None:
            repeated += sighting.key in found
            first = found.get(sighting.key, sighting).first_ms
            found[sighting.key] = sighting._replace(first_ms=min(first, moment))
    kind = name_in(launch.get("subagent_type"))
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME),
        sightings=list(found.values()),
        notes=(AgentNote(session, scope.agent, kind),) if kind else (),
        tally=records.tally(undated=undated, unknown=unknown, repeated=repeated, sample=sample),
    )


def _sighting(
    moment: int,
    offset: int,
    payload: dict[str, Any],
    usage: dict[str, Any],
    scope: Scope,
    model: ModelName,
) -> Sighting | None:
    """Return a step's request; None where it used nothing."""
    plain_input, cached, written, output = (count(usage.get(name)) for name in _PARTS)
    if not (plain_input or cached or written or output):
        return None
    name = plain(payload.get("message_id"))
    if name:
        key = request_key(name, NAME, scope.session, name)
    else:
        key = event_key(NAME, scope.session, scope.agent, "at", str(offset))
    return Sighting(
        *(key, moment, moment, scope, model, 1, plain_input, cached, written, 0, output, None, 0),
        *(None, count(payload.get("max_context_tokens")) or None, Grade.RECORD, 1, 0, offset),
    )


def moment_of(seconds: object) -> int | None:
    """Return a time in seconds as UTC milliseconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not 0 < seconds < 1e11:
        return None
    return instant_ms(round(seconds * 1000))


def _project(place: _Place) -> str:
    """Return the working directory, whose hash names the sessions' folder."""
    known = read_object(place.share / "kimi.json")
    folders = known.get("work_dirs")
    for folder in folders if isinstance(folders, list) else ():
        path = plain(folder.get("path")) if isinstance(folder, dict) else ""
        digest = md5(path.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        # A remote machine's folder has the name of its kind before the hash.
        if path and digest == place.folder.rsplit("_", 1)[-1]:
            return path
    return plain(part(known, "session_to_workdir").get(place.session.name))


def _model(share: Path, launch: dict[str, Any]) -> str:
    """Return the configured model, or the one that a sub-agent was launched with."""
    config = _config(share)
    alias = plain(part(launch, "launch_spec").get("effective_model"))
    alias = alias or plain(config.get("default_model")) or plain(config.get("model"))
    model = plain(part(part(config, "models"), alias).get("model"))
    return model or alias.rsplit("/", 1)[-1]


def _config(share: Path) -> dict[str, Any]:
    """Return the tool's configuration; an empty one where there is none."""
    try:
        with open(share / "config.toml", "rb") as file:
            return tomllib.loads(file.read(MAX_BYTES).decode())
    except (OSError, ValueError, RecursionError):
        return read_object(share / "config.json")
