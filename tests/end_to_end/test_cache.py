"""From the lines of a log to the cache screen's pages, through the real threads and store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.transcripts import SESSION, append, transcript
from tokwatch.config import load
from tokwatch.model.caching import LONG_MS, Cause
from tokwatch.model.snapshot import Snapshot, Span
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.cache import CacheAsk, CachePage
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage
from tokwatch.pages.sight import Ask

PATIENCE_S = 60
NOW = datetime.now(UTC).replace(microsecond=0)


class Answers:
    """Keeps a monitor's newest answer, and asks on as the screen does until it is whole."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._newest: object = None
        self._news = threading.Condition()
        self._ask: Ask | None = None

    def start(self) -> None:
        """Let the monitor begin."""
        self._monitor.start(self._take)

    def _take(self, picture: Snapshot) -> None:
        with self._news:
            page = self._newest = picture.page.content if picture.page else None
            self._news.notify_all()
        if isinstance(page, CachePage | ResponsePage) and not page.is_whole:
            self._monitor.look(self._ask)

    def wait_for(self, ask: Ask, is_wanted: Callable[[object], bool]) -> object:
        """Return the first answer of some sort, asking each second: a read log is not announced.

        Asking more often would hush the reading.
        """
        self._ask = ask
        for _ in range(PATIENCE_S):
            self._monitor.look(ask)
            with self._news:
                if self._news.wait_for(lambda: is_wanted(self._newest), 1):
                    return self._newest
        raise AssertionError(self._newest)


@pytest.fixture
def answers(tmp_path: Path, home: Path) -> Iterator[Answers]:
    monitor = Monitor(load(data=tmp_path / "data"))
    monitor.show(Span.HOURS, None)
    yield Answers(monitor)
    monitor.stop()


def lines(
    number: int, minutes_ago: float, read: int, short: int = 0, long: int = 0, question: str = "?"
) -> tuple[str, str]:
    """Return a question and its answer, with what was read from the cache and written to it."""
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")
    shared = {
        "isSidechain": False,
        "timestamp": at,
        "cwd": "/home/dev/app",
        "sessionId": SESSION,
        "gitBranch": "main",
    }
    asked = {
        "type": "user",
        "uuid": f"u{number}",
        "message": {"role": "user", "content": question},
    }
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": 50,
    }
    answer = {
        "type": "assistant",
        "uuid": f"a{number}",
        "message": {
            "model": "claude-opus-4-8",
            "id": f"msg_{number:04}",
            "role": "assistant",
            "content": [{"type": "text", "text": "done"}],
            "stop_reason": "end_turn",
            "usage": usage,
        },
    }
    return json.dumps(asked | shared), json.dumps(answer | shared)


def test_breaks_are_found_as_a_log_grows(answers: Answers, home: Path) -> None:
    log = transcript(home)
    append(log, *lines(1, 50, 0, short=20_000), *lines(2, 49, 20_000, short=900))
    append(log, *lines(3, 30, 0, short=21_000), *lines(4, 29, 4_000, long=18_000))
    answers.start()

    def has(requests: int) -> Callable[[object], bool]:
        return lambda page: isinstance(page, CachePage) and page.total.told == requests

    page = answers.wait_for(CacheAsk(), has(4))
    assert isinstance(page, CachePage)
    assert {cause: one.breaks for cause, one in page.causes.items()} == {
        Cause.FIRST: 1,
        Cause.IDLE: 1,
        Cause.PREFIX: 1,
    }
    idle = next(one for one in page.breaks if one.cause is Cause.IDLE)
    assert (idle.idle_ms, idle.rewritten) == (19 * 60_000, 20_900)
    assert idle.lost_nano is not None
    assert idle.lost_nano > 0
    [warm] = page.warm
    assert (warm.warm.ttl_ms, warm.warm.cached) == (LONG_MS, 22_000)

    append(log, *lines(5, 1, 22_000, short=400))
    grown = answers.wait_for(CacheAsk(), has(5))
    assert isinstance(grown, CachePage)
    assert grown.total.breaks == 2
    assert grown.total.short_nano > 0, "five minutes would not have lasted that pause"


def test_repeats_are_found_in_what_the_log_shows(answers: Answers, home: Path) -> None:
    other = SESSION.replace("5f0c", "6f0c")
    for session, number in ((SESSION, 1), (other, 2)):
        log = transcript(home, session)
        text = lines(number, 20 - number, 0, short=2_000, question="What is in the folder?")
        append(log, *(line.replace(SESSION, session) for line in text))
    answers.start()

    page = answers.wait_for(
        ResponseAsk(),
        lambda page: isinstance(page, ResponsePage) and page.known == 2 and page.is_whole,
    )
    assert isinstance(page, ResponsePage)
    assert [one.large.hits for one in page.simulations] == [1, 1, 1]
    assert [one.large.same for one in page.simulations] == [1, 1, 1]
