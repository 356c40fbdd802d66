"""Goose: requests of its ledger, else growth of session totals (FORMATS 2.11, RULES 3.1)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.agents.goose_logs import (
    LEDGER,
    OLD_SCHEMA,
    PROJECT,
    SCHEMA,
    SESSION,
    TOTALS_SCHEMA,
    carried,
    path,
    request,
    session,
    used,
)
from tests.sources.road import Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.sources.agents import goose_records

SOURCE = "goose"


def told(file: Path) -> list[Sighting]:
    """Return what a database tells when it is read for the first time."""
    return list(reading(SOURCE, file, file.parent).sightings)


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return input, cache reads, cache writes and output."""
    return one.input, one.cache_read, one.cache_write_5m, one.output


@pytest.mark.parametrize("schema", [SCHEMA, TOTALS_SCHEMA], ids=["ledger", "totals"])
@pytest.mark.parametrize("provider", ["claude-code", "codex", "gemini-cli", "cursor-agent"])
def test_what_another_agents_logs_tell_counts_there(home: Path, schema: str, provider: str) -> None:
    """4.1: as a provider it is its command that asks; Cursor's logs tell no counts."""
    file = made(path(home), schema)
    with writing(file) as tables:
        session(tables, provider_name=provider)
        used(tables, input=100, output=20)
        if schema == SCHEMA:
            request(tables)

    assert len(told(file)) == (provider == "cursor-agent")


def test_a_row_of_the_ledger_is_a_request(home: Path) -> None:
    """2.11: seconds; input includes the cache; the cost is logged."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        request(tables)
    (one,) = told(file)

    assert classes(one) == (30, 60, 10, 20)
    assert (one.cache_write_1h, one.reasoning, one.logged_nano) == (0, None, 9_300_000)
    assert (one.grade, one.final, one.requests) == (Grade.RECORD, 1, 1)
    assert one.instant_ms == AT_S * 1000
    assert one.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert one.model[:2] == ("anthropic", "claude-sonnet-4-6")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"input_tokens": 120, "cache_read_tokens": 15000, "cache_write_tokens": 0}, (120, 15000)),
        ({"input_tokens": None, "total_tokens": 100}, (10, 60)),
        ({"cache_read_tokens": None, "cache_write_tokens": None}, (100, None)),
        ({"created_timestamp": AT_S * 1000}, (30, 60)),
    ],
)
def test_what_a_row_may_leave_out(
    home: Path, row: dict[str, object], expected: tuple[int | None, int | None]
) -> None:
    """An input smaller than its cache does not include it; a total stands for an input."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        request(tables, SESSION, **row)
    (one,) = told(file)

    assert (one.input, one.cache_read) == expected
    assert one.instant_ms == AT_S * 1000


def test_a_request_without_a_model_is_of_the_sessions(home: Path) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        session(tables, "bare", model_config_json="{", provider_name=None)
        request(tables, model=None, is_compaction=1)
        request(tables, "bare", model=None)
        request(tables, "deleted", model=None)

    assert [one.model[:2] for one in told(file)] == [
        ("anthropic", "claude-sonnet-4-6"),
        ("", "unknown"),
        ("", "unknown"),
    ]


def test_sub_agents_belong_to_the_session_that_began_them(home: Path) -> None:
    """2.11: each has its own requests; nothing is rolled up twice."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        session(tables, "child", session_type="sub_agent", parent_session_id=SESSION)
        request(tables)
        request(tables, "child")

    assert [one.scope[1:3] for one in told(file)] == [(SESSION, ""), (SESSION, "child")]


def test_totals_of_a_session_with_requests_count_nothing(home: Path) -> None:
    """2.11: the ledger where there is one."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        request(tables)
        used(tables, input=999, output=999, total=1998)

    assert [one.input for one in told(file)] == [30]


def test_totals_without_requests_count_their_growth(home: Path, road: Road) -> None:
    """2.11: older schemas; derived, at the session's last use."""
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, input=100, output=20, total=120, cache_read=60, cache_write=10)
    (one,) = told(file)
    road.read()
    with writing(file) as tables:
        used(tables, at="11:00:00", input=180, output=50, total=230, cache_read=60, cache_write=10)
    road.read()
    newest, first = road.events()

    assert (one.grade, classes(one)) == (Grade.DERIVED, (30, 60, 10, 20))
    assert (newest.instant_ms - first.instant_ms, newest.usage.input) == (3_600_000, 80)
    assert road.total() == Spent(2, 110, 10, 0, 60, 50, 0)


def test_a_schema_without_cache_columns_does_not_know_the_cache(home: Path) -> None:
    """Unknown is not 0: before schema 14 nothing told cache reads."""
    file = made(path(home), OLD_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, input=100, output=20, total=120)
    (one,) = told(file)

    assert classes(one) == (100, None, None, 20)


def test_a_total_that_shrinks_begins_anew(home: Path, road: Road) -> None:
    file = made(path(home), OLD_SCHEMA)
    with writing(file) as tables:
        session(tables)
    for place, total in enumerate((100, 40, 60)):
        with writing(file) as tables:
            used(tables, at=f"10:00:{place:02}", input=total, output=1, total=total + 1)
        road.read()

    assert road.total().input == 160


def test_logged_cost_grows_with_the_total(home: Path) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables, accumulated_cost=0.25)
        used(tables, input=100, output=20)
        session(tables, "free", accumulated_cost=0.0)
        used(tables, "free", input=100, output=20)

    assert sorted(str(one.logged_nano) for one in told(file)) == ["250000000", "None"]


def upgrade(file: Path) -> None:
    """Bring a database to the schema with a ledger, as the tool does."""
    with writing(file) as tables:
        tables.executescript(LEDGER)


def test_what_was_carried_forward_counts_once(home: Path, road: Road) -> None:
    """A session taken up again after the upgrade gets its old total as a row of the ledger."""
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, input=100, output=20, total=120, cache_read=60, cache_write=10)
    road.read()
    upgrade(file)
    with writing(file) as tables:
        request(tables)
        carried(tables)
        used(tables, at="12:00:00", input=200, output=40, total=240, cache_read=120)
    road.read()

    assert road.total() == Spent(2, 60, 20, 0, 120, 40, 0)


def test_what_was_carried_forward_counts_where_it_was_never_seen(home: Path) -> None:
    """It was spent before the session was taken up again, so it is dated at its begin."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        request(tables)
        carried(tables, input_tokens=900, cache_read_tokens=0, cache_write_tokens=0)
    found = {one.grade: one for one in told(file)}

    assert found[Grade.RECORD.value].input == 30
    assert classes(found[Grade.DERIVED.value]) == (900, 0, 0, 20)
    assert found[Grade.DERIVED.value].instant_ms == (AT_S - 3600) * 1000
    assert len(found) == 2


def test_less_carried_forward_than_was_counted_counts_nothing(home: Path, road: Road) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, input=500, output=20, total=520)
    road.read()
    upgrade(file)
    with writing(file) as tables:
        request(tables)
        carried(tables)
    road.read()

    assert (road.total().requests, road.total().input) == (2, 530)


def test_many_requests_are_read_in_pieces(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goose_records, "_AT_ONCE", 7)
    monkeypatch.setattr(goose_records, "_CHUNK", 2)
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        for place in range(5):
            session(tables, f"s{place}")
            for _ in range(6):
                request(tables, f"s{place}")
    road.read()

    assert road.total() == Spent(30, 900, 300, 0, 1800, 600, 0)


def test_a_deleted_ledger_begins_anew(home: Path, road: Road) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        for _ in range(3):
            request(tables)
    road.read()
    with writing(file) as tables:
        tables.execute("DELETE FROM usage_ledger")
        tables.execute("DELETE FROM sqlite_sequence")
        request(tables, created_timestamp=AT_S + 60)
    road.read()

    assert road.total().requests == 4


def test_a_clock_that_was_ahead_for_a_while_hides_no_session(home: Path, road: Road) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables, "ahead", updated_at="2199-01-01 00:00:00")
        used(tables, "ahead", input=1, output=1)
        tables.execute("UPDATE sessions SET updated_at = '2199-01-01 00:00:00'")
    road.read()
    with writing(file) as tables:
        session(tables)
        used(tables, input=100, output=20)
    road.read()

    assert road.total().input == 101


def test_where_it_looks(home: Path) -> None:
    """2.11: the tool's own strategy on Linux and on a Mac, older folders, Windows, the override."""
    ours, block = "~/.local/share/goose/sessions", "~/.local/share/Block/goose/sessions"
    library = "~/Library/Application Support"
    assert folders(SOURCE, home) == [ours, block]
    assert folders(SOURCE, home, "darwin") == [
        *(ours, block, f"{library}/goose/sessions", f"{library}/Block/goose/sessions"),
    ]
    windows = folders(SOURCE, home, "win32", APPDATA=str(home / "Roaming"))
    assert windows == ["~/Roaming/Block/goose/data/sessions"]
    assert folders(SOURCE, home, GOOSE_PATH_ROOT="/g") == ["/g/data/sessions"]
    assert sourced(SOURCE).resume_command("20260801_1").endswith("--session-id 20260801_1")


COUNTS = st.one_of(st.none(), st.integers(0, 900))
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b"]), *[COUNTS] * 4), max_size=8)


@settings(max_examples=20)
@given(rows=ROWS, random=st.randoms(use_true_random=False))
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]], random: Random
) -> None:
    """Requests of one session, totals of another that never shrink, read at any time."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables, "a")
        session(tables, "b")
    totals = {"input": 0, "output": 0}
    for name, whole, output, cached, written in rows:
        with writing(file) as tables:
            if name == "a":
                request(
                    tables,
                    "a",
                    input_tokens=whole,
                    output_tokens=output,
                    total_tokens=None,
                    cache_read_tokens=cached,
                    cache_write_tokens=written,
                )
            else:
                for part, count in zip(totals, (whole, output), strict=True):
                    totals[part] += count if isinstance(count, int) else 0
                used(tables, "b", "10:00:00", **totals)
        if random.random() < 0.5:
            road.read()
    road.read()
    found = road.total()._replace(requests=0)
    road.close()

    assert found == slowly(file)


def slowly(file: Path) -> Spent:
    """Return the sums of a database, row by row."""
    tables = sqlite3.connect(file)
    spent = Spent()
    for row in tables.execute(
        "SELECT input_tokens, output_tokens, cache_read_tokens, cache_write_tokens"
        " FROM usage_ledger"
    ):
        whole, output, cached, written = (value or 0 for value in row)
        if cached + written <= whole:
            whole -= cached + written
        spent = spent.plus(Spent(0, whole, written, 0, cached, output))
    for whole, output in tables.execute(
        "SELECT accumulated_input_tokens, accumulated_output_tokens FROM sessions WHERE id = 'b'"
    ):
        spent = spent.plus(Spent(0, whole or 0, 0, 0, 0, output or 0))
    tables.close()
    return spent
