"""Writes suggestions: each call is one short transaction, whoever else writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from tokwatch.model.suggestion import Suggestion, SuggestionState, TriggerCount
from tokwatch.store.connect import Database

_FOUND: Final = (
    *("workspace", "user_name", "name", "kind", "subject", "severity", "title", "saving_nano"),
    *("counted_nano", "saving_share", "requests", "discount", "rank", "seen_ms", "body"),
)
"""What each look writes anew."""
_UNTOLD: Final = "rate_after = NULL, after_requests = 0, realised_nano = NULL, verdict = '', "
_BEGUN: Final = (
    f"accepted_ms = ?, promised_nano = saving_nano, promised_counted_nano = counted_nano, {_UNTOLD}"
)
_MOVED: Final = {
    SuggestionState.ACCEPTED: _BEGUN,
    SuggestionState.DONE: _BEGUN,
    SuggestionState.NEW: "accepted_ms = NULL, promised_nano = 0, promised_counted_nano = 0, "
    f"{_UNTOLD}",
}
"""What a reader's answer changes beside the state."""


def write_suggestions(
    database: Database,
    workspace: int,
    found: Sequence[Suggestion],
    at_ms: int,
    user: str = "",
) -> None:
    """Write what one look found, the best first; what a reader said stays as it is.

    New ones that are not found any more are forgotten; those that were answered are kept.
    """
    with database.transaction():
        for rank, one in enumerate(found):
            _write(database, workspace, user, one, rank, at_ms)
        database.execute(
            "UPDATE suggestion SET saving_nano = 0, counted_nano = 0 "
            "WHERE workspace = ? AND user_name = ? AND seen_ms < ?",
            (workspace, user, at_ms),
        )
        gone = (
            "SELECT id FROM suggestion WHERE workspace = ? AND user_name = ? AND state = 'new' "
            "AND seen_ms < ?"
        )
        values = (workspace, user, at_ms)
        database.execute(
            f"DELETE FROM suggestion_event WHERE workspace = ? AND suggestion IN ({gone})",
            (workspace, *values),
        )
        database.execute(
            "DELETE FROM suggestion WHERE workspace = ? AND user_name = ? AND state = 'new' "
            "AND seen_ms < ?",
            values,
        )


def _write(
    database: Database, workspace: int, user: str, one: Suggestion, rank: int, at_ms: int
) -> None:
    marks = ", ".join("?" * (len(_FOUND) + 6))
    again = ", ".join(f"{name} = excluded.{name}" for name in _FOUND[3:])
    row = database.execute(
        f"INSERT INTO suggestion ({', '.join(_FOUND)}, state, found_ms, rate_before, "
        f"promised_nano, after_requests, verdict) VALUES ({marks}) "
        f"ON CONFLICT (workspace, user_name, name) DO UPDATE SET {again}, rate_before = "
        "CASE WHEN suggestion.accepted_ms IS NULL THEN excluded.rate_before "
        "ELSE suggestion.rate_before END RETURNING id",
        (
            *(workspace, user, one.key, one.kind, one.subject, str(one.severity), one.title),
            *(one.saving_nano_month, one.counted_nano_month, one.saving_share, one.requests),
            *(one.discount, rank, at_ms, _body(one)),
            *("new", at_ms, one.rate_before, 0, 0, ""),
        ),
    ).fetchone()
    number = int(row[0]) if row else 0
    database.execute("DELETE FROM suggestion_event WHERE suggestion = ?", (number,))
    database.executemany(
        "INSERT INTO suggestion_event (suggestion, place, workspace, key) VALUES (?, ?, ?, ?)",
        [(number, place, workspace, key) for place, key in enumerate(one.events)],
    )


def _body(one: Suggestion) -> str:
    told = {
        "confidence": str(one.confidence),
        "risk": str(one.risk),
        "klass": str(one.klass),
        "steps": list(one.steps),
        "evidence": one.evidence,
        "agreed": list(one.agreed),
        "rather": one.rather,
        "copies": one.copies,
    }
    return json.dumps(told)


def write_proofs(database: Database, workspace: int, told: Iterable[Suggestion]) -> None:
    """Write what came of suggestions that are followed."""
    with database.transaction():
        database.executemany(
            "UPDATE suggestion SET rate_after = ?, after_requests = ?, realised_nano = ?, "
            "verdict = ? WHERE workspace = ? AND id = ? AND accepted_ms = ?",
            [
                (
                    *(one.rate_after, one.after_requests, one.realised_nano_month),
                    *(str(one.verdict or ""), workspace, one.id, one.accepted_ms),
                )
                for one in told
            ],
        )


def answer(
    database: Database, workspace: int, number: int, state: SuggestionState, at_ms: int
) -> bool:
    """Write what its reader says to a suggestion; False where there is none of that number."""
    followed = ("accepted", "done")
    with database.transaction():
        before = database.value(
            "SELECT state FROM suggestion WHERE workspace = ? AND id = ?", (workspace, number)
        )
        # What is watched already goes on being watched from where it began.
        goes_on = before in followed and state in followed
        moved = "" if goes_on else _MOVED.get(state, "")
        done = database.execute(
            f"UPDATE suggestion SET {moved}state = ? WHERE workspace = ? AND id = ?",
            (*((at_ms,) * moved.count("?")), str(state), workspace, number),
        )
    return done.rowcount == 1


def write_triggers(
    database: Database, workspace: int, told: Iterable[TriggerCount], user: str = ""
) -> None:
    """Write what triggers measured; one that begins to hold counts once more."""
    with database.transaction():
        database.executemany(
            "INSERT INTO suggestion_trigger (workspace, user_name, name, times, last_ms, value, "
            "threshold, is_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (workspace, user_name, name) DO UPDATE SET "
            "times = suggestion_trigger.times + excluded.times, "
            "last_ms = CASE WHEN excluded.is_on = 1 THEN excluded.last_ms "
            "ELSE suggestion_trigger.last_ms END, value = excluded.value, "
            "threshold = excluded.threshold, is_on = excluded.is_on",
            [
                (
                    *(workspace, user, one.name, one.times, one.last_ms, one.value),
                    *(one.threshold, int(one.is_on)),
                )
                for one in told
            ],
        )


def close_told(database: Database, workspace: int, wanted: Sequence[str], at_ms: int) -> None:
    """Close the alerts of suggestions that ask for nothing any more."""
    marks = ", ".join("?" * len(wanted))
    others = f"AND subject NOT IN ({marks}) " if wanted else ""
    with database.transaction():
        database.execute(
            "UPDATE alert SET closed_ms = ?, updated_ms = ? WHERE workspace = ? "
            f"AND rule = 'suggestion' AND closed_ms IS NULL {others}",
            (at_ms, at_ms, workspace, *wanted),
        )
