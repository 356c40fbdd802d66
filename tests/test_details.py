"""The detail pass: recent sessions behind everything else, the opened one before them."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.sources.agents import claude_talk as claude
from tests.sources.agents import opencode_logs
from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.agents.talk_databases import opencode
from tests.sources.agents.talk_documents import opencode_files
from tests.sources.claude_lines import prompt
from tests.sources.road import CANARY, write
from tests.sources.test_archive import say
from tokwatch import details as module
from tokwatch.config import Config, load
from tokwatch.detail import DetailReading
from tokwatch.details import DetailPass, open_details
from tokwatch.ingest import Ingest, open_ingest
from tokwatch.live import LiveIngest
from tokwatch.lock import IngestLock
from tokwatch.log import OwnLog
from tokwatch.monitor import Monitor
from tokwatch.pages.sight import Sight
from tokwatch.snapshot import Snapshot
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.detail_reader import ReadDetail, read_detail
from tokwatch.store.connect import Database
from tokwatch.store.read import SessionDetail, detail_logs, open_view, session_detail
from tokwatch.store.store import open_store

PATIENCE_S = 20.0
DAY_S = 24 * 60 * 60
NOW_S = datetime.now(UTC).timestamp()
FIRST = "2f4b6d8e-0000-4000-8000-000000000001"
SECOND = "2f4b6d8e-0000-4000-8000-000000000002"


def log(home: Path, session: str, *lines: bytes, days_ago: float = 0, agent: str = "") -> Path:
    """Write a session's log, or one of an agent of its, last used so many days ago."""
    folder = home / ".claude" / "projects" / "-home-ana-shop"
    beside = folder / session / "subagents" / f"agent-{agent}.jsonl"
    path = write(beside if agent else folder / f"{session}.jsonl", *lines)
    age(path, days_ago)
    return path


def age(path: Path, days_ago: float) -> None:
    """Let a log be last used so many days ago."""
    os.utime(path, (NOW_S - days_ago * DAY_S,) * 2)


def talk(session: str, count: int = 3) -> list[bytes]:
    """Return a session of so many prompts and answers."""
    lines = []
    for number in range(count):
        lines.append(prompt(f"{CANARY} {number}", uuid=f"{session}{number}", session=session))
        lines.append(claude.said(claude.text("x" * 400), name=f"{session}{number}"))
    return lines


@dataclass
class Desk:
    """A home, its store, and what reads both."""

    home: Path
    config: Config
    database: Database
    ingest: Ingest
    details: DetailPass
    told: list[int]

    def look(self, *, read: bool = True) -> None:
        """Walk over all logs, read what is new and offer them all."""
        found = self.ingest.walk()
        if read:
            for _ in self.ingest.read(found.pending):
                pass
        self.details.offer(found.logs, round(NOW_S * 1000))

    def step(self, opened: tuple[str, str] | None = None, *, is_idle: bool = True) -> None:
        """Read one piece, without a rest before it."""
        self.details._rest_until = 0.0
        self.details.step(opened, is_idle=is_idle)

    def read_all(self) -> None:
        """Read whatever is new."""
        self.look()
        while self.details.rest_s() != math.inf:
            self.step()

    def of(self, session: str) -> SessionDetail:
        """Return what the store has of a session."""
        return session_detail(open_view(self.database, "local"), "claude-code", session)


@pytest.fixture
def days() -> str:
    return "7"


@pytest.fixture
def desk(home: Path, tmp_path: Path, days: str) -> Iterator[Desk]:
    config = load(data=tmp_path / "data", environ={"TOKWATCH_DETAIL__DAYS": days})
    database = open_store("", config.data)
    told: list[int] = []
    own = OwnLog(config.data, config.log)
    details = open_details(config, database, own, lambda: told.append(1))
    yield Desk(home, config, database, open_ingest(config, database), details, told)
    own.close()
    database.close()


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
    monkeypatch.setattr("tokwatch.details.time.monotonic", lambda: moment)
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
    again = open_details(desk.config, desk.database, desk.details._log, lambda: None)
    again.offer(desk.ingest.walk().logs, round(NOW_S * 1000))
    assert again.rest_s() == math.inf


def test_a_moved_log_is_not_read_again(desk: Desk) -> None:
    path = log(desk.home, FIRST, *talk(FIRST))
    desk.look()
    desk.step()
    path.rename(path.with_name(f"{SECOND}.jsonl"))
    desk.look()
    assert desk.details.rest_s() == math.inf


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


def sessions_of(home: Path, *days_ago: float) -> Path:
    """Write a database with a session for each of these days, each of one answer."""
    path = opencode_logs.path(home)
    if not path.exists():
        made(path, opencode_logs.SCHEMA)
    for number, days in enumerate(days_ago):
        second = NOW_S - days * DAY_S - AT_S
        say(path, f"s{number}", second, name=f"msg_{number}a")
        with writing(path) as tables:
            used = opencode_logs.answer(opencode_logs.CALL, round((second + AT_S) * 1000) + 5)
            opencode_logs.message(tables, f"msg_{number}b", used, f"s{number}")
    return path


def blocks_of(desk: Desk, session: str) -> int:
    """Return how many blocks of a session of OpenCode are stored."""
    view = open_view(desk.database, "local")
    return len(session_detail(view, "opencode", session).blocks)


def test_an_old_session_of_a_database_is_read_when_it_is_opened(desk: Desk) -> None:
    sessions_of(desk.home, 1, 30)
    desk.look()
    desk.step()
    assert (blocks_of(desk, "s0"), blocks_of(desk, "s1")) == (1, 0)
    assert desk.details.rest_s() == math.inf
    desk.step(("opencode", "s1"), is_idle=False)
    assert (blocks_of(desk, "s0"), blocks_of(desk, "s1")) == (1, 1)
    assert desk.details.reading is not None
    assert desk.details.reading.is_whole


def test_the_opened_session_of_a_database_does_not_wait_for_the_others(desk: Desk) -> None:
    sessions_of(desk.home, 1, 2, 3)
    desk.look()
    desk.step(("opencode", "s2"), is_idle=False)
    assert [blocks_of(desk, f"s{number}") for number in range(3)] == [0, 0, 1]
    assert desk.details.reading is not None
    assert desk.details.reading.is_whole
    desk.step(("opencode", "s2"))
    assert [blocks_of(desk, f"s{number}") for number in range(3)] == [1, 1, 1]
    assert desk.details.rest_s() == math.inf


@pytest.mark.parametrize("days", ["0"])
def test_without_days_a_database_tells_only_what_is_opened(desk: Desk) -> None:
    sessions_of(desk.home, 1, 2)
    desk.look()
    desk.step()
    desk.step(("opencode", "s1"))
    desk.step()
    assert (blocks_of(desk, "s0"), blocks_of(desk, "s1")) == (0, 1)


def test_a_session_that_a_database_took_over_from_files_is_told_once(desk: Desk) -> None:
    opencode_files(desk.home)
    desk.read_all()
    before = blocks_of(desk, "ses_1")
    assert before > 10
    opencode(desk.home)
    desk.look()
    for _ in range(9):
        desk.step(("opencode", "ses_1"))
    assert blocks_of(desk, "ses_1") > before  # it has a sub-agent beside
    mains = session_detail(open_view(desk.database, "local"), "opencode", "ses_1").blocks
    assert sum(block.agent == "" for block in mains) == before


def test_what_a_session_of_a_database_lost_is_lost_here_too(desk: Desk) -> None:
    path = sessions_of(desk.home, 1)
    say(path, "s0", NOW_S - AT_S - 60, name="msg_0c")
    desk.read_all()
    assert blocks_of(desk, "s0") == 2
    with writing(path) as tables:
        tables.execute("DELETE FROM message WHERE id = 'msg_0c'")
        tables.execute("DELETE FROM part WHERE message_id = 'msg_0c'")
    desk.read_all()
    assert blocks_of(desk, "s0") == 1
