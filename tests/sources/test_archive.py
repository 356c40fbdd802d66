"""Sessions of a database: told whole, told again when they change, and only those asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.agents import opencode_logs
from tests.sources.agents.databases import insert, made, writing
from tests.sources.agents.talk import ms
from tests.sources.agents.talk_databases import DATABASES
from tests.sources.detail_road import detailed, in_pieces, joined
from tests.sources.road import MAX_LINE, found_log
from tests.sources.test_details_spoilt import spoilt_cells
from tokwatch.model.detail import DetailCursor
from tokwatch.sources import archive
from tokwatch.sources.detail_reader import NO_WISH, ReadDetail, Wish, read_detail

DAY_S = 24 * 60 * 60


def say(path: Path, session: str, second: float, text: str = "hello", name: str = "") -> None:
    """Add what the user said to a session of OpenCode."""
    identity = name or f"msg_{session}_{second}"
    told = {"role": "user", "time": {"created": ms(second)}}
    with writing(path) as tables:
        if not tables.execute("SELECT 1 FROM session WHERE id = ?", (session,)).fetchone():
            opencode_logs.session(tables, session, at=ms(second))
        opencode_logs.message(tables, identity, told, session)
        part = {"id": f"prt_{identity}", "message_id": identity, "session_id": session}
        times = {"time_created": ms(second), "time_updated": ms(second)}
        insert(tables, "part", **part, **times, data=json.dumps({"type": "text", "text": text}))


def database(home: Path, *sessions: tuple[str, float]) -> Path:
    """Write a database of sessions, each with one message at a second."""
    path = made(opencode_logs.path(home), opencode_logs.SCHEMA)
    for session, second in sessions:
        say(path, session, second)
    return path


def read(path: Path, cursor: DetailCursor | None = None, wish: Wish = NO_WISH) -> ReadDetail:
    """Return one read of a database."""
    found = found_log(path, path.parent)
    return read_detail(detailed("opencode"), found, cursor, MAX_LINE, 1 << 30, wish)


def told(found: ReadDetail) -> list[str]:
    """Return the sessions that a read told."""
    return list(dict.fromkeys(block.session for block in found.detail.blocks))


def test_what_is_the_same_is_not_told_again(home: Path) -> None:
    path = database(home, ("a", 0), ("b", 1))
    first = read(path)
    assert told(first) == ["b", "a"]
    assert first.from_start
    again = read(path, first.cursor)
    assert (again.detail.blocks, again.detail.anew, again.from_start) == ((), (), False)


def test_a_session_that_goes_on_tells_only_what_is_new(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_CHUNK", 4)
    path = database(home, *(("a", number) for number in range(10)), ("b", 1))
    first = read(path)
    say(path, "a", 20)
    second = read(path, first.cursor)
    assert [block.number for block in second.detail.blocks] == [8, 9, 10]
    assert second.detail.anew == ()
    assert joined([first.detail, second.detail]).blocks == in_pieces("opencode", path, 1).blocks


def test_a_session_that_lost_messages_is_told_anew(home: Path) -> None:
    path = database(home, ("a", 0), ("a", 1), ("b", 2))
    first = read(path)
    with writing(path) as tables:
        tables.execute("DELETE FROM message WHERE id = 'msg_a_1'")
        tables.execute("DELETE FROM part WHERE message_id = 'msg_a_1'")
    say(path, "c", 3)
    found = read(path, first.cursor).detail
    assert set(found.anew) == {("a", ""), ("c", "")}
    assert [block.number for block in found.blocks if block.session == "a"] == [0]


def test_a_part_that_changed_is_told_again(home: Path) -> None:
    path = database(home, ("a", 0))
    first = read(path)
    with writing(path) as tables:
        data = json.dumps({"type": "text", "text": "hello, and more"})
        tables.execute("UPDATE part SET data = ?, time_updated = ?", (data, ms(9)))
    [block] = read(path, first.cursor).detail.blocks
    assert (block.number, block.chars) == (0, len("hello, and more"))


def test_old_sessions_wait_until_somebody_asks(home: Path) -> None:
    path = database(home, ("old", -9 * DAY_S), ("young", 0))
    wish = Wish(since_ms=ms(-DAY_S))
    first = read(path, None, wish)
    assert told(first) == ["young"]
    asked = read(path, first.cursor, wish._replace(session="old"))
    assert told(asked) == ["old"]
    assert not asked.from_start


def test_the_session_that_somebody_waits_for_comes_alone(home: Path) -> None:
    path = database(home, ("a", 0), ("b", 1), ("c", 2))
    first = read(path, None, Wish(session="a"))
    assert told(first) == ["a"]
    assert (first.more, first.rest) == (False, True)
    rest = read(path, first.cursor)
    assert sorted(told(rest)) == ["b", "c"]
    assert not rest.rest


def test_a_session_comes_with_those_it_set_to_work(home: Path) -> None:
    path = database(home, ("a", 0), ("b", 1), ("other", 2))
    with writing(path) as tables:
        tables.execute("UPDATE session SET parent_id = 'a' WHERE id = 'b'")
    found = read(path, None, Wish(session="a")).detail
    assert {(block.session, block.agent) for block in found.blocks} == {("a", ""), ("a", "b")}


def test_many_sessions_are_read_in_pieces(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database(home, *((f"s{number}", number) for number in range(6)))
    whole = in_pieces("opencode", path, 1)
    monkeypatch.setattr(archive, "_AT_ONCE_CHARS", 1)
    assert read(path).more
    assert in_pieces("opencode", path, 1) == whole
    assert len(whole.blocks) == 6


def test_another_database_in_its_place_is_told_anew(home: Path) -> None:
    path = database(home, ("a", 0))
    first = read(path)
    path.unlink()
    database(home, ("b", 0))
    cursor = first.cursor if path.stat().st_ino != first.cursor.inode else None
    second = read(path, cursor)
    assert second.from_start
    assert told(second) == ["b"]


@pytest.mark.parametrize("source", ["opencode", "goose", "crush", "hermes", "zed", "zcode"])
def test_cells_of_any_kind_are_never_fatal(source: str, home: Path) -> None:
    path = DATABASES[source](home)
    for _ in spoilt_cells(path):
        assert all(block.chars >= 0 for block in in_pieces(source, path, 1 << 30).blocks)
