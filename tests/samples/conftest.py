"""The real logs beside the repository, read once: a store to hold every screen against."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tokwatch.config import Config, load
from tokwatch.store.connect import Database, open_database
from tokwatch.store.view import View, open_view

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""After all of them but the few that carry a date of the future."""


@pytest.fixture(scope="session")
def samples_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home that holds the real logs; without them there is nothing to measure against."""
    packed = Path(__file__).parents[3] / "shared" / "samples" / "logs.tar.zst"
    if not packed.exists() or shutil.which("zstd") is None:
        pytest.skip("no ../shared/samples beside the repository, or no zstd to unpack it with")
    folder = tmp_path_factory.mktemp("samples")
    with subprocess.Popen(["zstd", "-dc", "--long=27", packed], stdout=subprocess.PIPE) as unpacked:
        subprocess.run(["tar", "-xf", "-", "-C", folder], stdin=unpacked.stdout, check=True)
    return folder / "dev" / "home"


@pytest.fixture(scope="session")
def samples_config(samples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return the settings of a store into which all logs and conversations were read."""
    data = tmp_path_factory.mktemp("samples-data")
    kept = ("PATH", "PYTHONPATH", "LANG", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    subprocess.run(
        [sys.executable, "-m", "tokwatch", "--data", str(data), "report", "tool", "--json"],
        env={**environment, "HOME": str(samples_home), "TZ": "UTC"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return load(data=data, environ={"TOKWATCH_GENERAL__TIMEZONE": "UTC"})


@pytest.fixture(scope="session")
def samples(samples_config: Config) -> Iterator[Database]:
    """Return that store, to be read only."""
    database = open_database("", samples_config.data, read_only=True)
    yield database
    database.close()


@pytest.fixture(scope="session")
def view(samples: Database) -> View:
    """Return everybody's view of it."""
    return open_view(samples, "local")
