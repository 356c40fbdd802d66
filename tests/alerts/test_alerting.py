"""From stored requests to stored alerts: rounds over a real store, restarts, two processes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.alerts.desk import MINUTE_MS, START_MS, Desk, watched
from tests.store.build import Made, build
from tokwatch.alerts.alerting import open_rounds, quieted
from tokwatch.config import load
from tokwatch.model.alert import AlertState
from tokwatch.model.units import NANO
from tokwatch.store.read.every import alerts, open_alerts


def test_a_rule_for_one_project_sees_nothing_of_another(desk: Desk) -> None:
    desk.settings = (
        '[alerts.rules.here]\nwhen = "cost_usd_per_hour > 1"\nprojects = ["shop"]\n'
        '[alerts.rules.there]\nwhen = "cost_usd_per_hour > 1"\nprojects = ["docs"]\n'
    )
    made = [Made(START_MS, computed_nano=2 * NANO), Made(START_MS, project="/code/docs")]

    found = watched(desk, made)

    assert found["here"].subject == "use shop"
    assert "there" not in found


def test_an_alert_outlives_a_restart_and_is_not_opened_again(desk: Desk) -> None:
    made = [Made(START_MS, computed_nano=11 * NANO)]
    first = watched(desk, made)["session-cost"]
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert desk.now()["session-cost"].id == first.id
    assert desk.now()["session-cost"].opened_ms == first.opened_ms


def test_two_that_watch_at_once_open_it_once(desk: Desk) -> None:
    build(desk.database, [Made(START_MS, computed_nano=11 * NANO)])
    one, other = desk.rounds(), desk.rounds()
    for _ in range(3):
        desk.after(20_000, one, other)
    one.close()
    other.close()

    assert [alert.rule for alert in open_alerts(desk.view)] == ["session-cost"]


def test_it_closes_by_itself_once_the_session_has_ended(desk: Desk) -> None:
    watched(desk, [Made(START_MS, computed_nano=11 * NANO)])
    desk.at_ms += 60 * MINUTE_MS
    rounds = desk.rounds()
    for _ in range(4):
        desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert desk.now() == {}
    (alert,) = alerts(desk.view)
    assert alert.state(desk.at_ms) is AlertState.CLOSED


def test_acknowledged_and_snoozed_ones_stay_quiet_across_processes(desk: Desk) -> None:
    alert = watched(desk, [Made(START_MS, computed_nano=11 * NANO)])["session-cost"]

    assert quieted(desk.config, alert.id, desk.clock())
    assert desk.now()["session-cost"].state(desk.at_ms) is AlertState.ACKNOWLEDGED
    assert quieted(desk.config, alert.id, desk.clock(), snoozes=True, minutes=5)
    assert desk.now()["session-cost"].state(desk.at_ms) is AlertState.SNOOZED
    assert not quieted(desk.config, 99, desk.clock())


def test_a_still_store_is_not_judged_again_before_ten_seconds(desk: Desk) -> None:
    build(desk.database, [Made(START_MS)])
    rounds = desk.rounds()
    desk.after(1000, rounds)
    judged_ms = rounds._judged_ms
    desk.after(1000, rounds)
    assert rounds._judged_ms == judged_ms
    desk.after(10_000, rounds)
    assert rounds._judged_ms == desk.at_ms
    rounds.close()


def test_without_a_store_there_is_nothing_to_watch(tmp_path: Path) -> None:
    settings = load(None, tmp_path / "data", environ={"HOME": str(tmp_path)})

    assert open_rounds(settings, lambda: (), lambda: datetime.now(UTC)) is None
    assert not quieted(settings, 1, datetime.now(UTC))
