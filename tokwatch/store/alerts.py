"""Writes alerts: each call is one short transaction, whoever else writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from tokwatch.model.alert import Alert, AlertChange, Delivery, DeliveryState
from tokwatch.store.connect import Database
from tokwatch.store.store import set_setting, setting

JUDGED: Final = "alerts judged"
"""Name of the setting that keeps when rules were judged."""
PENDING: Final = "alerts pending"
"""Name of the setting that keeps since when rules hold that must hold for a while."""
MOST_PENDING: Final = 1_000
_COLUMNS: Final = (
    *("workspace", "rule", "subject", "severity", "opened_ms", "updated_ms", "value", "worst"),
    *("threshold", "times", "title", "user_name"),
)


def write_alerts(
    database: Database,
    workspace: int,
    changes: Iterable[AlertChange],
    channels: Sequence[str] = (),
) -> list[Alert]:
    """Write changes and return the alerts that people are to be told of.

    One that another process opened meanwhile stays that one's; what a user did stays as it is.
    """
    told: list[Alert] = []
    with database.transaction():
        for change in changes:
            if change.is_new:
                number = _insert(database, workspace, change.alert)
                if number is None:
                    continue
                alert = replace(change.alert, id=number)
            else:
                alert = change.alert
                if not _update(database, alert):
                    continue
            if change.tells:
                told.append(alert)
                _ask(database, workspace, alert, channels)
    return told


def _insert(database: Database, workspace: int, alert: Alert) -> int | None:
    row = database.execute(
        f"INSERT INTO alert ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
        "ON CONFLICT DO NOTHING RETURNING id",
        (
            *(workspace, alert.rule, alert.subject, str(alert.severity), alert.opened_ms),
            *(alert.updated_ms, alert.value, alert.worst, alert.threshold, alert.times),
            *(alert.title, alert.user),
        ),
    ).fetchone()
    if row is None:
        return None
    number = int(row[0])
    database.executemany(
        "INSERT INTO alert_event (alert, place, workspace, key) VALUES (?, ?, ?, ?)",
        [(number, place, workspace, key) for place, key in enumerate(alert.events)],
    )
    return number


def _update(database: Database, alert: Alert) -> bool:
    """Write what its rule says; tell whether it stands as it was thought to."""
    # Opened again, it must not stand beside another open one of its name.
    free = (
        "(closed_ms IS NULL OR NOT EXISTS (SELECT 1 FROM alert o WHERE o.workspace = "
        "alert.workspace AND o.rule = alert.rule AND o.subject = alert.subject "
        "AND o.closed_ms IS NULL))"
    )
    awake = ", snoozed_until_ms = NULL" if alert.snoozed_until_ms is None else ""
    if awake and alert.closed_ms is None:
        # Somebody may have put it to sleep since it was read.
        awake = ", snoozed_until_ms = CASE WHEN snoozed_until_ms > ? THEN snoozed_until_ms END"
    values: list[object] = [
        *(str(alert.severity), alert.updated_ms, alert.closed_ms, alert.clear_since_ms),
        *(alert.value, alert.worst, alert.threshold, alert.times, alert.title),
        *([alert.updated_ms] if "?" in awake else []),
        alert.id,
    ]
    done = database.execute(
        "UPDATE alert SET severity = ?, updated_ms = ?, closed_ms = ?, clear_since_ms = ?, "
        f"value = ?, worst = ?, threshold = ?, times = ?, title = ?{awake} "
        f"WHERE id = ? AND {free}",
        values,
    )
    return done.rowcount == 1


def _ask(database: Database, workspace: int, alert: Alert, channels: Sequence[str]) -> None:
    """Ask for deliveries: they wait until somebody sees to them."""
    database.executemany(
        "INSERT INTO alert_delivery (workspace, alert, channel, state, tries, asked_ms, at_ms, "
        "error) VALUES (?, ?, ?, ?, 0, ?, ?, '') ON CONFLICT DO NOTHING",
        [
            (
                *(workspace, alert.id, channel, str(DeliveryState.WAITING)),
                *(alert.updated_ms, alert.updated_ms),
            )
            for channel in channels
        ],
    )


def acknowledge(database: Database, workspace: int, alert: int, at_ms: int) -> bool:
    """Note that somebody has seen an open alert; False where there is none of that number."""
    with database.transaction():
        done = database.execute(
            "UPDATE alert SET acknowledged_ms = ?, snoozed_until_ms = NULL "
            "WHERE workspace = ? AND id = ? AND closed_ms IS NULL",
            (at_ms, workspace, alert),
        )
    return done.rowcount == 1


def snooze(database: Database, workspace: int, alert: int, until_ms: int) -> bool:
    """Keep an open alert quiet for a while; False where there is none of that number."""
    with database.transaction():
        done = database.execute(
            "UPDATE alert SET snoozed_until_ms = ? "
            "WHERE workspace = ? AND id = ? AND closed_ms IS NULL",
            (until_ms, workspace, alert),
        )
    return done.rowcount == 1


def note_delivery(database: Database, delivery: Delivery) -> None:
    """Write how far a delivery has come."""
    with database.transaction():
        database.execute(
            "UPDATE alert_delivery SET state = ?, tries = ?, at_ms = ?, error = ? WHERE id = ?",
            (
                *(str(delivery.state), delivery.tries, delivery.at_ms, delivery.error),
                delivery.id,
            ),
        )


def forget_alerts(database: Database, workspace: int, before_ms: int) -> int:
    """Delete what was closed before an instant, with all that hangs on it; return how many."""
    old = "SELECT id FROM alert WHERE workspace = ? AND closed_ms < ?"
    with database.transaction():
        for table in ("alert_event", "alert_delivery"):
            database.execute(
                f"DELETE FROM {table} WHERE workspace = ? AND alert IN ({old})",
                (workspace, workspace, before_ms),
            )
        gone = database.execute(
            "DELETE FROM alert WHERE workspace = ? AND closed_ms < ?", (workspace, before_ms)
        )
    return gone.rowcount


def note_judged(database: Database, workspace: int, at_ms: int) -> None:
    """Keep when the rules were judged."""
    set_setting(database, workspace, JUDGED, str(at_ms))


def judged_ms(database: Database, workspace: int) -> int | None:
    """Return when the rules were judged last, to the minute; None where they never were."""
    found = setting(database, workspace, JUDGED)
    return int(found) if found else None


def keep_pending(database: Database, workspace: int, since: Mapping[tuple[str, str], int]) -> None:
    """Keep since when rules hold of their subjects, for the next process or command."""
    rows = [[*name, at_ms] for name, at_ms in list(since.items())[:MOST_PENDING]]
    set_setting(database, workspace, PENDING, json.dumps(rows))


def pending(database: Database, workspace: int, since_ms: int) -> dict[tuple[str, str], int]:
    """Return since when rules held as they were judged last; nothing where that is longer ago."""
    if (judged_ms(database, workspace) or 0) < since_ms:
        return {}
    rows = json.loads(setting(database, workspace, PENDING) or "[]")
    return {(rule, subject): at_ms for rule, subject, at_ms in rows}
