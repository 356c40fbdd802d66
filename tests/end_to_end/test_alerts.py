"""Alerts from log lines: through parser, store and rules to the picture, and back by a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.monitor.test_monitor import Pictures
from tests.transcripts import append, response, transcript
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config import Config, load
from tokwatch.model.alert import AlertState
from tokwatch.model.snapshot import Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.alerts import AlertsAsk, AlertsPage

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
DEAR = "7f3a0000-0000-4000-8000-0000000004c1"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data", environ={"TOKWATCH_GENERAL__TIMEZONE": "UTC"})


@pytest.fixture
def monitors(config: Config, home: Path) -> Iterator[tuple[Monitor, Monitor]]:
    both = Monitor(config, lambda: NOW), Monitor(config, lambda: NOW)
    yield both
    for one in both:
        one.stop()


def dear(number: int, at: datetime) -> str:
    """Return a response that costs some dollars."""
    record = json.loads(response(number, at=at, session=DEAR, cwd="/home/dev/till"))
    record["message"]["usage"] |= {"output_tokens": 200_000}
    return json.dumps(record)


def is_told(picture: Snapshot) -> bool:
    return any(one.rule == "session-cost" for one in picture.alerts)


def test_a_dear_session_is_told_on_every_screen_and_kept_quiet_from_any(
    monitors: tuple[Monitor, Monitor], home: Path
) -> None:
    first, second = monitors
    log = transcript(home, session=DEAR)
    for number in range(4):
        append(log, dear(number, NOW - timedelta(minutes=4 - number)))
    shown, followed = Pictures(), Pictures()
    first.start(shown.publish)
    picture = shown.wait_for(is_told)
    second.start(followed.publish)
    second.look(AlertsAsk())
    other = followed.wait_for(lambda one: is_told(one) and one.page is not None)

    alert = next(one for one in picture.alerts if one.rule == "session-cost")
    assert alert.subject == f"session claude-code/{DEAR}"
    assert other.page is not None
    assert isinstance(other.page.content, AlertsPage)
    chain = other.page.content.chain(alert)
    assert chain is not None
    assert chain[0].session == DEAR
    assert chain[1] == alert.events[0]

    assert second.acknowledge(alert.id)
    at_ms = epoch_ms(NOW)
    for pictures in (followed, shown):
        pictures.wait_for(
            lambda one: any(
                each.id == alert.id and each.state(at_ms) is AlertState.ACKNOWLEDGED
                for each in one.alerts
            )
        )
