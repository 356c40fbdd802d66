"""The encodings that tests count with: loaded once, their ranks in a folder of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.tokens.counter import Count
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding


@pytest.fixture(scope="session")
def ranks_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder that keeps ranks."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(params=list(Encoding))
def count(request: pytest.FixtureRequest, ranks_data: Path) -> Count:
    """Return what counts a text in each of the encodings."""
    return count_in(request.param, ranks_data)
