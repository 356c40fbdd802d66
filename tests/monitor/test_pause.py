"""When the next picture is made."""

from __future__ import annotations

from threading import Event

from tokwatch.monitor.pause import rest


class Waited(Event):
    """An event that notes how long somebody would have waited for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return True


def test_news_end_the_rest_after_a_picture_without_any() -> None:
    stop, news = Waited(), Waited()
    rest(0.05, stop, news, after_news=False)
    assert (stop.waits, news.waits) == ([], [0.05])


def test_pictures_of_news_are_apart() -> None:
    stop, news = Waited(), Waited()
    rest(0.05, stop, news, after_news=True)
    assert (stop.waits, news.waits) == ([0.05], [])
