"""Costs, feed and what-if end to end: from lines of a log to the pages, through the monitor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.transcripts import SESSION, append, response, transcript
from tokwatch.analysis.feed import What
from tokwatch.analysis.what_if import Way
from tokwatch.config import load
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.snapshot import Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.pages.request import RequestAsk, RequestPage
from tokwatch.pages.sight import Ask
from tokwatch.pages.what_if import WhatIfAsk, WhatIfPage

PATIENCE_S = 60.0


class Screen:
    """Asks the monitor and waits for answers."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._news = threading.Condition()
        self._newest: Snapshot | None = None

    def publish(self, picture: Snapshot) -> None:
        with self._news:
            self._newest = picture
            self._news.notify_all()

    def page(self, ask: Ask, is_wanted: Callable[[Any], bool] = lambda page: True) -> Any:
        """Return the first answer that is wanted."""
        self._monitor.look(ask)

        def found() -> Any:
            page = self._newest.page if self._newest else None
            return page if page and page.ask == ask and is_wanted(page.content) else None

        with self._news:
            page = self._news.wait_for(found, PATIENCE_S)
        assert page is not None, self._newest
        return page.content


@pytest.fixture
def log(home: Path) -> Path:
    """Return a transcript with three requests of the last hour."""
    path = transcript(home)
    now = datetime.now(UTC)
    append(path, *(response(n, at=now - timedelta(minutes=10 - n), output=n) for n in (1, 2, 3)))
    return path


@pytest.fixture
def screen(tmp_path: Path, log: Path) -> Iterator[Screen]:
    monitor = Monitor(load(data=tmp_path / "data"))
    screen = Screen(monitor)
    monitor.start(screen.publish)
    yield screen
    monitor.stop()


def test_costs_narrow_to_the_requests_of_a_log_and_follow_it(screen: Screen, log: Path) -> None:
    page: CostsPage = screen.page(CostsAsk(), lambda page: page.table.amount.requests == 3)
    (line,) = page.table.lines
    assert line.amount == page.table.amount
    assert page.table.amount.output == 6
    assert page.burning.rates.short_nano > 0
    assert page.heat.amount.nano == page.table.amount.nano > 0

    append(log, response(4, at=datetime.now(UTC), output=10))
    picks = (Pick(Facet.PROJECT, line.value), Pick(Facet.SESSION, SESSION))
    ask = CostsAsk(Facet.MODEL, None, picks=picks, lists_requests=True)
    listed: CostsPage = screen.page(ask, lambda page: page.table.amount.requests == 4)
    assert listed.events is not None
    assert [event.usage.output for event in listed.events] == [10, 3, 2, 1]
    assert sum(event.usage.auto_nano for event in listed.events) == listed.table.amount.nano


def test_a_request_of_the_feed_opens_down_to_its_record(screen: Screen) -> None:
    feed: FeedPage = screen.page(FeedAsk(), lambda page: len(page.lines) >= 4)
    requests = [line for line in feed.lines if line.what is What.REQUEST]
    assert [line.usage.output for line in requests] == [3, 2, 1]
    assert feed.lines[-1].what is What.STARTED

    page: RequestPage = screen.page(RequestAsk(int(requests[0].key), shows_raw=True))
    assert page.stored is not None
    assert page.raw is not None
    assert page.stored.evidence.output == 3
    assert '"output_tokens": 3' in page.raw.text


def test_under_its_own_model_the_log_costs_what_it_did(screen: Screen) -> None:
    page: WhatIfPage = screen.page(
        WhatIfAsk(), lambda page: page.what_if is not None and page.what_if.requests == 3
    )
    found = page.what_if
    assert found is not None
    (own,) = [row for row in found.rows if row.candidate.is_used]
    assert own.nano[Way.CACHED] == found.computed_nano > 0
    assert len(found.rows) > 5
