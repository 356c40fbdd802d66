"""better-ccflare's rows, by what 3.5 really writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.agents.databases import insert, made, update, writing
from tests.sources.gateways.ccflare_logs import (
    AT_MS,
    SCHEMA,
    SESSION,
    add_payload,
    add_row,
    database,
    document_of,
    name_of,
    response_of,
    stream_of,
)
from tests.sources.road import CANARY, Fields, Road, Spent, reading, write
from tests.sources.test_roots import sourced
from tokwatch.model.event import Grade, RequestFact, Sighting, event_key, response_key
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.gateways import ccflare_rows
from tokwatch.sources.source import Root, Surroundings

SOURCE = "ccflare"
ONE = Spent(1, 21, 700, 0, 5_000, 42, 0)


def read(path: Path, *rows: Fields) -> Reading:
    """Return a reading of a database with these rows."""
    with writing(path) as tables:
        for turn, row in enumerate(rows, 1):
            add_row(tables, turn, **row)
    return reading(SOURCE, path, path.parent)


def classes(found: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    written = (found.cache_write_5m, found.cache_write_1h)
    return (found.input, found.cache_read, *written, found.output)


def test_a_row_is_a_witness_of_a_request(home: Path) -> None:
    """1.5: it has no id of the provider's own."""
    (found,) = read(database(home), {}).sightings

    assert classes(found) == (21, 5_000, 700, 0, 42)
    assert (found.key, found.grade) == (event_key(SOURCE, name_of(1)), Grade.WITNESS)
    assert (found.requests, found.final, found.logged_nano) == (1, 1, 15_268_000)
    assert (found.instant_ms, found.reasoning) == (AT_MS + 10_000, None)
    assert found.model == ("anthropic", "claude-sonnet-4-5", "standard")
    assert found.scope[1:7] == ("better-ccflare", "", "shop", "", "", "ana-max")
    assert found.scope.key == "laptop"


@pytest.mark.parametrize("body", [stream_of(), document_of()], ids=["stream", "document"])
def test_a_payload_tells_the_responses_id(home: Path, body: bytes) -> None:
    """The same request in an agent's transcript is the same event."""
    path = database(home)
    with writing(path) as tables:
        add_payload(tables, body=body, session=SESSION)
    (found,) = read(path, {}).sightings

    assert found.key == response_key(response_of(1))
    assert classes(found) == (21, 5_000, 500, 200, 42)
    assert found.scope.session == SESSION


@pytest.mark.parametrize(
    "spelling", ["{", "enc:v1:AAAA", '{"response": {"body": "%%%"}}', b"\x01\x02", '{"a": 1}']
)
def test_a_payload_that_cannot_be_read_tells_nothing(home: Path, spelling: object) -> None:
    """It may be encrypted, or in another spelling."""
    path = database(home)
    with writing(path) as tables:
        add_payload(tables, spelling=spelling)
        add_payload(tables, 2, body=b"no usage here")
    found = read(path, {}, {}, {})

    assert [it.key for it in found.sightings[:2]] == [
        event_key(SOURCE, name_of(turn)) for turn in (1, 2)
    ]
    assert classes(found.sightings[0]) == (21, 5_000, 700, 0, 42)


def test_times_and_attempts_are_facts(home: Path) -> None:
    """4.2: another account is tried where one fails."""
    key = event_key(SOURCE, name_of(1))

    assert set(read(database(home), {"failover_attempts": 2}).facts) == {
        RequestFact(key, "duration_ms", 156),
        RequestFact(key, "retries", 2),
    }


def test_what_is_missing_in_a_row_with_counts_is_none(home: Path) -> None:
    """It writes nothing for 0."""
    row = {"cache_read_input_tokens": None, "cost_usd": None, "prompt_tokens": 721}
    (found,) = read(database(home), row).sightings

    assert (classes(found), found.logged_nano) == ((21, 0, 700, 0, 42), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # A provider whose input includes the cache: the prompt's total is no more than that.
        (
            {"prompt_tokens": 300, "input_tokens": 300, "cache_creation_input_tokens": None},
            (300, 5_000, 0, 0, 42),
        ),
        (
            {
                **{"prompt_tokens": 300, "input_tokens": 300, "cache_read_input_tokens": 256},
                "cache_creation_input_tokens": None,
            },
            (44, 256, 0, 0, 42),
        ),
        ({"prompt_tokens": None}, (21, 5_000, 700, 0, 42)),
        ({"output_tokens": None}, (21, 5_000, 700, 0, 42)),
    ],
)
def test_the_prompts_total_tells_what_input_includes(
    home: Path, row: Fields, expected: tuple[int, ...]
) -> None:
    """2.9: it serves providers of both sorts."""
    assert classes(read(database(home), row).sightings[0]) == expected


EMPTY: Fields = dict.fromkeys(
    (
        *("model", "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens"),
        *("cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens", "cost_usd"),
    )
)


def test_a_failure_cost_nothing(home: Path) -> None:
    """Its status is a fact; what is still coming in, or counts no tokens, is no request yet."""
    failed = {**EMPTY, "status_code": 529, "success": 0}
    coming = {**EMPTY, "status_code": 200, "success": 0}
    counting = {**failed, "path": "/v1/messages/count_tokens"}
    found = read(database(home), failed, coming, counting)

    assert [(it.requests, it.model.name) for it in found.sightings] == [(0, "unknown")]
    assert RequestFact(event_key(SOURCE, name_of(1)), "http_status", 529) in found.facts


def test_a_row_that_fills_up_is_seen(home: Path, road: Road) -> None:
    """1.5: rows are updated in place when the answer has come in."""
    path = database(home)
    with writing(path) as tables:
        add_row(tables, 1, **EMPTY)
        add_row(tables, 2)
    road.read()
    assert road.total() == ONE
    with writing(path) as tables:
        update(tables, "requests", name_of(1), input_tokens=7, output_tokens=8, model="m")
    road.read()

    assert road.total() == ONE.plus(Spent(1, 7, 0, 0, 0, 8, 0))


def test_a_row_waits_for_its_payload(home: Path, road: Road) -> None:
    """Its key must not change; without payloads at all nothing is waited for."""
    path = database(home)
    with writing(path) as tables:
        add_row(tables, 1)
        add_payload(tables, 1)
        add_row(tables, 2)
    road.read()
    assert road.total() == Spent(1, 21, 500, 200, 5_000, 42, 0)
    with writing(path) as tables:
        add_payload(tables, 2)
    road.read()

    assert road.total() == Spent(2, 42, 1_000, 400, 10_000, 84, 0)
    assert len(road.events()) == 2


def test_a_row_that_waited_in_vain_is_told(home: Path, road: Road) -> None:
    """Payloads may be switched off while old ones are still there."""
    path = database(home)
    with writing(path) as tables:
        for turn in (1, 2, 3):
            add_row(tables, turn)
        add_payload(tables, 1)
    road.read()
    assert road.total().requests == 2
    with writing(path) as tables:
        add_row(tables, 4, timestamp=AT_MS + 90_000)
    road.read()

    assert road.total().requests == 3


@pytest.mark.parametrize("comes", [True, False])
def test_a_payload_that_comes_or_goes_changes_no_key(home: Path, road: Road, comes: bool) -> None:
    """Payloads are kept for days, rows for months."""
    path = database(home)
    with writing(path) as tables:
        add_row(tables, 1)
        if not comes:
            add_payload(tables, 1)
    road.read()
    with writing(path) as tables:
        if comes:
            add_payload(tables, 1)
        tables.execute("DELETE FROM request_payloads WHERE ?", (not comes,))
        update(tables, "requests", name_of(1), response_time_ms=157)
    road.read()

    assert len(road.events()) == 1


def test_many_rows_are_read_in_pages(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, those that come meanwhile and later included."""
    monkeypatch.setattr(ccflare_rows, "PAGE_ROWS", 3)
    path = database(home)
    with writing(path) as tables:
        for turn in range(1, 8):
            add_row(tables, turn)
    first = reading(SOURCE, path, path.parent)
    assert (len(first.sightings), first.more) == (3, True)
    while road.read().pending:
        pass
    assert road.total().requests == 7
    with writing(path) as tables:
        add_row(tables, 8)
    while road.read().pending:
        pass

    assert road.total().requests == 8


def test_rows_are_found_whatever_time_they_claim(home: Path, road: Road) -> None:
    """A clock that was wrong hides nothing that comes after."""
    path = database(home)
    with writing(path) as tables:
        add_row(tables, 1, timestamp=7_200_000_000_000)
        add_row(tables, 2, timestamp="soon")
    road.read()
    with writing(path) as tables:
        add_row(tables, 3)
    road.read()

    assert road.total().requests == 2


def test_renumbered_rows_are_found(home: Path, road: Road) -> None:
    """Its cleaning up deletes old rows and may number the others anew."""
    path = database(home)
    with writing(path) as tables:
        for turn in range(1, 6):
            add_row(tables, turn)
    road.read()
    with writing(path) as tables:
        tables.execute("DELETE FROM requests WHERE rowid < 5")
        tables.execute("UPDATE requests SET rowid = 1")
        add_row(tables, 6)
    road.read()

    assert road.total().requests == 6


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (", api_key_id TEXT,\n    api_key_name TEXT, combo_name TEXT", ""),
        ("CREATE TABLE request_payloads", "CREATE TABLE other"),
        ("CREATE TABLE accounts", "CREATE TABLE users"),
        ("account_used TEXT, ", ""),
        (", json TEXT NOT NULL", ""),
    ],
)
def test_older_tables_have_less(home: Path, part: str, instead: str) -> None:
    """It grew from version to version."""
    assert part in SCHEMA
    path = made(home / "better-ccflare.db", SCHEMA.replace(part, instead))
    with writing(path) as tables:
        row = {"id": "r", "timestamp": AT_MS, "method": "POST", "path": "/v1/messages"}
        insert(tables, "requests", **row, input_tokens=5, output_tokens=6)
    (found,) = reading(SOURCE, path, path.parent).sightings

    assert (found.input, found.output) == (5, 6)


@pytest.mark.parametrize(
    ("schema", "names"),
    [("CREATE TABLE other (id TEXT);", ""), ("CREATE TABLE requests (who, used);", "used, who")],
)
def test_a_database_of_another_sort_tells_nothing(home: Path, schema: str, names: str) -> None:
    """4.2: unknown is no error; columns that nobody knows are told."""
    path = made(home / "better-ccflare.db", schema)
    found = reading(SOURCE, path, path.parent)

    assert list(found.sightings) == []
    assert (found.tally.unknown, found.tally.sample) == (int(bool(names)), names)


def test_no_prompt_and_no_key_is_kept(home: Path, road: Road, tmp_path: Path) -> None:
    """6.5: payloads hold everything."""
    with writing(database(home)) as tables:
        add_row(tables, 1, project="\x1b[31mshop", error_message=CANARY)
        add_payload(tables, 1)
    road.read()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file())

    assert road.total().requests == 1
    assert b"CANARY" not in kept
    assert b"sk-ant" not in kept
    assert {project for (project,) in road.sums((Dimension.PROJECT,))} == {"[31mshop"}


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_it_is_read_while_it_is_written(home: Path, road: Road, journal: str) -> None:
    """4.2: in either journal mode the writer never waits, and nothing of it changes."""
    path = database(home, journal)
    with writing(path, journal) as writer:
        for turn in (1, 2, 3):
            add_row(writer, turn)
            writer.commit()
            before = {it.name: it.read_bytes() for it in path.parent.iterdir() if _is_kept(it)}
            road.read()
            after = {it.name: it.read_bytes() for it in path.parent.iterdir() if _is_kept(it)}
            assert road.total().requests == turn
            assert before == after


def _is_kept(path: Path) -> bool:
    """Tell files that a reader must not touch; in `-shm` it marks its place."""
    return not path.name.endswith("-shm")


def test_where_the_database_lies(home: Path) -> None:
    """Its configuration folder; its backups are none."""
    source = sourced(SOURCE)

    def root(platform: str = "linux", **variables: str) -> Root:
        (found,) = source.roots(Surroundings(home, variables, platform))
        return found

    assert root() == Root(home / ".config" / "better-ccflare", shallow=True)
    assert root(XDG_CONFIG_HOME="/x").path == Path("/x") / "better-ccflare"
    assert root("win32", LOCALAPPDATA="/l").path == Path("/l") / "better-ccflare"
    assert root("win32").path == home / "AppData" / "Local" / "better-ccflare"
    assert root(BETTER_CCFLARE_DB_PATH="~/cc.db") == Root(home / "cc.db", shallow=True)
    assert source.wants("/x/better-ccflare.db")
    assert not source.wants("/x/better-ccflare.db.backup.1795183284642")
    assert (source.title_of(home, ""), source.resume_command("s")) == ("", "")


def test_how_long_requests_are_kept(home: Path) -> None:
    """4.3: ninety days unless the settings say otherwise."""
    source, where = sourced(SOURCE), Surroundings(home, {}, "linux")
    assert source.retention(where) == ""
    settings = database(home).with_suffix(".json")

    assert "after 90 days" in source.retention(where)
    write(settings, b'{"request_retention_days": 365}')
    assert "after 365 days" in source.retention(where)
