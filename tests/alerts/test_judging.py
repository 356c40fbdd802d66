"""Rules judged once, without a screen: what must hold for a while, who judges, what is told."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.build import Made, build
from tokwatch.alerts.judging import judge_now, source_states
from tokwatch.config import Config, load
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.alert import AlertState, DeliveryState
from tokwatch.model.units import NANO, QUARTER_MS
from tokwatch.store.alerts import judged_ms
from tokwatch.store.read.every import deliveries, open_alerts, open_view
from tokwatch.store.store import open_store

AT_MS = QUARTER_MS * 1_960_000
MINUTE_MS = 60_000
LASTING = (
    "[alerts.rules.mine]\nwhen = 'cost_usd_per_hour > threshold'\nthreshold = 5\nminutes = 10\n"
)


def clock() -> datetime:
    """Return the moment of these tests."""
    return datetime.fromtimestamp(AT_MS / 1000, UTC)


def settings(tmp_path: Path, text: str) -> Config:
    """Return settings beside a store."""
    file = tmp_path / "config.toml"
    file.write_text(f'[general]\ntimezone = "UTC"\n{text}', "utf-8")
    return load(file, tmp_path / "data", environ={})


def stored(config: Config, made: list[Made]) -> None:
    """Keep requests in the store of settings."""
    database = open_store("", config.data)
    build(database, made)
    database.close()


def open_rules(config: Config) -> dict[str, AlertState]:
    """Return the rules with an open alert, and how it stands."""
    database = open_store("", config.data)
    found = open_alerts(open_view(database, "local"))
    database.close()
    return {one.rule: one.state(AT_MS) for one in found}


@pytest.mark.parametrize(("minutes", "fires"), [(15, True), (6, False)])
def test_what_must_hold_for_ten_minutes_is_looked_back_at(
    tmp_path: Path, home: Path, minutes: int, fires: bool
) -> None:
    config = settings(tmp_path, LASTING)
    stored(config, [Made(AT_MS - minutes * MINUTE_MS, computed_nano=6 * NANO)])

    assert judge_now(config, {}, clock)

    assert ("mine" in open_rules(config)) is fires


@pytest.mark.parametrize(("minutes", "fires"), [(10, True), (9, False), (61, False)])
def test_what_must_hold_of_a_session_is_remembered_from_look_to_look(
    tmp_path: Path, home: Path, minutes: int, fires: bool
) -> None:
    text = "[alerts.rules.mine]\nwhen = 'session_cost_usd > threshold'\nthreshold = 5\nminutes = 10"
    config = settings(tmp_path, text)
    late = datetime.fromtimestamp(AT_MS / 1000 + minutes * 60, UTC)
    made = Made(AT_MS - MINUTE_MS, computed_nano=6 * NANO)
    # It is at work all the time.
    again = Made(AT_MS + (minutes - 1) * MINUTE_MS, computed_nano=1)
    stored(config, [made, again])

    assert judge_now(config, {}, clock)
    assert "mine" not in open_rules(config)
    assert judge_now(config, {}, lambda: late)

    assert ("mine" in open_rules(config)) is fires


def test_it_is_kept_when_rules_were_judged(tmp_path: Path, home: Path) -> None:
    config = settings(tmp_path, "")
    stored(config, [Made(AT_MS)])

    judge_now(config, {}, clock)

    database = open_store("", config.data)
    assert judged_ms(database, 1) == AT_MS
    database.close()


def test_who_reads_the_logs_judges(tmp_path: Path, home: Path) -> None:
    config = settings(tmp_path, LASTING)
    stored(config, [Made(AT_MS - 15 * MINUTE_MS, computed_nano=6 * NANO)])
    lock = IngestLock(config.data)
    assert lock.acquire()

    assert not judge_now(config, {}, clock)

    lock.release()
    assert open_rules(config) == {}


@pytest.mark.parametrize("text", ["[alerts]\non = false\n", "[detail]\ndays = 0\n"])
def test_without_rules_or_a_store_nothing_is_judged(tmp_path: Path, home: Path, text: str) -> None:
    config = settings(tmp_path, text)
    if not config.alerts.on:
        stored(config, [Made(AT_MS)])

    assert not judge_now(config, {}, clock)


def test_what_is_found_is_told_before_the_command_ends(tmp_path: Path, home: Path) -> None:
    script, told = tmp_path / "tell.py", tmp_path / "told"
    script.write_text(
        f"import sys\nopen({str(told)!r}, 'a').write(sys.stdin.read() + chr(10))\n", "utf-8"
    )
    command = json.dumps([sys.executable, str(script)])
    config = settings(
        tmp_path, f"[budget.daily]\nusd = 1\n[budget.weekly]\nusd = 2\nper = 'week'\n"
        f"[notify]\ncommand = {command}\n",
    )  # fmt: skip
    stored(config, [Made(AT_MS - 1000, computed_nano=6 * NANO)])

    judge_now(config, {}, clock)

    names = {json.loads(line)["rule"] for line in told.read_text("utf-8").splitlines()}
    assert names == {"budget-90"}
    database = open_store("", config.data)
    states = [one.state for one in deliveries(open_view(database, "local"), 0)]
    database.close()
    assert states == [DeliveryState.SENT, DeliveryState.SENT]


def test_a_source_that_cannot_be_read_is_known(tmp_path: Path, home: Path) -> None:
    config = settings(tmp_path, "")
    stored(config, [Made(AT_MS)])
    log = home / ".claude" / "projects" / "shop" / "s1.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text("{}", "utf-8")
    database = open_store("", config.data)

    states = source_states(config, open_view(database, "local"), {str(log): "Permission denied"})

    database.close()
    (failing,) = [one for one in states if one.error]
    assert (failing.name, "Permission denied" in failing.error) == ("claude-code", True)
