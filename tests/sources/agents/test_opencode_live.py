"""OpenCode's databases while they are written: nothing twice, nothing lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import made, writing
from tests.sources.agents.opencode_logs import (
    AT_MS,
    CALL,
    Used,
    answer,
    database,
    message,
    message_file,
    path,
    prompt,
    session,
    session_file,
    tokens,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, spoilt
from tests.sources.road import CANARY, Fields, Road, reading
from tests.sources.test_hostile import is_clean, names
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.agents import opencode_tables

SOURCE = "opencode"
NOTHING = Used(0, 0, 0, 0, 0)


def read(file: Path, cursor: Cursor | None = None) -> Reading:
    """Return a reading of a database."""
    return reading(SOURCE, file, file.parent, cursor)


def began(at: int = AT_MS) -> Fields:
    """Return an answer that has just begun."""
    return answer(NOTHING, time={"created": at}, finish=None)


def test_an_answer_counts_when_it_has_ended(home: Path, road: Road) -> None:
    """2.5: its row is written again, behind others or not."""
    others = {f"x{place}": answer(CALL, AT_MS + place) for place in range(40)}
    database(home, m1=began(), m2=began(), **others)
    road.read()
    assert road.total().requests == 40
    database(home, m1=answer(CALL._replace(output=7)))
    road.read()
    assert road.total().requests == 41
    database(home, m2=answer(CALL._replace(output=8), time={"created": AT_MS}))
    road.read()
    database(home, m2=answer(CALL._replace(output=9)))
    road.read()

    assert (road.total().requests, road.total().output) == (42, 40 * 300 + 7 + 9)


def test_many_rows_are_read_in_pieces(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opencode_tables, "_AT_ONCE", 20)
    mixed = {f"m{place}": answer() if place % 3 else prompt() for place in range(150)}
    database(home, **mixed)
    road.read()
    assert road.total().requests == 100
    database(home, more=answer())
    road.read()

    assert road.total().requests == 101


@pytest.mark.parametrize("gone", [1, 5, 30, 60])
def test_rows_that_go_hide_none_that_come(home: Path, road: Road, gone: int) -> None:
    """2.5: to undo deletes the last messages, and new ones take their place."""
    database(home, **{f"m{place}": answer(CALL, AT_MS + place) for place in range(60)})
    road.read()
    with writing(path(home)) as tables:
        tables.execute("DELETE FROM message WHERE rowid > ?", (60 - gone,))
        for place in range(gone + 3):
            message(tables, f"n{place}", answer(CALL, AT_MS + 100_000 + place))
    road.read()

    assert road.total().requests == 60 + gone + 3


def test_rows_that_get_other_numbers_are_found_again(home: Path, road: Road) -> None:
    """2.5: a vacuum counts rows anew."""
    database(home, **{f"m{place}": answer(CALL, AT_MS + place) for place in range(200)})
    road.read()
    with writing(path(home)) as tables:
        tables.execute("DELETE FROM message WHERE rowid % 2")
    with writing(path(home)) as tables:
        tables.isolation_level = None
        tables.execute("VACUUM")
    database(home, **{f"n{place}": answer(CALL, AT_MS + 900 + place) for place in range(50)})
    road.read()

    assert road.total().requests == 250


def test_only_what_changed_is_read_again(home: Path) -> None:
    """4.4: work follows what was written, not the size of the history."""
    file = database(home, **{f"m{place}": answer(CALL, AT_MS + place) for place in range(500)})
    first = read(file)
    database(home, new=answer())
    then = read(file, first.cursor)

    assert len(first.sightings) == 500
    assert len(then.sightings) <= 20
    assert len(then.cursor.state) < 1_000


@pytest.mark.parametrize(("gone", "most"), [(1, 30), (10, 90), (100, 540)])
def test_to_find_the_place_again_few_rows_are_read(home: Path, gone: int, most: int) -> None:
    """4.4: the place is known by several rows, so that an undo is no reason to begin anew."""
    file = database(home, **{f"m{place}": answer(CALL, AT_MS + place) for place in range(900)})
    first = read(file)
    with writing(file) as tables:
        tables.execute("DELETE FROM message WHERE rowid > ?", (900 - gone,))
    then = read(file, first.cursor)

    assert len(then.sightings) <= most


def test_an_answer_that_is_taken_up_again_is_seen(home: Path, road: Road) -> None:
    """2.5: a retry writes the last message again, ended as it was."""
    database(home, m1=answer(), m2=prompt(AT_MS + 1))
    road.read()
    database(home, m1=answer(CALL._replace(output=777)))
    road.read()

    assert (road.total().requests, road.total().output) == (1, 777)


def test_tables_of_another_shape_are_told(home: Path) -> None:
    """4.2: a column that is missing is no usage in silence."""
    file = made(path(home), "CREATE TABLE message (id text, body text)")
    found = read(file)

    assert (found.tally.unknown, found.tally.sample) == (1, "body, id")


def test_older_tables_lack_columns(home: Path, road: Road) -> None:
    """2.5: an early relative has neither sessions nor times beside the messages."""
    schema = "CREATE TABLE message (id text PRIMARY KEY, session_id text, data text)"
    with writing(made(path(home), schema)) as tables:
        told = json.dumps(answer())
        tables.execute("INSERT INTO message VALUES ('m1', 'ses_1', ?)", (told,))
        told = json.dumps(answer(time=None))
        tables.execute("INSERT INTO message VALUES ('m2', 'ses_1', ?)", (told,))
    road.read()

    assert road.total().requests == 1


def test_no_prompt_reaches_the_store(home: Path, road: Road, tmp_path: Path) -> None:
    session_file(home)
    message_file(home, "m9", answer() | {"summary": {"title": CANARY}})
    message_file(home, "m8", prompt())
    database(home, m1=prompt(), m2=answer(error={"message": CANARY}))
    road.read()
    road.ingest.writer.checkpoint()
    stored = b"".join(
        file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()
    )

    assert road.total().requests == 2
    assert CANARY.encode() not in stored


@settings(max_examples=20)
@given(told=st.lists(spoilt(answer(CALL, AT_MS, tokens=tokens(Used(total=5)))), max_size=4))
def test_an_odd_message_costs_no_good_one(
    tmp_path_factory: pytest.TempPathFactory, told: list[object]
) -> None:
    """4.2: values of every kind raise nothing and leave no unsafe name."""
    home = tmp_path_factory.mktemp("home")
    file = database(home, good=answer(CALL._replace(output=12_345)))
    with writing(file) as tables:
        for place, data in enumerate(told):
            message(tables, f"m{place}", bytes_of(data).decode())
    found = read(file)

    assert 12_345 in [one.output for one in found.sightings]
    assert all(is_clean(name) for name in names(found))
    for data in told:
        session_file(home)
        content = bytes_of(data)
        odd = message_file(home, "m1", answer())
        odd.write_bytes(content)
        assert all(is_clean(name) for name in names(reading(SOURCE, odd, odd.parent)))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 100_000, b'{"role":"assist']
)
def test_a_broken_file_is_counted(home: Path, content: bytes) -> None:
    """4.2: it is read again when it is whole."""
    file = message_file(home, "m1", answer())
    file.write_bytes(content)

    found = reading(SOURCE, file, file.parent)

    assert (found.sightings, found.tally.bad_lines) == ([], 1)


def test_hostile_names_are_made_safe(home: Path, road: Road) -> None:
    """4.7: escape codes, half characters and endless names."""
    evil = {"modelID": HOSTILE, "providerID": HOSTILE, "agent": HOSTILE}
    file = database(home, m1=answer(CALL, AT_MS, **evil, path={"cwd": HOSTILE}))
    with writing(file) as tables:
        session(tables, "ses_2", HOSTILE.replace("\ud800", ""), directory=f"\x1b[1m{'x' * 999}")
        message(tables, "m2", answer(CALL, AT_MS, **evil), "ses_2")
    found = read(file)
    road.read()

    assert len(found.sightings) == 2
    assert all(is_clean(name) for name in names(found))
    assert road.total().requests == 2


def test_a_row_that_is_no_text_is_bad(home: Path) -> None:
    """4.2: cells may hold anything."""
    file = database(home, good=answer())
    with writing(file) as tables:
        for place, data in enumerate((b"\xff\xfe", 7, 1.5, b"", "[" * 3_000, "{" * 10)):
            tables.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?)", (f"m{place}", b"\xff", "x", "y", data)
            )
    found = read(file)

    assert len(found.sightings) == 1
    assert found.tally.bad_lines >= 4


def test_a_replay_of_the_same_database_changes_nothing(home: Path, road: Road) -> None:
    file = database(home, **{f"m{place}": answer(CALL, AT_MS + place) for place in range(5)})
    road.read()
    before = (road.total(), road.events())
    os.utime(file)
    assert road.read().pending

    assert (road.total(), road.events()) == before


def test_an_old_database_grows_columns(home: Path, road: Road) -> None:
    """2.5: a migration between two looks."""
    file = database(home, m1=answer())
    road.read()
    with writing(file) as tables:
        tables.execute("ALTER TABLE message ADD COLUMN agent_id text DEFAULT 'main'")
        tables.execute(
            "INSERT INTO message SELECT 'm2', session_id, time_created + 1, time_updated, data, 'x'"
            " FROM message WHERE id = 'm1'"
        )
    road.read()

    assert road.total().requests == 2
