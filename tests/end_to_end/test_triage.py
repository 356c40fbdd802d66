"""Triage from log lines: through the parser, the store and the monitor to the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.monitor.test_monitor import Pictures
from tests.transcripts import append, response, transcript
from tokwatch.analysis.happenings import What
from tokwatch.analysis.triage import Triage
from tokwatch.config import load
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.usage import Dimension
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.triage import TriageAsk, TriagePage

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SICK = "7f3a0000-0000-4000-8000-0000000004c1"


@pytest.fixture
def monitor(tmp_path: Path, home: Path) -> Iterator[Monitor]:
    config = load(data=tmp_path / "data", environ={"TOKWATCH_GENERAL__TIMEZONE": "UTC"})
    monitor = Monitor(config, lambda: NOW)
    yield monitor
    monitor.stop()


def _calm_days(home: Path) -> None:
    """Write five days with a request each five minutes from nine to two."""
    number = 1_000
    for day in range(5):
        log = transcript(home, session=f"day-{day}")
        begin = NOW.replace(hour=9) - timedelta(days=day)
        for step in range(60):
            number += 1
            append(
                log, response(number, at=begin + step * timedelta(minutes=5), session=f"day-{day}")
            )


def _missing(number: int, at: datetime) -> str:
    """Return a response whose prompt was written to the cache anew."""
    record = json.loads(response(number, at=at, session=SICK, cwd="/home/dev/till"))
    usage = {"cache_read_input_tokens": 0, "cache_creation_input_tokens": 150_000}
    record["message"]["usage"] |= usage
    return json.dumps(record)


def _page(picture: Snapshot) -> TriagePage | None:
    content = picture.page.content if picture.page else None
    return content if isinstance(content, TriagePage) else None


def _has_read_all(picture: Snapshot) -> bool:
    page = _page(picture)
    return picture.progress is None and page is not None and page.triage.after.requests == 9


def _independent(home: Path, found: Triage) -> tuple[int, int]:
    """Return requests and tokens of A, counted in the logs by plain code."""
    seen: dict[str, int] = {}
    for log in (home / ".claude" / "projects").rglob("*.jsonl"):
        for line in log.read_text("utf-8").splitlines():
            record = json.loads(line)
            at_ms = datetime.fromisoformat(record["timestamp"]).timestamp() * 1000
            if found.shown.since_ms <= at_ms < found.shown.until_ms:
                usage = record["message"]["usage"]
                seen[record["message"]["id"]] = sum(usage.values())
    return len(seen), sum(seen.values())


def test_a_spike_in_the_logs_is_opened_and_explained(monitor: Monitor, home: Path) -> None:
    _calm_days(home)
    log = transcript(home, session=SICK, project="-home-dev-till")
    begin = NOW - HOUR + timedelta(minutes=16)
    append(log, *(_missing(number, begin + number * timedelta(minutes=2)) for number in range(6)))
    pictures = Pictures()
    monitor.look(TriageAsk())
    monitor.start(pictures.publish)

    page = _page(pictures.wait_for(_has_read_all))

    assert page is not None
    found = page.triage
    assert page.anomaly is not None
    assert found.shown.since_ms == int((NOW - HOUR + timedelta(minutes=15)).timestamp() * 1000)
    assert (found.after.requests, found.after.total) == _independent(home, found)
    assert found.verdict.driver is not None
    assert (found.verdict.driver.dimension, found.verdict.driver.value) == (Dimension.SESSION, SICK)
    told = {one.what: one for one in page.happenings}
    assert told[What.CACHE_MISS].session == SICK
    assert told[What.CACHE_MISS].count == 5
    assert told[What.NEW_PROJECT].name == "/home/dev/till"
    steps = sum(step.nano for step in found.bridge.steps)
    assert steps == found.verdict.difference_nano > 0
