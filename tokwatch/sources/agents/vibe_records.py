"""Mistral Vibe's sessions: running totals, which a compaction carries into a new session."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.model.reading import AgentNote, Cursor, Reading, Tally
from tokwatch.sources.agents.documents import document_of
from tokwatch.sources.beside import fields, part, plain, read_object
from tokwatch.sources.counts import instant_ms, nano
from tokwatch.sources.growth import RunningTotals, Step, read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import name_in, safe_name

NAME: Final = "vibe"
_PROMPT: Final = "session_prompt_tokens"
_CACHED: Final = "session_cached_tokens"
_OUTPUT: Final = "session_completion_tokens"
_ANY_ZONE_MS: Final = 14 * 60 * 60 * 1000
"""No local clock is further from UTC."""


class _Totals(NamedTuple):
    parts: tuple[int | None, int | None, int | None]
    """Prompt, what the cache served of it, output."""
    cost_nano: int | None


def read_session(log: LogFile, cursor: Cursor) -> Reading:
    """Read what a session's totals grew by since the last look."""
    meta = document_of(log.document())
    if meta is None:
        return Reading(cursor=cursor, tally=Tally(lines=1, bad_lines=1))
    stats = fields(meta).get("stats")
    if stats is None:
        return Reading(cursor=cursor, tally=Tally(lines=1))
    if not isinstance(stats, dict) or not (_PROMPT in stats or _OUTPUT in stats):
        sample = field_names(stats if isinstance(stats, dict) else meta)
        return Reading(cursor=cursor, tally=Tally(lines=1, unknown=1, sample=sample))
    state = read_state(cursor.state)
    running, axes = RunningTotals(state.get("totals")), Axes(NAME, state.get("axes"))
    if not cursor.state and (carried := _carried(log.path, meta, stats)):
        running.step("session", carried.parts, carried.cost_nano)
    now = _totals(stats)
    step = running.step("session", now.parts, now.cost_nano)
    scope = scope_of(log.path, meta)
    growth = None if step is None else _sighting(log.path, meta, scope, step, now)
    found = () if growth is None else (axes.place(f"{scope.session}/{scope.agent}", growth),)
    state_after = state_of(totals=running.entries, axes=axes.entries)
    kind = name_in(part(meta, "agent_profile").get("name")) if scope.agent else ""
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME, state=state_after),
        sightings=found,
        stretches=tuple(axes.stretches),
        notes=(AgentNote(scope.session, scope.agent, kind),) if kind else (),
        tally=Tally(lines=1),
    )


def _totals(stats: dict[str, Any]) -> _Totals:
    """Return the totals; a cost of nothing is one without prices."""
    parts = total(stats.get(_PROMPT)), total(stats.get(_CACHED)), total(stats.get(_OUTPUT))
    return _Totals(parts, nano(stats.get("session_cost")) or None)


def _sighting(path: Path, meta: dict[str, Any], scope: Scope, step: Step, now: _Totals) -> Sighting:
    moment, model = _saved_ms(path, meta), _model(part(meta, "config"))
    prompt, cached, output = step.growth
    cached = min(cached, prompt)
    told = cached if now.parts[1] is not None else None
    return Sighting(
        *(0, moment, moment, scope, model, 1, prompt - cached, told, None, None, output, None),
        *(0, step.cost_nano, None, Grade.DERIVED, 1, 0, 0),
    )


def _saved_ms(path: Path, meta: dict[str, Any]) -> int:
    """Return when the totals were saved, in UTC."""
    changed = path.stat().st_mtime_ns // 1_000_000
    for name in ("end_time", "start_time"):
        told = plain(meta.get(name))
        moment = instant_ms(told)
        if moment is not None:
            # Older versions wrote the local clock, without its zone.
            is_local = datetime.fromisoformat(told).tzinfo is None
            return changed if is_local and abs(changed - moment) <= _ANY_ZONE_MS else moment
    return changed


def scope_of(path: Path, meta: dict[str, Any]) -> Scope:
    """Return whose request it is: a sub-agent's folder lies in its parent's `agents`."""
    session = safe_name(plain(meta.get("session_id")) or path.parent.name)
    agent, folder = "", path.parent.parent
    if folder.name == "agents":
        parent = read_object(folder.parent / "meta.json")
        agent = session
        session = safe_name(plain(parent.get("session_id")) or folder.parent.name)
    project = name_in(part(meta, "environment").get("working_directory"))
    return Scope(NAME, session, agent, project, name_in(meta.get("git_branch")))


def _model(config: dict[str, Any]) -> ModelName:
    """Return the model that the active alias stands for in the session's configuration."""
    active = config.get("active_model")
    entry = active if isinstance(active, dict) else _listed(config.get("models"), plain(active))
    name = plain(entry.get("name")) or plain(active) or plain(entry.get("alias"))
    return ModelName(name_in(entry.get("provider")), safe_name(name) or "unknown")


def _listed(models: object, alias: str) -> dict[str, Any]:
    """Return a model's entry, in a list or by its alias."""
    if isinstance(models, dict):
        return part(models, alias)
    entries = models if isinstance(models, list) else ()
    return next((e for e in entries if isinstance(e, dict) and e.get("alias") == alias), {})


def _carried(path: Path, meta: dict[str, Any], stats: dict[str, Any]) -> _Totals | None:
    """Return the totals that a compaction carried over from the session before.

    A compaction goes on counting in a new session; a fork begins at nothing. So the parent must
    have been saved for the last time before this session began, at totals no higher than these.
    """
    parent = _parent(path.parent, plain(meta.get("parent_session_id")))
    then = part(parent, "stats")
    ended, began = instant_ms(parent.get("end_time")), instant_ms(meta.get("start_time"))
    if not then or ended is None or began is None or ended > began:
        return None
    for name in (_PROMPT, _CACHED, _OUTPUT, "steps"):
        if (total(then.get(name)) or 0) > (total(stats.get(name)) or 0):
            return None
    return _totals(then)


def _parent(folder: Path, session: str) -> dict[str, Any]:
    """Return what is told about another session, whose folder's name ends with a part of its id."""
    if not session:
        return {}
    try:
        names = sorted(os.listdir(folder.parent))
    except OSError:
        return {}
    for name in names:
        ending = name.rsplit("_", 1)[-1]
        if name != folder.name and ending and ending in session:
            found = read_object(folder.parent / name / "meta.json")
            if found.get("session_id") == session:
                return found
    return {}
