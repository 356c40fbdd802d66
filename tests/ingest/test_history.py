"""History gives way to what the tools write, and is read on all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tokwatch.ingest import history as module
from tokwatch.ingest.history import HELD_S, NEWS_S, STARVED_S, History
from tokwatch.store.write import Written


class Hours:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the seconds it shows."""
        return self.now


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    clock = Hours()
    monkeypatch.setattr(module, "time", clock)
    return clock


def pieces(hours: Hours) -> Iterator[Written]:
    """Yield what was written, each piece after as long as one reads on."""
    for number in range(9):
        hours.now += module.SLICE_S
        yield Written(added=number)


def test_it_rests_after_news_but_never_starves(hours: Hours) -> None:
    read: list[Written] = []
    history = History(pieces(hours), 900, 9)
    assert history.read_on(lambda: True, read.append)
    assert len(read) == 1

    history.give_way()
    assert history.rest_s() == pytest.approx(NEWS_S)
    assert history.read_on(lambda: True, read.append)
    assert len(read) == 1, "it rests"

    hours.now += NEWS_S
    assert history.read_on(lambda: True, read.append)
    assert len(read) == 2

    for _ in range(20):  # news without end
        history.give_way()
        hours.now += STARVED_S / 20
    assert history.rest_s() == 0.0
    assert history.read_on(lambda: True, read.append)
    assert len(read) == 3


def test_it_is_read_to_its_end(hours: Hours) -> None:
    read: list[Written] = []
    history = History(pieces(hours), 900, 9)
    assert history.read_on(lambda: False, read.append), "a hint waits"
    assert not read
    while history.read_on(lambda: True, read.append):
        pass
    assert [one.added for one in read] == list(range(9))
    history.done(100)
    assert (history.progress.done_bytes, history.progress.files_left) == (100, 8)


def test_it_stands_still_while_the_store_should(hours: Hours) -> None:
    read: list[Written] = []
    history = History(pieces(hours), 900, 9, is_held=lambda: True)
    assert history.read_on(lambda: True, read.append)
    assert (read, history.rest_s()) == ([], HELD_S)

    held = iter([False, False, True])  # it begins in the middle of a slice
    history.is_held = lambda: next(held)
    assert history.read_on(lambda: True, read.append)
    assert len(read) == 1
