"""Pages are made beside the pictures: a quick one is there at once, a slow one comes later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tokwatch.model.snapshot import Span
from tokwatch.monitor import page_reader
from tokwatch.monitor.page_reader import PageReader
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.read.every import open_view
from tokwatch.store.store import open_store

PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Content:
    """A page that says how often it was made, and whether it is whole."""

    number: int
    goes_on: bool = False


@dataclass(slots=True)
class Desk:
    """Lets answers through one by one, and counts them."""

    may: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    woken: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    made: int = 0
    parts: int = 0
    """Answers after the first that the page is made of."""
    databases: list[Database] = field(default_factory=list)
    error: Exception | None = None
    is_stuck: bool = False
    """Whether every answer is the first one."""
    first: Content | None = None


@dataclass(frozen=True, slots=True)
class SlowAsk:
    """Asks for what is made when the desk lets it."""

    desk: Desk = field(compare=False)
    name: str = "slow"

    def answer(self, sight: Sight) -> Content:
        self.desk.begun.release()
        assert self.desk.may.acquire(timeout=PATIENCE_S)
        self.desk.made += 1
        self.desk.databases.append(sight.view.database)
        if self.desk.error is not None:
            raise self.desk.error
        content = Content(self.desk.made, goes_on=self.desk.made <= self.desk.parts)
        self.desk.first = self.desk.first or content
        return self.desk.first if self.desk.is_stuck else content


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def sight(tmp_path: Path) -> Iterator[Sight]:
    database = open_store("", tmp_path)
    yield sight_of(open_view(database, "local"), 1_790_000_000_000)
    database.close()


@pytest.fixture
def reader(desk: Desk, tmp_path: Path, sight: Sight) -> Iterator[PageReader]:
    reader = PageReader(lambda: open_store("", tmp_path, read_only=True), desk.woken.release)
    yield reader
    for _ in range(9):
        desk.may.release()
    reader.stop()


def late(reader: PageReader, desk: Desk, sight: Sight, seen: object = 1) -> object:
    """Let an answer through that a picture has stopped to wait for, and return it."""
    desk.may.release()
    assert desk.woken.acquire(timeout=PATIENCE_S)
    page = reader.page(SlowAsk(desk), sight, seen)
    assert page is not None
    return page.content


def test_a_quick_answer_is_there_at_once(
    reader: PageReader, desk: Desk, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_reader, "WAITED_S", PATIENCE_S)
    desk.may.release()

    page = reader.page(SlowAsk(desk), sight, 1)

    assert page is not None
    assert page.content == Content(1)
    assert not desk.woken.acquire(blocking=False)
    assert desk.databases[0] is not sight.view.database


def test_a_slow_answer_holds_nothing_up_and_wakes_the_pictures(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    assert reader.page(SlowAsk(desk), sight, 1) is None
    assert reader.page(SlowAsk(desk), sight, 1) is None

    assert late(reader, desk, sight) == Content(1)
    assert desk.made == 1


def test_until_the_next_answer_the_last_one_stands(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    reader.page(SlowAsk(desk), sight, 1)
    late(reader, desk, sight)

    page = reader.page(
        SlowAsk(desk), replace(sight, at_ms=sight.at_ms + 9, now_ms=sight.now_ms + 9), 2
    )

    assert page is not None
    assert page.content == Content(1)
    assert late(reader, desk, sight, 2) == Content(2)


def test_news_during_an_answer_ask_for_another_one(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    reader.page(SlowAsk(desk), sight, 1)
    assert desk.begun.acquire(timeout=PATIENCE_S)
    reader.page(SlowAsk(desk), sight, 2)
    desk.may.release()
    assert desk.woken.acquire(timeout=PATIENCE_S)

    assert late(reader, desk, sight, 2) == Content(2)


def test_an_answer_of_another_range_is_not_shown(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    reader.page(SlowAsk(desk), sight, 1)
    late(reader, desk, sight)

    assert reader.page(SlowAsk(desk), replace(sight, span=Span.ALL), 1) is None


def test_what_goes_on_is_gone_on_with_unasked(reader: PageReader, desk: Desk, sight: Sight) -> None:
    desk.parts = 1
    reader.page(SlowAsk(desk), sight, 1)
    assert late(reader, desk, sight) == Content(1, goes_on=True)

    assert late(reader, desk, sight) == Content(2)


def test_what_waits_for_others_is_not_asked_for_again_and_again(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    desk.parts, desk.is_stuck = 9, True
    reader.page(SlowAsk(desk), sight, 1)
    late(reader, desk, sight)
    late(reader, desk, sight)

    desk.may.release()

    assert not desk.woken.acquire(timeout=0.1)
    assert desk.made == 2


def test_an_error_is_raised_once_and_the_store_opened_anew(
    reader: PageReader, desk: Desk, sight: Sight
) -> None:
    desk.error = ValueError("broken")
    reader.page(SlowAsk(desk), sight, 1)
    with pytest.raises(ValueError, match="broken"):
        late(reader, desk, sight)

    desk.error = None
    reader.page(SlowAsk(desk), sight, 1)
    assert late(reader, desk, sight) == Content(2)
    assert desk.databases[0] is not desk.databases[1]


def test_what_is_forgotten_is_made_anew(reader: PageReader, desk: Desk, sight: Sight) -> None:
    reader.page(SlowAsk(desk), sight, 1)
    assert desk.begun.acquire(timeout=PATIENCE_S)
    reader.forget()
    desk.may.release()

    assert reader.page(SlowAsk(desk), sight, 1) is None
    assert late(reader, desk, sight) == Content(2)
