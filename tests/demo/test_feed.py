"""The demo through the real monitor: a past at once, then what is written while one looks."""

from __future__ import annotations

import errno
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from msgspec import structs

from tests.demo import books
from tests.demo.conftest import NOW
from tests.monitor.test_monitor import Pictures
from tokwatch.config import Config, load
from tokwatch.config.alerting import Notify
from tokwatch.config.budgets import BudgetTable
from tokwatch.demo import live
from tokwatch.demo.desks import DESKS, TASKS
from tokwatch.demo.feed import DemoFeed, demo_config
from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.live import Append, Live
from tokwatch.demo.world import Course
from tokwatch.model.snapshot import SessionState, Snapshot, SourceMode, Span
from tokwatch.model.usage import CostMode
from tokwatch.monitor.monitor import Monitor
from tokwatch.sources.source import Surroundings

NOW_MS = round(NOW.timestamp() * 1000)
USER_FILE = """
[sources]
off = ["codex"]
paths = { claude-code = ["~/elsewhere"] }
[store]
url = "postgresql://nobody@nowhere/nothing"
[prices]
mode = "display"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings that would let no demo be seen, were they the demo's too."""
    file = tmp_path / "config.toml"
    file.write_text(USER_FILE)
    return load(file, tmp_path / "data", environ={})


@pytest.fixture
def pictures() -> Pictures:
    """Return what collects the published pictures."""
    return Pictures()


@pytest.fixture
def feed(config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoFeed]:
    """Return a demo at a fixed time that does not rest between two writes."""
    monkeypatch.setattr(live, "PAUSE_SECONDS", (0.01, 0.02))
    feed = DemoFeed(config, lambda: NOW)
    yield feed
    feed.stop()


def counts(picture: Snapshot) -> Counter[str]:
    """Return the shown day's counts."""
    return Counter({name: getattr(picture.spend.usage, name) for name in books.CLASSES})


def test_the_first_picture_holds_a_day_of_work(feed: DemoFeed, pictures: Pictures) -> None:
    feed.start(pictures.publish)

    first = pictures.wait_for(lambda picture: True)

    assert not first.empty
    assert first.is_today
    assert first.spend.cost_nano > 0
    # A busy machine may paint before the newest logs are read.
    assert pictures.wait_for(lambda picture: picture.sessions_live >= 2)
    assert first.unpriced_models == ()


def has_a_full_context(picture: Snapshot) -> bool:
    """Tell whether a live session's window, whose size its log tells, is nearly full."""
    return any(
        row.context is not None
        and row.context.level == "critical"
        and row.context.basis == "logged"
        for row in picture.sessions
        if row.state is SessionState.LIVE
    )


def test_both_tools_are_followed_with_their_sub_agents(feed: DemoFeed, pictures: Pictures) -> None:
    feed.start(pictures.publish)

    assert pictures.wait_for(has_a_full_context), "soon, for the session goes on and compacts it"
    picture = pictures.wait_for(lambda picture: picture.progress is None)

    found = {source.name for source in picture.sources if source.mode is not SourceMode.ABSENT}
    assert found == {"claude-code", "codex"}
    assert SourceMode.ERROR not in {source.mode for source in picture.sources}
    beneath = {row.label for row in picture.sessions if row.depth}
    assert {"Explore", "general-purpose", "explorer"} <= beneath


def test_it_keeps_moving(feed: DemoFeed, pictures: Pictures) -> None:
    feed.start(pictures.publish)
    first = pictures.wait_for(lambda picture: True)

    pictures.wait_for(
        lambda picture: picture.spend.usage.requests >= first.spend.usage.requests + 10
    )


def test_what_is_appended_is_shown_to_the_token(
    written: DemoFolder, courses: list[Course], pictures: Pictures
) -> None:
    where = Surroundings(written.home, {}, sys.platform)
    monitor = Monitor(demo_config(load(), written.path), lambda: NOW, where)
    goes_on = Live([course.agent for course in courses if not course.agent.is_done], Random(1))
    before = books.total(books.of_home(written.home))
    monitor.start(pictures.publish)
    try:
        first = pictures.wait_for(lambda picture: not picture.empty and not picture.progress)

        for _ in range(200):
            written.append(goes_on.next(NOW_MS))

        more = books.total(books.of_home(written.home)) - before
        assert more["requests"] > 80
        wanted = counts(first) + more
        pictures.wait_for(lambda picture: counts(picture) == wanted)
    finally:
        monitor.stop()


def test_a_picture_is_never_empty(feed: DemoFeed, pictures: Pictures) -> None:
    feed.start(pictures.publish)
    pictures.wait_for(lambda picture: picture.progress is None)

    assert not any(picture.empty for picture in pictures.all)


def test_another_range_and_titles_can_be_asked_for(feed: DemoFeed, pictures: Pictures) -> None:
    feed.show(Span.WEEK, None)
    feed.start(pictures.publish)

    picture = pictures.wait_for(lambda picture: picture.progress is None)

    assert picture.span is Span.WEEK
    assert picture.sessions_in_range > 20
    titles = feed.titles(picture.sessions)
    assert set(titles) == {row.key for row in picture.sessions}
    assert set(titles.values()) <= {*TASKS.values(), *(t for d in DESKS for t in d.titles)}


def test_stopping_ends_every_thread_and_removes_everything(
    feed: DemoFeed, pictures: Pictures, config: Config
) -> None:
    before = set(threading.enumerate())
    feed.start(pictures.publish)
    pictures.wait_for(lambda picture: True)

    feed.stop()

    assert not (set(threading.enumerate()) - before)
    assert list(config.data.iterdir()) == []


def test_stopping_at_once_or_twice_is_harmless(config: Config, pictures: Pictures) -> None:
    unstarted, at_once = DemoFeed(config), DemoFeed(config)

    unstarted.stop()
    at_once.start(pictures.publish)
    at_once.stop()
    at_once.stop()

    assert list(config.data.iterdir()) == []


def test_that_nothing_can_be_written_is_told(
    feed: DemoFeed, pictures: Pictures, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: DemoFolder, more: Append) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(DemoFolder, "append", full)
    feed.start(pictures.publish)

    picture = pictures.wait_for(lambda picture: bool(picture.error))

    assert picture.error == "the demo cannot write: No space left on device"


def test_the_users_own_sources_store_and_cost_mode_do_not_matter(config: Config) -> None:
    its = demo_config(config, config.data / "demo" / "1")

    assert (its.sources.off, its.sources.paths, its.store.url) == ((), {}, "")
    assert (its.prices.mode, its.prices.update) == (CostMode.AUTO, False)
    assert its.data == config.data / "demo" / "1"
    assert its.ui == config.ui


def test_it_keeps_within_budgets_of_its_own_unless_the_settings_have_some(config: Config) -> None:
    mine = {"mine": BudgetTable(usd=5)}

    assert {"day", "week"} <= set(demo_config(config, config.data).budget)
    assert demo_config(structs.replace(config, budget=mine), config.data).budget == mine


def test_nobody_is_told_of_what_is_simulated(config: Config) -> None:
    loud = Notify(webhook="https://hooks.example.com/a", command=("tell",), bell=True)

    its = demo_config(structs.replace(config, notify=loud), config.data)

    assert its.notify == Notify(bell=True)


def test_no_endpoint_is_polled_in_the_demo(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[endpoint.box]\nkind = "ollama"\n')

    assert demo_config(load(file, tmp_path, environ={}), tmp_path).endpoint == {}
