"""A store of every older schema, with data in it, becomes one of the newest and keeps its sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store import facts
from tests.store.test_schema import described
from tests.store.worlds import Script, request, script, whole
from tokwatch.model.event import RequestFact
from tokwatch.model.measure import Measure
from tokwatch.model.reading import LedgerLine, Reading, Tally
from tokwatch.store import migrate
from tokwatch.store.connect import Database, open_database
from tokwatch.store.integrity import damage, differences
from tokwatch.store.store import REVISION, open_store, stored_revision
from tokwatch.store.tables import METADATA

_ALL = sorted(file.name[:4] for file in (migrate.FOLDER / "versions").glob("0*.py"))
OLDER = (_ALL[0], _ALL[-2])
"""The first schema passes through all others; none between it and the newest was ever released."""
LOGS = (
    script("/logs/a.jsonl", *(request(number) for number in range(8))),
    script("/logs/b.jsonl", *(request(number, "s2") for number in range(4, 12))),
    script("/logs/c.jsonl", request(20, "s3")._replace(final=0, cache_read=None, logged_nano=7)),
)


def read(database: Database, *readings: Reading) -> None:
    """Write readings."""
    facts.open_writer(database).add(readings)


def told(one: Script) -> Reading:
    """Return all that a parser of the first schema could tell of a log."""
    line = LedgerLine(one.session, "priced", 1, 2, 3, 4, 5, 6, 7, 8, 9)
    return replace(whole(one).reading, ledger=(line,), tally=Tally(lines=9, unknown=1))


@pytest.fixture(params=OLDER)
def older(request: pytest.FixtureRequest, store_urls: Callable[[], str], tmp_path: Path) -> str:
    """Return the address of a store of an older schema that has read the logs."""
    url, new = store_urls(), store_urls()
    open_database(url, tmp_path).close()
    migrate.migrate(url, tmp_path, request.param)
    newest, old = open_store(new, tmp_path), open_database(url, tmp_path)
    read(newest, *map(told, LOGS))
    assert stored_revision(old) == request.param
    columns = {table: list(found["columns"]) for table, found in described(url).items()}
    with old.transaction():
        for table in (table.name for table in METADATA.sorted_tables):
            names = [dict(column)["name"] for column in columns.get(table, ())]
            if names:
                _copy(newest, old, table, names)
        if old.postgres:
            for table in ("place", "scope"):
                at = f"pg_get_serial_sequence('{table}', 'id')"
                old.value(f"SELECT setval({at}, (SELECT max(id) FROM {table}))")
    newest.close()
    old.close()
    return url


def _copy(source: Database, target: Database, table: str, names: list[str]) -> None:
    """Carry the rows of a table over, as far as the older schema has its columns."""
    columns = ", ".join(names)
    marks = ", ".join("?" * len(names))
    target.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",
        source.rows(f"SELECT {columns} FROM {table}"),
    )


def test_events_and_sums_are_kept(
    older: str, store_urls: Callable[[], str], tmp_path: Path
) -> None:
    fresh_url = store_urls()
    fresh, migrated = open_store(fresh_url, tmp_path), open_store(older, tmp_path)
    read(fresh, *map(told, LOGS))

    assert stored_revision(migrated) == REVISION
    assert described(older) == described(fresh_url)
    assert facts.events(migrated) == facts.events(fresh)
    assert facts.cells(migrated) == facts.cells(fresh)
    assert facts.rows(migrated, "ledger") == facts.rows(fresh, "ledger")
    assert differences(migrated, 1, facts.utc_day) == {}
    assert damage(migrated) == []
    fresh.close()
    migrated.close()


def test_a_migrated_store_goes_on_where_it_was(older: str, tmp_path: Path) -> None:
    database = open_store(older, tmp_path)
    before = facts.cells(database)
    assert {one.path for one in facts.open_writer(database).cursors()} == {one.path for one in LOGS}

    read(database, *map(told, LOGS))
    assert facts.cells(database) == before

    fact, score = RequestFact(30, "retries", 1), Measure("score", 1, 0.5)
    keyed = request(31)._replace(scope=request(31).scope._replace(key="ci"))
    new = whole(script("/logs/d.jsonl", request(30), keyed)).reading
    read(database, replace(new, facts=(fact,), measures=(score,), tally=Tally(sample="id")))

    keys = {number: one.scope.key for number, one in facts.events(database).items()}
    assert (keys[30], keys[31]) == ("", "ci")
    assert facts.cells(database) == facts.expected_cells(facts.events(database).values())
    found = {table: len(facts.rows(database, table)) for table in ("request_fact", "measure")}
    assert found == {"request_fact": 1, "measure": 1}
    assert database.rows("SELECT sample, repeated FROM log ORDER BY path")[-1] == ("id", 0)
    database.close()
