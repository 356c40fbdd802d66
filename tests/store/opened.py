"""The stores that tests run on: SQLite always, PostgreSQL where there is a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store import postgres
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """Return a PostgreSQL server; without its programs the test is skipped, or fails on request."""
    where = postgres.programs()
    if where is None:
        reason = "no PostgreSQL server: neither on PATH nor in /usr/lib/postgresql"
        if os.environ.get("REQUIRE_POSTGRES"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.running(where) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Return what makes databases of either kind and returns their addresses.

    They are empty; on a server they have a store's tables where the test opens a store anyway.
    """
    made: list[str] = []
    if request.param == "sqlite":

        def make() -> str:
            made.append(f"sqlite:///{tmp_path / f'store{len(made)}.db'}")
            return made[-1]

        yield make
        return
    server: postgres.Server = request.getfixturevalue("server")

    def make_on_server() -> str:
        is_store = "database" in request.fixturenames
        made.append(server.make_new_store() if is_store else server.make())
        return made[-1]

    yield make_on_server
    for url in made:
        server.drop(url)


@pytest.fixture
def store_url(store_urls: Callable[[], str]) -> str:
    """Return the address of an empty database of either kind."""
    return store_urls()


@pytest.fixture
def database(store_url: str, tmp_path: Path) -> Iterator[Database]:
    """Return a new store of either kind, open for writing."""
    database = open_store(store_url, tmp_path)
    yield database
    database.close()
