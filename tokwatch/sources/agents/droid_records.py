"""Droid's session settings: running totals of a session, whose growth is what counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.agents.documents import document_of
from tokwatch.sources.agents.droid_session import ENDING, first_lines, session_log
from tokwatch.sources.beside import fields, plain
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.growth import RunningTotals, Step, read_state, state_of, total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import field_names
from tokwatch.sources.stretches import Axes
from tokwatch.sources.text import safe_name

NAME: Final = "droid"
_PARTS: Final = (
    "inputTokens",
    "cacheReadTokens",
    "cacheCreationTokens",
    "outputTokens",
    "thinkingTokens",
)
_CUSTOM: Final = re.compile(r"-?\[[^\]]*\](?:-\d+)?$")
"""Whose a custom model is, behind its name: `-[Anthropic]-0`."""


def read_settings(log: LogFile, cursor: Cursor) -> Reading:
    """Read what a session's totals grew by since the last look."""
    settings = document_of(log.document())
    if settings is None:
        return Reading(cursor=cursor, tally=Tally(lines=1, bad_lines=1))
    usage = fields(settings).get("tokenUsage")
    if usage is None:
        return Reading(cursor=cursor, tally=Tally(lines=1))
    if not isinstance(usage, dict) or not any(name in usage for name in _PARTS):
        sample = field_names(usage if isinstance(usage, dict) else settings)
        return Reading(cursor=cursor, tally=Tally(lines=1, unknown=1, sample=sample))
    state = read_state(cursor.state)
    running, axes = RunningTotals(state.get("totals")), Axes(NAME, state.get("axes"))
    step = running.step("session", [total(usage.get(name)) for name in _PARTS])
    began = None if cursor.state else instant_ms(settings.get("providerLockTimestamp"))
    growth = None if step is None else _sighting(log.path, settings, step, began)
    found = () if growth is None else (axes.place(growth.scope.session, growth),)
    state_after = state_of(totals=running.entries, axes=axes.entries)
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME, state=state_after),
        sightings=found,
        stretches=tuple(axes.stretches),
        tally=Tally(lines=1),
    )


def _sighting(path: Path, settings: dict[str, Any], step: Step, began: int | None) -> Sighting:
    """Return growth, its key to come: of the session's begin, or of the file's last change."""
    about = first_lines(session_log(path))
    session = safe_name(path.name.removesuffix(ENDING))
    moment = path.stat().st_mtime_ns // 1_000_000 if began is None else began
    model = _CUSTOM.sub("", plain(settings.get("model")).removeprefix("custom:")) or about.model
    provider = plain(settings.get("providerLock"))
    if provider.startswith("generic-"):
        provider = plain(settings.get("apiProviderLock"))
    named = ModelName(safe_name(provider), safe_name(model) or "unknown")
    scope = Scope(NAME, session, "", safe_name(about.project))
    plain_input, cached, written, visible, thought = step.growth
    return Sighting(
        *(0, moment, moment, scope, named, 1, plain_input, cached, written, 0),
        *(visible + thought, thought, 0, None, None, Grade.DERIVED, 1, 0, 0),
    )
