"""Copilot CLI's session store, where its logs lie and what they are called, by FORMATS 2.6."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.copilot_logs import (
    AT_MS,
    CALL,
    MODEL,
    PROJECT,
    SCHEMA,
    SESSION,
    Used,
    asked,
    events,
    known,
    request,
    span,
    started,
    store,
    stored,
    times,
)
from tests.sources.agents.databases import made, writing
from tests.sources.road import CANARY, Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, RequestFact
from tokwatch.model.reading import Reading
from tokwatch.sources.agents import copilot_store
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Surroundings

SOURCE = "copilot-cli"
Fill = Callable[[sqlite3.Connection], object]


def read(home: Path, fill: Fill, schema: str = SCHEMA) -> Reading:
    """Return a reading of a store that holds what is filled in."""
    file = made(store(home), schema)
    with writing(file) as tables:
        fill(tables)
    return reading(SOURCE, file, file.parent)


def test_a_row_is_a_request(home: Path) -> None:
    """2.6: input includes the cache, output includes reasoning; 10^11 nano-AIU are a dollar."""

    def fill(tables: sqlite3.Connection) -> None:
        known(tables)
        measured = {"duration_ms": 900, "time_to_first_token_ms": 80}
        request(tables, 7, agent_id="task-1", total_nano_aiu=1_234_000_000, **measured)

    found = read(home, fill)
    (one,) = found.sightings

    assert (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h) == (30, 60, 10, 0)
    assert (one.output, one.reasoning, one.logged_nano) == (20, 5, 12_340_000)
    assert (one.grade, one.final, one.requests, one.offset) == (Grade.RECORD, 1, 1, 1)
    assert (one.instant_ms, one.model) == (AT_MS + 7_000, ("", MODEL, "standard"))
    assert one.scope[:5] == (SOURCE, SESSION, "task-1", PROJECT, "main")
    assert found.facts == (
        RequestFact(one.key, "duration_ms", 900),
        RequestFact(one.key, "first_token_ms", 80),
    )


def test_what_a_row_does_not_tell_is_unknown(home: Path) -> None:
    """2.6: columns may be NULL; a row without input and output tells no usage."""

    def fill(tables: sqlite3.Connection) -> None:
        request(tables, 0, Used(100, 20, None, None, None))
        request(tables, 1, Used(None, 20, None, None, None))
        request(tables, 2, Used(None, None, 0, 0, 0))
        request(tables, 3, Used(0, 0, 0, 0, 0))

    found = read(home, fill).sightings

    assert [(one.input, one.cache_read, one.output) for one in found] == [
        (100, None, 20),
        (None, None, 20),
        (0, 0, 0),
    ]
    assert [(one.cache_write_1h, one.reasoning) for one in found] == [
        *((None, None), (None, None), (0, 0)),
    ]


def test_the_billed_model_counts(home: Path) -> None:
    """2.6: what was asked for may be a choice of several."""
    (one,) = read(home, lambda tables: request(tables, copilot_usage_model="gpt-6-luna")).sightings

    assert one.model.name == "gpt-6-luna"


def test_equal_requests_of_a_session_are_several(home: Path, road: Road) -> None:
    """0.7: never merge on equal content, however they are read."""
    for second in range(3):
        stored(home, second, second)
        road.read()

    assert road.total() == times(6)


def test_equal_requests_of_sessions_are_several(home: Path, road: Road) -> None:
    stored(home, 0)
    stored(home, 0, session_id="another")
    road.read()

    assert road.total() == times(2)


def test_an_undated_row_is_told_and_not_counted(home: Path) -> None:
    found = read(home, lambda tables: request(tables, created_at="soon"))

    assert (found.sightings, found.tally.undated, found.tally.lines) == ([], 1, 1)


def test_older_stores_lack_columns(home: Path) -> None:
    """2.6: the schema has a version of its own."""
    schema = """CREATE TABLE assistant_usage_events (
        session_id TEXT, model TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER,
        created_at TEXT)"""

    def fill(tables: sqlite3.Connection) -> None:
        row = (SESSION, "gpt-5", 9, 3, "2026-08-01T10:00:00.500Z")
        tables.execute("INSERT INTO assistant_usage_events VALUES (?, ?, ?, ?, ?)", row)

    (one,) = read(home, fill, schema).sightings

    assert (one.input, one.output, one.cache_read, one.instant_ms) == (9, 3, None, AT_MS + 500)


def test_a_table_of_another_shape_is_told(home: Path) -> None:
    schema = "CREATE TABLE assistant_usage_events (session_id TEXT, tokens INTEGER)"
    found = read(home, lambda tables: None, schema)

    assert (found.tally.unknown, found.tally.sample) == (1, "session_id, tokens")


def test_many_rows_are_read_in_pieces(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copilot_store, "_AT_ONCE", 7)
    stored(home, *range(20), *range(20))
    road.read()

    assert road.total() == times(40)


def test_a_store_that_was_emptied_begins_anew(home: Path, road: Road) -> None:
    """2.6: another store in its place goes on from nothing."""
    stored(home, *range(5))
    road.read()
    with writing(store(home)) as tables:
        tables.execute("DELETE FROM assistant_usage_events")
        tables.execute("DELETE FROM sqlite_sequence")
    stored(home, 90, used=CALL._replace(output=21))
    road.read()

    assert road.total().requests == 6


def test_where_it_looks(home: Path, tmp_path: Path) -> None:
    """2.6: `~/.copilot` or what the overrides name; a trace may lie anywhere."""
    own = ["~/.copilot/session-state", "~/.copilot/otel", "~/.copilot"]
    trace = tmp_path / "anything"
    trace.write_bytes(span())

    assert folders(SOURCE, home) == own
    assert folders(SOURCE, home, COPILOT_HOME="/c") == ["/c/session-state", "/c/otel", "/c"]
    variables = {"COPILOT_OTEL_FILE_EXPORTER_PATH": str(trace)}
    where = Surroundings(home, variables, "linux", (Path("/mnt/c/Users/ana"),))
    roots = sourced(SOURCE).roots(where)
    assert [str(root.path) for root in roots if root.polled] == [
        f"/mnt/c/Users/ana/.copilot{below}" for below in ("/session-state", "/otel", "")
    ]
    (found,) = Walk().over(roots, sourced(SOURCE).wants)
    assert found.path == str(trace)
    assert len(reading(SOURCE, trace, tmp_path).sightings) == 1


@pytest.mark.parametrize(
    ("name", "is_log"),
    [
        ("/c/session-store.db", True),
        ("/c/session-state/s/events.jsonl", True),
        ("/c/otel/x.jsonl", True),
        ("/c/session-state/s/files/events.jsonl", False),
        ("/c/session-state/s/notes.jsonl", False),
        ("/c/data.db", False),
        ("/c/logs/x.jsonl", False),
    ],
)
def test_what_is_a_log(name: str, *, is_log: bool) -> None:
    assert sourced(SOURCE).wants(name) is is_log


def test_the_title_is_the_sessions_own_or_its_first_words(home: Path) -> None:
    """2.6: in the store, or beside a session's events."""
    file, log = stored(home, 1), events(home, b"{\n", started(), asked())
    with writing(file) as tables:
        known(tables, "s2", summary=None)
        tables.execute("UPDATE turns SET user_message = ?", ("Add\nthe tax",))
    title_of = sourced(SOURCE).title_of

    assert title_of(file, SESSION) == "Fix the tax"
    assert title_of(file, "s2") == "Add the tax"
    assert title_of(file, "none") == ""
    assert title_of(log, SESSION) == CANARY
    log.with_name("workspace.yaml").write_text("id: x\nsummary: |-\nname: 'Fix it'\n")
    assert title_of(log, SESSION) == "Fix it"
    assert title_of(log.with_name("gone") / "events.jsonl", SESSION) == ""


def test_how_to_resume() -> None:
    """4.7: what is copied may be pasted into a shell."""
    assert sourced(SOURCE).resume_command("a b") == "copilot --resume 'a b'"
    assert sourced(SOURCE).retention(Surroundings(Path(), {}, "linux")) == ""


COUNT = st.one_of(st.none(), st.integers(-3, 900), st.sampled_from([2**40, 7.5]))


@settings(max_examples=12)
@given(rows=st.lists(st.tuples(*[COUNT] * 5), max_size=6), random=st.randoms(use_true_random=False))
def test_the_store_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]], random: Random
) -> None:
    """2.6: a row for each request, whatever it holds and whenever it is read."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    for place, counts in enumerate(rows):
        file = stored(home, place, used=Used(*counts))
        if random.random() < 0.5:
            road.read()
    road.read()
    found = road.total()
    road.close()

    assert found == (slowly(file) if rows else Spent())


def slowly(file: Path) -> Spent:
    """Return the sums of a store, row by row."""
    tables = sqlite3.connect(file)
    spent = Spent()
    for row in tables.execute(
        "SELECT input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,"
        " reasoning_tokens FROM assistant_usage_events"
    ):
        is_told = [isinstance(part, int | float) and 0 <= part < 2**33 for part in row]
        whole, output, cached, written, reasoning = (
            int(part) if is_sane else 0 for part, is_sane in zip(row, is_told, strict=True)
        )
        if not any(is_told[:2]):
            continue
        plain = whole - cached - written if cached + written <= whole else whole
        least = min(reasoning, output)
        spent = spent.plus(Spent(1, plain, written, 0, cached, output, least))
    tables.close()
    return spent
