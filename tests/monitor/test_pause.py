"""When the next picture is made."""

from __future__ import annotations

from threading import Event

import pytest

from tokwatch.monitor import pause as module
from tokwatch.monitor.pause import Rest


class Hours:
    """A clock that stands still until somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the seconds it shows."""
        return self.now


class Waited(Event):
    """An event that comes after so long, or never, and notes how long somebody waited for it."""

    def __init__(self, hours: Hours, comes_after: float | None = None) -> None:
        super().__init__()
        self._hours = hours
        self.comes_after = comes_after
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        comes = self.comes_after is not None and self.comes_after < timeout
        self.waits.append(timeout)
        self._hours.now += self.comes_after if comes and self.comes_after else timeout
        return comes


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    clock = Hours()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_news_end_the_rest_after_a_picture_without_any(hours: Hours) -> None:
    stop, news = Waited(hours), Waited(hours, comes_after=0.01)
    rest = Rest(stop, news)
    for _ in range(3):
        rest.take(0.05, after_news=False)
    rest.take(0.05, after_news=True)
    assert (stop.waits, news.waits) == ([], [0.05] * 4)


def test_two_pictures_of_news_may_follow_each_other_and_the_third_is_as_much_later(
    hours: Hours,
) -> None:
    stop, news = Waited(hours), Waited(hours, comes_after=0.01)
    rest = Rest(stop, news)
    rest.take(0.05, after_news=True)
    assert (stop.waits, news.waits) == ([], [0.05])
    rest.take(0.05, after_news=True)
    assert stop.waits == [pytest.approx(0.09)]
    assert hours.now == pytest.approx(100.1), "two pictures, two pauses"
    rest.take(0.05, after_news=True)
    assert len(news.waits) == 2, "then two may follow each other again"


def test_a_whole_rest_makes_up_for_one_that_was_cut_short(hours: Hours) -> None:
    stop, news = Waited(hours), Waited(hours, comes_after=0.01)
    rest = Rest(stop, news)
    rest.take(0.05, after_news=True)
    news.comes_after = None
    rest.take(0.05, after_news=False)
    news.comes_after = 0.01
    rest.take(0.05, after_news=True)
    assert stop.waits == []
