"""The detail pass over databases: recent sessions, and the one that is opened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import DAY_S, FIRST, NOW_S, Desk, log, opened_desk, talk
from tests.sources.agents import opencode_logs
from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.agents.talk_databases import opencode
from tests.sources.agents.talk_documents import opencode_files
from tests.sources.test_archive import say
from tokwatch.store.read.every import open_view, performance, session_detail


@pytest.fixture
def days() -> str:
    return "7"


@pytest.fixture
def desk(home: Path, tmp_path: Path, days: str) -> Iterator[Desk]:
    with opened_desk(home, tmp_path / "data", days) as found:
        yield found


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


def test_a_log_that_dates_requests_when_they_begin_tells_no_latency(desk: Desk) -> None:
    sessions_of(desk.home, 1)
    log(desk.home, FIRST, *talk(FIRST, 1))
    desk.read_all()
    view = open_view(desk.database, "local")
    begun = {one.source: one.begun_ms for one in performance(view).answered}
    assert begun["opencode"] is None
    assert begun["claude-code"] is not None
