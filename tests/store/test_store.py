"""Opening a store: new, older, newer, damaged, or by several processes at once."""

from __future__ import annotations

from tokwatch.store.connect import Database
from tokwatch.store.store import REVISION, stored_revision


def test_a_new_store_has_the_newest_schema(database: Database) -> None:
    assert stored_revision(database) == REVISION
    assert database.rows("SELECT * FROM event") == []
