"""Writes templates and records of runs: each call is one short transaction, whoever else writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from tokwatch.model.measure import Measure
from tokwatch.model.template import Draft, Run
from tokwatch.store.connect import Database
from tokwatch.store.measures import write_measures

_OWN: Final = "workspace = ? AND user_name = ? AND name = ?"
_VERSION: Final = (
    *("workspace", "user_name", "name", "number", "saved_ms", "model", "detailed", "terse"),
    *("detailed_tokens", "terse_tokens", "terse_from", "stages"),
)
_RUN: Final = (
    *("workspace", "user_name", "at_ms", "origin", "model", "stages", "before", "after", "budget"),
    *("accepted", "rejected", "ms", "failure", "summary_nano"),
)


def save_template(
    database: Database,
    workspace: int,
    user: str,
    name: str,
    draft: Draft,
    now_ms: int,
    tags: Sequence[str] | None = None,
) -> int:
    """Keep a version and return its number; what the newest one says already is that one."""
    own = (workspace, user, name)
    with database.transaction():
        database.execute(
            "INSERT INTO template (workspace, user_name, name, tags, uses, used_ms)"
            " VALUES (?, ?, ?, '[]', 0, NULL) ON CONFLICT DO NOTHING",
            own,
        )
        if tags is not None:
            database.execute(f"UPDATE template SET tags = ? WHERE {_OWN}", (_text(tags), *own))
        newest = database.execute(
            "SELECT number, detailed, terse, terse_from FROM template_version"
            f" WHERE {_OWN} ORDER BY number DESC LIMIT 1",
            own,
        ).fetchone()
        if newest is not None and newest[1:] == (draft.detailed, draft.terse, draft.terse_from):
            return int(newest[0])
        number = 1 if newest is None else int(newest[0]) + 1
        database.execute(
            f"INSERT INTO template_version ({', '.join(_VERSION)})"
            f" VALUES ({', '.join('?' * len(_VERSION))})",
            (
                *(*own, number, now_ms, draft.model, draft.detailed, draft.terse),
                *(draft.detailed_tokens, draft.terse_tokens, draft.terse_from),
                _text(draft.stages),
            ),
        )
    return number


def note_use(database: Database, workspace: int, user: str, name: str, now_ms: int) -> None:
    """Count one more use of a template."""
    with database.transaction():
        database.execute(
            f"UPDATE template SET uses = uses + 1, used_ms = ? WHERE {_OWN}",
            (now_ms, workspace, user, name),
        )


def set_tags(database: Database, workspace: int, user: str, name: str, tags: Sequence[str]) -> bool:
    """Give a template other tags; False where there is none of that name."""
    with database.transaction():
        done = database.execute(
            f"UPDATE template SET tags = ? WHERE {_OWN}", (_text(tags), workspace, user, name)
        )
    return done.rowcount == 1


def delete_template(database: Database, workspace: int, user: str, name: str) -> bool:
    """Delete a template with its versions; False where there is none of that name."""
    own = (workspace, user, name)
    with database.transaction():
        database.execute(f"DELETE FROM template_version WHERE {_OWN}", own)
        done = database.execute(f"DELETE FROM template WHERE {_OWN}", own)
    return done.rowcount == 1


def add_run(database: Database, workspace: int, run: Run, outcome: Measure) -> None:
    """Keep a record of a run, and how it turned out as a measure."""
    with database.transaction():
        database.execute(
            f"INSERT INTO compression_run ({', '.join(_RUN)})"
            f" VALUES ({', '.join('?' * len(_RUN))})",
            (
                *(workspace, run.user, run.at_ms, run.origin, run.model),
                *(json.dumps(run.stages), run.before, run.after, run.budget),
                *(run.accepted, run.rejected, run.ms, str(run.failure), run.summary_nano),
            ),
        )
        write_measures(database, workspace, 0, [outcome])


def _text(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)
