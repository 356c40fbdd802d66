"""The detail pass: recent sessions behind everything else, the opened one before them."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.desk import DAY_S, FIRST, NOW_S, SECOND, Desk, age, log, opened_desk, talk
from tests.sources.agents import claude_talk as claude
from tests.sources.road import CANARY, write
from tokwatch.config import Config, load
from tokwatch.ingest import details as module
from tokwatch.ingest.details import DetailPass, open_details
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.detail import DetailReading
from tokwatch.model.snapshot import Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.sight import Sight
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.detail_reader import ReadDetail, read_detail
from tokwatch.store.read.every import (
    detail_logs,
    open_view,
    session_detail,
)

PATIENCE_S = 60.0


@pytest.fixture
def days() -> str:
    return "7"


@pytest.fixture
def desk(home: Path, tmp_path: Path, days: str) -> Iterator[Desk]:
    with opened_desk(home, tmp_path / "data", days) as found:
        yield found


def test_recent_logs_are_read_newest_first(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST), days_ago=2)
    log(desk.home, SECOND, *talk(SECOND), days_ago=1)
    log(desk.home, "old", *talk("old"), days_ago=8)
    desk.look()
    assert desk.details.rest_s() == 0.0

    desk.step()
    assert len(desk.of(SECOND).blocks) == 6
    assert desk.of(FIRST).blocks == ()
    desk.step()
    assert len(desk.of(FIRST).blocks) == 6
    desk.step()
    assert desk.of("old").blocks == ()
    assert desk.details.rest_s() == math.inf


def test_nothing_is_read_behind_while_the_ingest_is_busy(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    desk.step(is_idle=False)
    assert desk.of(FIRST).blocks == ()


def test_after_a_piece_and_after_a_key_there_is_a_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0

    def slowly(*told: Any) -> ReadDetail:  # whatever the reader takes
        nonlocal moment
        moment += 1.0
        return read_detail(*told)

    log(desk.home, FIRST, *talk(FIRST))
    log(desk.home, SECOND, *talk(SECOND))
    desk.look()
    monkeypatch.setattr("tokwatch.ingest.details.time.monotonic", lambda: moment)
    monkeypatch.setattr(module, "read_detail", slowly)
    desk.details.step(None, is_idle=True)
    assert desk.details.rest_s() == module.REST
    desk.details.step(None, is_idle=True)
    assert sum(bool(desk.of(session).blocks) for session in (FIRST, SECOND)) == 1
    desk.details.hush(9.0)
    assert desk.details.rest_s() == 9.0


def test_the_opened_session_is_read_before_all_others_with_progress(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WANTED_BYTES", 3000)
    monkeypatch.setattr(module, "TELL_S", 0.0)
    log(desk.home, FIRST, *talk(FIRST, 20), days_ago=99)
    log(desk.home, FIRST, *talk("sub"), days_ago=99, agent="a1")
    log(desk.home, SECOND, *talk(SECOND))
    desk.look()
    seen: list[DetailReading] = []
    opened = ("claude-code", FIRST)
    while not seen or not seen[-1].is_whole:
        desk.step(opened, is_idle=False)
        assert desk.details.reading is not None
        seen.append(desk.details.reading)
    assert [one.done_bytes for one in seen] == sorted({one.done_bytes for one in seen})
    assert len(seen) > 3
    assert seen[-1].done_bytes == seen[-1].total_bytes > 0
    assert {(one.source, one.session) for one in seen} == {opened}
    assert len(desk.of(FIRST).blocks) == 46
    assert {block.agent for block in desk.of(FIRST).blocks} == {"", "a1"}
    assert desk.of(SECOND).blocks == ()
    assert len(desk.told) > 3


def test_a_session_without_detail_says_so(desk: Desk) -> None:
    desk.look()
    desk.step(("goose", "s1"))
    assert desk.details.reading == DetailReading("goose", "s1", is_offered=False)
    desk.step(None)
    assert desk.details.reading is None


def test_appended_lines_are_followed(desk: Desk) -> None:
    lines = talk(FIRST)
    path = log(desk.home, FIRST, *lines[:4])
    desk.look()
    desk.step()
    write(path, *lines)
    desk.look()
    desk.step()
    assert [block.number for block in desk.of(FIRST).blocks] == [0, 1, 2, 3, 4, 5]
    [told] = detail_logs(open_view(desk.database, "local"), "claude-code", FIRST)
    assert told.read_bytes == path.stat().st_size


def test_an_opened_old_session_is_followed_and_a_new_agent_of_its_too(desk: Desk) -> None:
    path = log(desk.home, FIRST, *talk(FIRST, 1), days_ago=99)
    desk.look()
    opened = ("claude-code", FIRST)
    desk.step(opened)
    write(path, *talk(FIRST, 2))
    age(path, 98)
    log(desk.home, FIRST, *talk("sub", 1), days_ago=98, agent="a1")
    desk.look()
    desk.step(opened)
    desk.step(opened)
    assert len(desk.of(FIRST).blocks) == 6


def test_a_log_that_is_old_by_now_is_forgotten_until_it_is_opened(desk: Desk) -> None:
    old = log(desk.home, FIRST, *talk(FIRST), days_ago=6)
    new = log(desk.home, SECOND, *talk(SECOND))
    desk.read_all()
    desk.details.offer((), round((NOW_S + 2 * DAY_S) * 1000))
    desk.details.forget_old()
    assert list(desk.details._logs) == [str(new)]

    old.write_bytes(b"".join(talk(FIRST, count=4)))
    age(old, 6)
    desk.step(("claude-code", FIRST))
    assert (len(desk.of(FIRST).blocks), desk.details.rest_s()) == (8, math.inf)
    desk.details.forget_old()
    assert list(desk.details._logs) == [str(new), str(old)]


def test_a_log_that_grew_old_before_its_turn_is_read(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST), days_ago=6)
    desk.look()
    desk.details.offer((), round((NOW_S + 2 * DAY_S) * 1000))
    desk.details.forget_old()
    desk.step()
    assert len(desk.of(FIRST).blocks) == 6


@pytest.mark.parametrize("days", ["0"])
def test_without_days_only_what_is_opened_is_read(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST))
    log(desk.home, SECOND, *talk(SECOND))
    desk.look()
    desk.step()
    assert desk.of(FIRST).blocks == ()
    desk.step(("claude-code", SECOND))
    desk.step()
    assert (len(desk.of(FIRST).blocks), len(desk.of(SECOND).blocks)) == (0, 6)


def test_what_was_read_is_not_read_again_by_the_next_process(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    desk.step()
    again = open_details(desk.config, desk.database, desk.ingest, desk.details._log, lambda: None)
    again.offer(desk.ingest.walk().logs, round(NOW_S * 1000))
    assert again.rest_s() == math.inf


def test_a_moved_log_is_not_read_again(desk: Desk) -> None:
    path = log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    desk.step()
    path.rename(path.with_name(f"{SECOND}.jsonl"))
    desk.look()
    assert desk.details.rest_s() == math.inf


def test_a_log_that_was_moved_meanwhile_is_not_read_again_by_the_next_process(desk: Desk) -> None:
    path = log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    desk.step()
    again = open_details(desk.config, desk.database, desk.ingest, desk.details._log, lambda: None)
    path.rename(path.with_name(f"{SECOND}.jsonl"))
    again.offer(desk.ingest.walk().logs, round(NOW_S * 1000))
    assert again.rest_s() == math.inf


def test_a_log_that_the_ingest_has_not_read_yet_waits(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST))
    desk.look(read=False)
    desk.step()
    assert desk.details.rest_s() == math.inf
    desk.look()
    desk.step()
    assert len(desk.of(FIRST).blocks) == 6


def test_a_log_that_cannot_be_read_is_left_until_it_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    with monkeypatch.context() as broken:
        broken.setattr(ClaudeCode, "read_detail", lambda *_: 1 / 0)
        desk.step(("claude-code", FIRST))
    assert desk.details.reading is not None
    assert "could not be read" in desk.details.reading.error
    desk.look()
    assert desk.details.rest_s() == math.inf
    age(path, 0.5)
    desk.look()
    desk.step(("claude-code", FIRST))
    assert len(desk.of(FIRST).blocks) == 6
    told = (desk.config.data / "tokwatch.log").read_text("utf-8")
    assert "detail_failed" in told
    assert "CANARY" not in told


def test_a_log_that_is_gone_is_forgotten(desk: Desk) -> None:
    path = log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    path.unlink()
    desk.step()
    assert desk.details.rest_s() == math.inf


def test_no_text_reaches_the_store(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST), claude.said(claude.call(command=CANARY), name="c"))
    desk.look()
    desk.step()
    desk.database.checkpoint()
    assert len(desk.of(FIRST).blocks) == 7
    content = b"".join(path.read_bytes() for path in desk.config.data.glob("tokwatch.db*"))
    assert b"CANARY" not in content


class Shown(NamedTuple):
    """How far a session is read, and how many blocks of it are stored."""

    reading: DetailReading | None
    blocks: int


@dataclass(frozen=True)
class DetailAsk:
    """Asks for a session's detail and how far it is read."""

    opened: tuple[str, str]

    def answer(self, sight: Sight) -> Shown:
        """Return both."""
        return Shown(sight.detail, len(session_detail(sight.view, *self.opened).blocks))


def test_a_screen_that_opens_a_session_sees_its_detail_arrive(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WANTED_BYTES", 4000)
    log(desk.home, FIRST, *talk(FIRST, 30), days_ago=20)
    desk.look()
    desk.database.close()
    pages: list[Shown] = []
    arrived = threading.Event()

    def publish(picture: Snapshot) -> None:
        page = picture.page.content if picture.page else None
        if isinstance(page, Shown):
            pages.append(page)
            reading, blocks = page
            if reading is not None and reading.is_whole and blocks == 60:
                arrived.set()

    monitor = Monitor(desk.config)
    monitor.look(DetailAsk(("claude-code", FIRST)))
    monitor.start(publish)
    try:
        assert arrived.wait(PATIENCE_S), pages
    finally:
        monitor.stop()


def test_conversations_of_the_last_days_are_read_behind_everything_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_read = threading.Event()

    def telling(*told: Any) -> ReadDetail:  # whatever the reader takes
        found = read_detail(*told)
        was_read.set()
        return found

    monkeypatch.setattr(module, "read_detail", telling)
    log(desk.home, FIRST, *talk(FIRST), days_ago=3)
    was_let_go = threading.Event()
    monkeypatch.setattr(DetailPass, "forget_old", lambda _: was_let_go.set())
    live = LiveIngest(desk.config, lambda: None)
    live.start()
    try:
        assert was_read.wait(PATIENCE_S)
    finally:
        live.stop()
    assert len(desk.of(FIRST).blocks) == 6
    assert was_let_go.is_set()


def test_another_process_shows_what_the_store_has(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    lock = IngestLock(desk.config.data)
    assert lock.acquire()
    following = threading.Event()
    live = LiveIngest(desk.config, following.set)
    try:
        live.open(("claude-code", FIRST))
        live.hush()
        live.start()
        assert following.wait(PATIENCE_S)
        assert live.status.follower_of is not None
        assert live.reading() is None
    finally:
        live.stop()
        lock.release()
    assert desk.of(FIRST).blocks == ()


def test_a_changed_setting_begins_anew_with_the_same_session_open(desk: Desk) -> None:
    log(desk.home, FIRST, *talk(FIRST), days_ago=99)
    desk.look()
    desk.database.close()
    monitor = Monitor(desk.config)
    monitor.look(DetailAsk(("claude-code", FIRST)))
    arrived = threading.Event()

    def publish(picture: Snapshot) -> None:
        page = picture.page.content if picture.page else None
        if isinstance(page, Shown) and page.blocks == 6:
            arrived.set()

    detail = replace_days(desk.config, 1)
    monitor.configure(detail)
    monitor.start(publish)
    try:
        assert arrived.wait(PATIENCE_S)
    finally:
        monitor.stop()


def replace_days(config: Config, days: int) -> Config:
    """Return settings with another number of days."""
    return load(data=config.data, environ={"TOKWATCH_DETAIL__DAYS": str(days)})
