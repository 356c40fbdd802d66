"""Templates and records of runs: a user sees their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final  # Any: a driver's row

from tokwatch.model.template import Failure, Run, Template, TemplateText, Version
from tokwatch.model.usage import Slice
from tokwatch.store.view import ALL, Conditions, View, between

_VERSION: Final = (
    "v.number, v.saved_ms, v.model, v.detailed_tokens, v.terse_tokens, v.terse_from, v.stages"
)
_SAME: Final = "v.workspace = t.workspace AND v.user_name = t.user_name AND v.name = t.name"


def stored_templates(view: View) -> list[Template]:
    """Return the templates by name, without their texts."""
    found = _conditions(view)
    rows = view.database.rows(
        f"SELECT t.name, t.user_name, t.tags, t.uses, t.used_ms, {_VERSION},"
        f" (SELECT CAST(count(*) AS BIGINT) FROM template_version v WHERE {_SAME})"
        f" FROM template t JOIN template_version v ON {_SAME} AND v.number ="
        f" (SELECT max(v.number) FROM template_version v WHERE {_SAME})"
        f" WHERE {found.text} ORDER BY t.name, t.user_name",
        found.values,
    )
    return [
        Template(name, user, tuple(json.loads(tags)), uses, used_ms, _version(rest[:7]), rest[7])
        for name, user, tags, uses, used_ms, *rest in rows
    ]


def stored_versions(view: View, name: str) -> list[Version]:
    """Return the versions of a template, the newest first; of several users' the newest one's."""
    newest = stored_text(view, name)
    if newest is None:
        return []
    rows = view.database.rows(
        f"SELECT {_VERSION} FROM template_version v"
        " WHERE v.workspace = ? AND v.user_name = ? AND v.name = ? ORDER BY v.number DESC",
        (view.workspace, newest.user, name),
    )
    return [_version(row) for row in rows]


def stored_text(view: View, name: str, version: int | None = None) -> TemplateText | None:
    """Return a version with its text, the newest unless told; of several users' the latest."""
    found = _conditions(view, "v")
    found.add("v.name = ?", name)
    if version is not None:
        found.add("v.number = ?", version)
    rows = view.database.rows(
        f"SELECT v.user_name, v.detailed, v.terse, {_VERSION} FROM template_version v"
        f" WHERE {found.text} ORDER BY v.saved_ms DESC, v.number DESC, v.user_name LIMIT 1",
        found.values,
    )
    for user, detailed, terse, *rest in rows:
        return TemplateText(name, user, _version(rest), detailed, terse)
    return None


def stored_runs(view: View, part: Slice = ALL) -> list[Run]:
    """Return the records of runs in a range, the oldest first; other filters do not apply."""
    found = _conditions(view)
    between(found, "t.at_ms", part.since_ms, part.until_ms)
    rows = view.database.rows(
        "SELECT t.at_ms, t.origin, t.model, t.stages, t.before, t.after, t.budget, t.accepted,"
        " t.rejected, t.ms, t.failure, t.summary_nano, t.user_name FROM compression_run t"
        f" WHERE {found.text} ORDER BY t.at_ms, t.id",
        found.values,
    )
    return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    at_ms, origin, model, stages, *numbers, failure, nano, user = row
    before, after, budget, accepted, rejected, ms = numbers
    techniques = tuple((name, saved) for name, saved in json.loads(stages))
    return Run(
        *(at_ms, origin, model, techniques, before, after, budget, accepted, rejected),
        ms=ms,
        failure=Failure(failure),
        summary_nano=nano,
        user=user,
    )


def _conditions(view: View, table: str = "t") -> Conditions:
    found = Conditions()
    found.add(f"{table}.workspace = ?", view.workspace)
    if view.user is not None:
        found.add(f"{table}.user_name = ?", view.user)
    return found


def _version(row: Sequence[Any]) -> Version:
    number, saved_ms, model, detailed, terse, terse_from, stages = row
    return Version(number, saved_ms, model, detailed, terse, terse_from, tuple(json.loads(stages)))
