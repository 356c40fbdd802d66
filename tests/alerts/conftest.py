"""The desk of tests of alerts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.desk import Desk
from tokwatch.store.store import open_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a desk with an empty store."""
    database = open_store("", tmp_path)
    yield Desk(tmp_path, database)
    database.close()
