"""ZCode: a row for each attempt at a request (FORMATS 2.11, RULES 3.1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import AT_S, made, update, writing
from tests.sources.agents.zcode_logs import PROJECT, SCHEMA, path, request, session
from tests.sources.road import Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, RequestFact
from tokwatch.model.reading import Reading
from tokwatch.sources.agents import zcode_records

SOURCE = "zcode"
Fill = Callable[[sqlite3.Connection], object]


def read(home: Path, fill: Fill, schema: str = SCHEMA) -> Reading:
    """Return a reading of a database that holds what is filled in."""
    file = made(path(home), schema)
    with writing(file) as tables:
        fill(tables)
    return reading(SOURCE, file, file.parent)


def test_a_row_is_a_request(home: Path) -> None:
    """3.1: input includes the cache, output includes reasoning; times are milliseconds."""

    def fill(tables: sqlite3.Connection) -> None:
        session(tables)
        request(tables, "u1", attempt_index=2)

    found = read(home, fill)
    (one,) = found.sightings

    assert (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h) == (30, 60, 10, 0)
    assert (one.output, one.reasoning, one.logged_nano) == (20, 5, None)
    assert (one.grade, one.final, one.requests, one.offset) == (Grade.RECORD, 1, 1, 1)
    assert one.instant_ms == AT_S * 1000 + 2500
    assert one.scope[:4] == (SOURCE, "s1", "", PROJECT)
    assert one.model[:2] == ("zai", "glm-5.2")
    assert found.facts == (
        RequestFact(one.key, "duration_ms", 2500),
        RequestFact(one.key, "retries", 2),
    )


def test_a_row_that_is_completed_later_counts_as_completed(home: Path, road: Road) -> None:
    """2.11: rows are updated in place, so the last ones are read again."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        request(tables, "u1", status="running", completed_at=None, output_tokens=0)
        request(tables, "u2")
    road.read()
    before = road.total()
    with writing(file) as tables:
        update(tables, "model_usage", "u1", status="completed", output_tokens=90)
    road.read()

    assert (before.requests, before.output) == (2, 20)
    assert (road.total().requests, road.total().output) == (2, 110)


@pytest.mark.parametrize(
    ("status", "final"), [("completed", 1), ("running", 0), ("cancelled", 0), ("error", 0)]
)
def test_output_of_an_unfinished_answer_is_a_lower_bound(
    home: Path, status: str, final: int
) -> None:
    (one,) = read(home, lambda tables: request(tables, "u1", status=status)).sightings

    assert one.final == final


def test_a_row_without_tokens_is_no_request_yet(home: Path) -> None:
    counts = dict.fromkeys(("input_tokens", "output_tokens", "reasoning_tokens"), 0)
    cached = dict.fromkeys(("cache_creation_input_tokens", "cache_read_input_tokens"))

    assert read(home, lambda tables: request(tables, "u1", **counts, **cached)).sightings == []


def test_a_sub_agents_session_belongs_to_its_oldest_ancestor(home: Path) -> None:
    def fill(tables: sqlite3.Connection) -> None:
        session(tables)
        session(tables, "s2", parent="s1")
        session(tables, "s3", parent="s2")
        request(tables, "u1", session_id="s3", agent="explore")

    found = read(home, fill)

    assert found.sightings[0].scope[:3] == (SOURCE, "s1", "s3")
    assert [note[:3] for note in found.notes] == [("s1", "s3", "explore")]


def test_parents_that_go_in_a_circle_end(home: Path) -> None:
    def fill(tables: sqlite3.Connection) -> None:
        session(tables, "s1", parent="s2")
        session(tables, "s2", parent="s1")
        request(tables, "u1")

    assert read(home, fill).sightings[0].scope.session == "s2"


def test_seconds_are_told_from_milliseconds(home: Path) -> None:
    """2.11: the same column has held both in more than one tool."""
    (one,) = read(home, lambda tables: request(tables, "u1", completed_at=AT_S)).sightings

    assert one.instant_ms == AT_S * 1000


def test_an_undated_row_is_told_and_not_counted(home: Path) -> None:
    dates = dict.fromkeys(("started_at", "completed_at"))
    found = read(home, lambda tables: request(tables, "u1", **dates))

    assert (found.sightings, found.tally.undated, found.tally.lines) == ([], 1, 1)


def test_older_tables_lack_columns(home: Path) -> None:
    schema = """CREATE TABLE model_usage (
        id TEXT PRIMARY KEY, session_id TEXT, model_id TEXT, started_at INTEGER,
        input_tokens INTEGER, output_tokens INTEGER)"""

    def fill(tables: sqlite3.Connection) -> None:
        tables.execute("INSERT INTO model_usage VALUES ('u1', 's1', 'glm-5', ?, 9, 3)", (AT_S,))

    (one,) = read(home, fill, schema).sightings

    assert (one.input, one.output, one.model[:2]) == (9, 3, ("", "glm-5"))


def test_many_rows_are_read_in_pieces(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zcode_records, "_AT_ONCE", 7)
    monkeypatch.setattr(zcode_records, "_OVERLAP", 3)
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        for place in range(40):
            request(tables, f"u{place}")
    road.read()

    assert road.total() == Spent(40, 1200, 400, 0, 2400, 800, 200)


def test_a_table_that_was_emptied_begins_anew(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zcode_records, "_OVERLAP", 0)
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        for place in range(5):
            request(tables, f"old{place}")
    road.read()
    with writing(file) as tables:
        tables.execute("DELETE FROM model_usage")
        request(tables, "new")
    road.read()

    assert road.total().requests == 6


def test_where_it_looks(home: Path) -> None:
    """2.11; the override names the file."""
    assert folders(SOURCE, home) == ["~/.zcode/cli/db"]
    assert folders(SOURCE, home, ZCODE_SESSION_DB_PATH="~/z/my.sqlite") == ["~/z"]
    assert [sourced(SOURCE).wants(name) for name in ("/z/my.sqlite", "/z/my.txt")] == [True, False]
    assert sourced(SOURCE).resume_command("a b") == "zcode --resume 'a b'"


COUNTS = st.one_of(st.none(), st.integers(-5, 5000), st.sampled_from([2**40, 7.5]))


@settings(max_examples=20)
@given(
    rows=st.lists(st.tuples(*[COUNTS] * 5), max_size=8),
    looks=st.integers(1, 3),
    random=st.randoms(use_true_random=False),
)
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[object, ...]],
    looks: int,
    random: Random,
) -> None:
    """Whatever the rows hold and whenever they are read, the sums are those of a plain loop."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    names = ("input_tokens", "output_tokens", "reasoning_tokens")
    cached = ("cache_creation_input_tokens", "cache_read_input_tokens")
    for place, row in enumerate(rows):
        with writing(file) as tables:
            request(tables, f"u{place}", **dict(zip((*names, *cached), row, strict=True)))
        if random.random() < looks / 3:
            road.read()
    road.read()
    found = road.total()
    road.close()

    assert found == slowly(file)


def slowly(file: Path) -> Spent:
    """Return the sums of a database, row by row."""
    tables = sqlite3.connect(file)
    spent = Spent()
    for row in tables.execute(
        "SELECT input_tokens, output_tokens, reasoning_tokens, cache_creation_input_tokens,"
        " cache_read_input_tokens FROM model_usage"
    ):
        counts = []
        for value in row:
            sane = isinstance(value, int | float) and 0 < value < 2**33
            counts.append(int(value) if sane else 0)
        whole, output, reasoning, written, read_back = counts
        plain = whole
        if read_back + written <= whole:
            plain = whole - read_back - written
        if any((plain, output, written, read_back)):
            least = min(reasoning, output)
            spent = spent.plus(Spent(1, plain, written, 0, read_back, output, least))
    tables.close()
    return spent
