"""A world on disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.logs import log_of
from tokwatch.demo.world import Course, history

NOW = datetime(2026, 11, 20, 14, 7, 31, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DemoFolder]:
    """Return a demo's folder, which is removed in the end."""
    folder = DemoFolder(tmp_path)
    yield folder
    folder.remove()


@pytest.fixture(scope="session")
def courses() -> list[Course]:
    """Return a past that ends at a fixed time."""
    return history(NOW, UTC, Random(7))


@pytest.fixture
def written(folder: DemoFolder, courses: list[Course]) -> DemoFolder:
    """Return a folder with the logs of that past."""
    for course in courses:
        folder.write(log_of(course))
    return folder
