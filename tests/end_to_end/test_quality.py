"""From lines of a log to the quality page, and what the Sources screen asks of the ingest."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ingest.test_live import wait_until
from tests.monitor.test_monitor import Pictures
from tests.transcripts import SESSION, append, response, transcript
from tokwatch.config import Config, load
from tokwatch.ingest.ingest import refresh
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.presence import running
from tokwatch.model.snapshot import Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.quality import QualityAsk, QualityPage
from tokwatch.pages.sources import SourcesAsk, SourcesPage


def line(kind: str, at: datetime, **told: object) -> str:
    """Return a record of a transcript that is no answer."""
    stamp = at.isoformat().replace("+00:00", "Z")
    record = {"type": kind, "uuid": f"u{stamp}", "sessionId": SESSION, "timestamp": stamp, **told}
    return json.dumps(record)


def asked(text: str, at: datetime) -> str:
    return line("user", at, message={"role": "user", "content": text})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data", environ={})


def quality_of(picture: Snapshot) -> QualityPage | None:
    """Return the quality page of a picture."""
    content = picture.page.content if picture.page else None
    return content if isinstance(content, QualityPage) else None


def test_what_a_transcript_tells_reaches_the_page(config: Config, home: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    log = transcript(home)
    for number, seconds in enumerate((2, 4, 9)):
        at = now - timedelta(minutes=9 - number * 2)
        append(log, asked("do it", at), response(number, at=at + timedelta(seconds=seconds)))
    error = {"status": 529, "message": "overloaded_error"}
    failed = now - timedelta(minutes=4)
    append(log, line("system", failed, subtype="api_error", retryAttempt=1, error=error))
    monitor, pictures = Monitor(config), Pictures()
    monitor.look(QualityAsk())
    monitor.start(pictures.publish)
    try:
        # Errors are told with the conversation, which is read after its requests.
        picture = pictures.wait_for(lambda p: bool((q := quality_of(p)) and q.whole.errors))
    finally:
        monitor.stop()

    page = quality_of(picture)
    assert page is not None
    latency = next(one for one in page.whole.measures if one.definition.name == "latency")
    assert latency.spread is not None
    assert (latency.spread.least, latency.spread.p50, latency.spread.most) == (2_000, 4_000, 9_000)
    assert latency.derived == 3
    success = page.whole.ratios[0]
    assert (success.part, success.whole) == (3, 4)
    assert [(one.trouble, one.count) for one in page.whole.errors] == [("overloaded", 1)]


def test_the_sources_page_is_answered_from_the_same_store(config: Config, home: Path) -> None:
    append(transcript(home), response(1, at=datetime.now(UTC)), "{broken")
    monitor, pictures = Monitor(config), Pictures()
    monitor.look(SourcesAsk())
    monitor.start(pictures.publish)
    try:
        picture = pictures.wait_for(
            lambda p: p.page is not None and isinstance(p.page.content, SourcesPage)
        )
    finally:
        monitor.stop()

    assert picture.page is not None
    page = picture.page.content
    assert isinstance(page, SourcesPage)
    assert page.counts["claude-code"].bad_lines == 1
    assert page.health is not None
    assert page.health.reader == os.getpid()
    assert [(one.process, one.is_this) for one in page.health.processes] == [(os.getpid(), True)]
    assert running(config.data) == ()


@pytest.fixture
def changes() -> threading.Condition:
    return threading.Condition()


@pytest.fixture
def ingest(config: Config, changes: threading.Condition, home: Path) -> Iterator[LiveIngest]:
    """Return an ingest that looks around by itself only once a minute."""

    def changed() -> None:
        with changes:
            changes.notify_all()

    settings = {"TOKWATCH_SOURCES__WALK_SECONDS": "3600", "TOKWATCH_SOURCES__SWEEP_SECONDS": "60"}
    ingest = LiveIngest(load(data=config.data, environ=settings), changed)
    yield ingest
    ingest.stop()


def test_retrying_looks_at_every_folder_at_once(
    ingest: LiveIngest, changes: threading.Condition, home: Path, config: Config
) -> None:
    refresh(config)
    ingest.start()
    wait_until(changes, lambda: ingest.status.started)
    append(transcript(home), response(1, at=datetime.now(UTC)))

    ingest.retry()

    wait_until(changes, lambda: any(one.files for one in ingest.status.sources))
