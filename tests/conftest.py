"""What every test gets: a home of its own, no settings from outside, UTC, no deadlines."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import settings

from tests.store.opened import database, server, store_url, store_urls

__all__ = ["database", "server", "store_url", "store_urls"]

REPOSITORY = Path(__file__).parent.parent
TOOL_VARIABLES = ("CLAUDE_CONFIG_DIR", "CLAUDE_CONFIG_DIRS", "CODEX_HOME", "NO_COLOR", "COLUMNS")

settings.register_profile("tokwatch", deadline=None, max_examples=25)
settings.load_profile("tokwatch")


def pytest_configure() -> None:
    """Set the zone once, for it holds for the whole process."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: tests of the screen wait a third of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder, which is the home of this test."""
    folder = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(("TOKWATCH_", "XDG_")) or name in TOOL_VARIABLES:
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the top of the repository."""
    return REPOSITORY
