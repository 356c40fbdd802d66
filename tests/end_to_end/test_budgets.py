"""Budgets and limits end to end: a log and a status line in, screen and overview out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_costs import Screen
from tests.transcripts import SESSION, append, response, transcript
from tokwatch.config import load
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.budgets import BudgetsAsk, BudgetsPage
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.status.told import remember, told_by

SETTINGS = "[budget.n]\nrequests = 5\nper = 'run'\n[budget.app]\nusd = 1\nproject = 'app'\n"


@pytest.fixture
def log(home: Path) -> Path:
    """Return a transcript with two requests of the last minutes."""
    path = transcript(home)
    now = datetime.now(UTC)
    lines = [response(number, at=now - timedelta(minutes=3 - number)) for number in (1, 2)]
    append(path, *lines)
    return path


@pytest.fixture
def screen(log: Path, tmp_path: Path) -> Iterator[Screen]:
    """Return what asks a monitor that reads the log."""
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS, "utf-8")
    monitor = Monitor(load(file, tmp_path / "data", environ={}))
    found = Screen(monitor)
    monitor.start(found.publish)
    yield found
    monitor.stop()


def test_a_request_takes_from_its_budgets(screen: Screen, log: Path) -> None:
    def spent(page: BudgetsPage) -> list[int]:
        return [one.spent for one in page.standings if one.name == "n"]

    first: BudgetsPage = screen.page(BudgetsAsk(), lambda page: spent(page) == [2])
    append(log, response(3, at=datetime.now(UTC)))
    second: BudgetsPage = screen.page(BudgetsAsk(), lambda page: spent(page) == [3])
    feed: FeedPage = screen.page(FeedAsk(), lambda page: len(page.left) == 3)

    assert [one.name for one in first.standings] == ["n", "app"]
    assert second.standings[1].spent > first.standings[1].spent > 0
    assert [left.amount for left in feed.left.values() if left.budget == "n"] == [2, 3, 4]


def test_what_a_status_line_told_stands_beside(screen: Screen, tmp_path: Path) -> None:
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    told = {
        "session_id": SESSION,
        "model": {"id": "claude-opus-4-8"},
        "context_window": {"context_window_size": 500_000},
        "rate_limits": {
            "five_hour": {"used_percentage": 40, "resets_at": now_ms // 1000 + 3_600},
        },
    }
    remember(told_by(json.dumps(told).encode()), str(tmp_path / "data"), now_ms - 1_000)

    page: BudgetsPage = screen.page(BudgetsAsk(), lambda page: len(page.quotas) == 1)

    assert page.quotas[0].reading.used_share == pytest.approx(0.4)
    assert page.quotas[0].pace == pytest.approx(0.5, rel=0.01)
    assert page.rates[0].gauge.provider == "anthropic"
