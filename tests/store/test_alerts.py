"""Alerts in a store: once, whoever writes, with what they rest on and how they were told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tokwatch.model.alert import Alert, AlertChange, AlertState, DeliveryState, Severity
from tokwatch.model.alert_facts import Narrow
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.alerts import (
    acknowledge,
    forget_alerts,
    note_delivery,
    snooze,
    write_alerts,
)
from tokwatch.store.connect import Database, Row, open_database
from tokwatch.store.read.every import (
    View,
    alerts,
    chains_of,
    deliveries,
    estimate_sums,
    model_gaps,
    open_alerts,
    open_view,
    quarters_of,
    session_totals,
    source_days,
    told_facts,
    turns_so_far,
    watched_requests,
)
from tokwatch.store.store import workspace_id

AT_MS = QUARTER_MS * 2_000_000
FOUND = Alert(
    *(0, "session-cost", "session claude-code/s1", Severity.WARNING, AT_MS, AT_MS),
    *(12.5, 12.5, 10.0, "session cost $12.50"),
    user="ana",
    events=(3, 1),
)


def opened(database: Database, *found: Alert, channels: tuple[str, ...] = ()) -> list[Alert]:
    """Write alerts that were not there before, and return those to be told."""
    space = workspace_id(database, "local") or 0
    return write_alerts(database, space, [AlertChange(one, True, True) for one in found], channels)


def view_of(database: Database) -> View:
    """Return everybody's view."""
    return open_view(database, "local")


def test_an_alert_comes_back_as_it_was_written(database: Database) -> None:
    (told,) = opened(database, FOUND)

    assert open_alerts(view_of(database)) == [told]
    assert told == replace(FOUND, id=told.id)


def test_two_processes_open_it_once(store_url: str, tmp_path: Path, database: Database) -> None:
    (mine,) = opened(database, FOUND)
    other = open_database(store_url, tmp_path)
    try:
        assert opened(other, replace(FOUND, title="another's")) == []
    finally:
        other.close()

    assert open_alerts(view_of(database)) == [mine]


def test_what_a_rule_says_leaves_what_a_user_did(database: Database) -> None:
    (alert,) = opened(database, FOUND)
    assert acknowledge(database, 1, alert.id, AT_MS + 5)
    later = replace(alert, value=14, worst=14, updated_ms=AT_MS + 9)
    write_alerts(database, 1, [AlertChange(later, False, False)])

    (found,) = open_alerts(view_of(database))
    assert (found.value, found.acknowledged_ms) == (14, AT_MS + 5)
    assert found.state(AT_MS + 9) is AlertState.ACKNOWLEDGED


def test_a_snooze_since_it_was_read_stands(database: Database) -> None:
    (alert,) = opened(database, FOUND)
    assert snooze(database, 1, alert.id, AT_MS + 1000)
    later = replace(alert, value=14, updated_ms=AT_MS + 9)
    write_alerts(database, 1, [AlertChange(later, False, False)])
    assert open_alerts(view_of(database))[0].state(AT_MS + 9) is AlertState.SNOOZED

    awake = replace(later, updated_ms=AT_MS + 1000)
    write_alerts(database, 1, [AlertChange(awake, False, True)])
    assert open_alerts(view_of(database))[0].snoozed_until_ms is None


def test_a_closed_one_is_history_and_may_be_opened_again_once(database: Database) -> None:
    (alert,) = opened(database, FOUND)
    closed = replace(alert, closed_ms=AT_MS + 9, updated_ms=AT_MS + 9)
    write_alerts(database, 1, [AlertChange(closed, False, False)])
    view = view_of(database)
    assert open_alerts(view) == []
    assert alerts(view, AT_MS + 9) == [closed]
    assert alerts(view, AT_MS + 10) == []
    assert not acknowledge(database, 1, alert.id, AT_MS)
    assert not snooze(database, 1, alert.id, AT_MS)

    (another,) = opened(database, FOUND)
    again = replace(closed, closed_ms=None, times=2)
    assert write_alerts(database, 1, [AlertChange(again, False, True)]) == []
    assert open_alerts(view) == [another]


def test_deliveries_wait_until_somebody_sees_to_them(database: Database) -> None:
    (alert,) = opened(database, FOUND, channels=("webhook", "command"))
    waiting = deliveries(view_of(database))
    assert {one.channel for one in waiting} == {"webhook", "command"}
    assert {(one.alert, one.state, one.tries) for one in waiting} == {
        (alert.id, DeliveryState.WAITING, 0)
    }
    sent = replace(waiting[0], state=DeliveryState.SENT, tries=2, at_ms=AT_MS + 70)
    note_delivery(database, sent)

    assert deliveries(view_of(database), AT_MS + 1) == [sent]


def test_old_history_is_deleted_with_all_of_it(database: Database) -> None:
    (old,) = opened(database, FOUND, channels=("webhook",))
    closed = replace(old, closed_ms=AT_MS + 9, updated_ms=AT_MS + 9)
    write_alerts(database, 1, [AlertChange(closed, False, False)])
    opened(database, FOUND)

    assert forget_alerts(database, 1, AT_MS + 9) == 0
    assert forget_alerts(database, 1, AT_MS + 10) == 1
    assert len(alerts(view_of(database))) == 1
    assert database.value("SELECT count(*) FROM alert_event") == 2
    assert database.value("SELECT count(*) FROM alert_delivery") == 0


def test_a_user_sees_alerts_of_their_own_only(database: Database) -> None:
    opened(database, FOUND, replace(FOUND, rule="burn", subject="all", user=""))
    view = view_of(database)

    assert len(open_alerts(view)) == 2
    assert [one.rule for one in open_alerts(replace(view, user="ana"))] == ["session-cost"]
    assert open_alerts(replace(view, user="ben")) == []


def test_rules_see_requests_as_they_are_stored(database: Database) -> None:
    made = [
        Made(AT_MS, user="ana", logged_nano=5_000_000, window=200_000),
        Made(AT_MS + 1, session="s2", agent="a1", computed_nano=None, model="odd"),
    ]
    view = build(database, made, agents=[("claude-code", "s2", "a1", "Explore", "")])

    first, second = watched_requests(view)

    assert (first.kind, first.user, first.nano, first.window) == ("main", "ana", 5_000_000, 200_000)
    assert (first.cached.key, first.path) == (1, "/logs/a.jsonl")
    assert (second.kind, second.nano, second.session) == ("Explore", 0, ("claude-code", "s2"))
    assert second.unpriced == 1050
    assert model_gaps(view)[0][:2] == ("odd", 1050)
    assert chains_of(view, [2, 77])[2] == ("claude-code", "s2", "a1")


def test_a_session_costs_what_all_of_its_agents_do(database: Database) -> None:
    made = [Made(AT_MS), Made(AT_MS, agent="a1"), Made(AT_MS, session="s2")]
    view = build(database, made)

    found = session_totals(view, [("claude-code", "s1"), ("codex", "s2")])

    assert found == {("claude-code", "s1"): (20_000_000, 2100)}


def test_other_numbers_of_alerts_and_sessions_are_no_other_statements(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = build(database, [Made(AT_MS, session=f"s{number}") for number in range(8)])
    asked: list[str] = []
    rows = Database.rows

    def noted(self: Database, sql: str, values: Sequence[object] = ()) -> list[Row]:
        asked.append(sql)
        return rows(self, sql, values)

    monkeypatch.setattr(Database, "rows", noted)
    sessions = [("claude-code", f"s{number}") for number in range(8)]
    for number, session in enumerate(sessions, 1):
        opened(database, replace(FOUND, subject=f"session {session[1]}"))
        if number == 5:
            asked.clear()
        assert len(open_alerts(view)) == number
        assert all(alert.events == FOUND.events for alert in open_alerts(view))
        assert list(session_totals(view, sessions[:number])) == sessions[:number]
        turns_so_far(view, sessions[:number])
    assert len(set(asked)) == 4  # of 5 to 8 each: alerts, what they rest on, totals, turns


def test_quarters_and_estimates_can_be_narrowed(database: Database) -> None:
    made = [
        Made(AT_MS, project="/a", logged_nano=8_000_000),
        Made(AT_MS, project="/b", logged_nano=10_000_000, agent="a1"),
        Made(AT_MS + QUARTER_MS, project="/a"),
    ]
    view = build(database, made)

    assert quarters_of(view) == [
        (AT_MS, 18_000_000, 2100),
        (AT_MS + QUARTER_MS, 10_000_000, 1050),
    ]
    assert quarters_of(view, Slice(), Narrow(projects=("/b",))) == [(AT_MS, 10_000_000, 1050)]
    assert quarters_of(view, Slice(), Narrow(agents=("sub-agent",), models=("x",))) == []
    assert estimate_sums(view) == (2, 2_000_000, 18_000_000)
    assert estimate_sums(view, Slice(), Narrow(projects=("/a",))) == (1, 2_000_000, 8_000_000)
    assert estimate_sums(view, Slice(), Narrow(agents=("main",))) == (1, 2_000_000, 8_000_000)
    assert source_days(view) == {"claude-code": (AT_MS // 86_400_000,)}


def test_facts_come_with_whose_they_are(database: Database) -> None:
    view = build(database, [Made(AT_MS, user="ana")])
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, 1, 1, 'retries', 2)"
    )

    (fact,) = told_facts(view)

    assert fact == (AT_MS, 1, "retries", 2, "/code/shop", "claude-opus-4-5", "main", "ana")
