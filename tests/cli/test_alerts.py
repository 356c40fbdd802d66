"""`tokwatch alerts`: listed, acknowledged, snoozed and tried without a screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.build import Made, build
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.cli import main
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.store.alerts import write_alerts
from tokwatch.store.read.every import open_alerts, open_view
from tokwatch.store.store import open_store

NOW_MS = epoch_ms(datetime.now(UTC))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder whose store has an open alert and one that is over."""
    monkeypatch.setenv("TOKWATCH_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[general]\ntimezone = "UTC"\n', "utf-8")
    folder = tmp_path / "data"
    database = open_store("", folder)
    build(database, [Made(NOW_MS)])
    opened = Alert(
        *(0, "burn", "all", Severity.CRITICAL, NOW_MS - 60_000, NOW_MS, 38.0, 41.0, 25.0),
        "burn rate $38.00 (above $25.00)\x1b[31m",
        events=(1,),
    )
    over = Alert(
        *(0, "latency", "all", Severity.WARNING, NOW_MS - 90_000, NOW_MS, 140.0, 140.0, 120.0),
        "latency p90 140 s (above 120 s)",
        closed_ms=NOW_MS,
    )
    write_alerts(database, 1, [AlertChange(opened, True, True)])
    database.execute(
        "INSERT INTO alert (workspace, rule, subject, severity, opened_ms, updated_ms, closed_ms, "
        "value, worst, threshold, times, title, user_name) VALUES (1, ?, ?, ?, ?, ?, ?, 140, 140, "
        "120, 1, ?, '')",
        (over.rule, over.subject, "warning", over.opened_ms, NOW_MS, NOW_MS, over.title),
    )
    database.close()
    return folder


def ran(data: Path, *arguments: str) -> int:
    """Run the command."""
    return main(["--data", str(data), "alerts", *arguments])


def test_the_open_ones_are_listed_without_control_characters(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(data) == 0

    (line,) = capsys.readouterr().out.splitlines()
    assert "critical" in line
    assert "open" in line
    assert line.endswith("burn rate $38.00 (above $25.00)?[31m  [burn]")


def test_rules_are_judged_on_request_and_it_says_when(
    data: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data.parent / "config.toml").write_text(
        "[alerts.rules.mine]\nwhen = 'requests_per_hour > 0.5'\n", "utf-8"
    )
    ran(data)
    assert "never judged" in capsys.readouterr().err

    assert ran(data, "--now") == 0

    printed = capsys.readouterr()
    assert "[mine]" in printed.out
    assert "the rules were judged just now" in printed.err
    ran(data, "--json")
    assert json.loads(capsys.readouterr().out)["judgedAt"]


def test_history_is_listed_on_request(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "--all") == 0

    first, second = capsys.readouterr().out.splitlines()
    assert "[burn]" in first
    assert "closed" in second


def test_machines_get_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "--json") == 0

    (told,) = json.loads(capsys.readouterr().out)["alerts"]
    assert (told["rule"], told["severity"], told["state"]) == ("burn", "critical", "open")
    assert (told["value"], told["worst"], told["threshold"]) == (38.0, 41.0, 25.0)
    assert told["events"] == [1]


def test_an_alert_is_acknowledged(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "ack", "1") == 0
    assert capsys.readouterr().out == "Alert 1 is acknowledged.\n"
    ran(data)
    assert "acknowledged" in capsys.readouterr().out


def test_an_alert_is_snoozed_for_as_long_as_asked(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before_ms = epoch_ms(datetime.now(UTC))
    assert ran(data, "snooze", "1", "--minutes", "90") == 0
    after_ms = epoch_ms(datetime.now(UTC))
    assert capsys.readouterr().out == "Alert 1 is snoozed for 90 minutes.\n"
    database = open_store("", data)
    (alert,) = open_alerts(open_view(database, "local"))
    database.close()

    assert alert.snoozed_until_ms is not None
    assert before_ms <= alert.snoozed_until_ms - 90 * 60_000 <= after_ms


def test_what_is_not_open_cannot_be_kept_quiet(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(data, "ack", "2") == 1
    assert "there is no open alert 2" in capsys.readouterr().err
    assert ran(data, "snooze", "1", "--minutes", "0") == 2


def test_a_newer_store_says_why_nothing_is_written(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = open_store("", data)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    assert ran(data, "ack", "1") == 1
    assert "has schema 9999" in capsys.readouterr().err


def test_without_alerts_it_says_so(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path / "none") == 0
    assert capsys.readouterr().out.startswith("No alert is open: the rules were never judged")
    assert ran(tmp_path / "none", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["alerts"], told["judgedAt"]) == ([], None)


def test_a_test_says_where_it_went(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "test") == 0
    assert "names neither a webhook nor a command" in capsys.readouterr().out
    file = data.parent / "config.toml"
    file.write_text('[notify]\ncommand = ["/nowhere/at-all"]\n', "utf-8")

    assert ran(data, "test") == 1
    assert capsys.readouterr().out == "command: No such file or directory\n"


def test_the_settings_never_print_the_webhook(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data.parent / "config.toml"
    file.write_text('[notify]\nwebhook = "https://hooks.example.com/T0/secret"\n', "utf-8")

    assert main(["--data", str(data), "config"]) == 0
    assert main(["--data", str(data), "config", "--json"]) == 0

    told = capsys.readouterr().out
    assert "https://hooks.example.com/***" in told
    assert "secret" not in told
