"""What every test gets: a home of its own, no settings from outside, UTC, no deadlines."""

from __future__ import annotations

import gc
import os
import time
from itertools import count
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.store.opened import database, server, store_url, store_urls

__all__ = ["database", "server", "store_url", "store_urls"]

REPOSITORY = Path(__file__).parent.parent
TOOL_VARIABLES = ("CLAUDE_CONFIG_DIR", "CLAUDE_CONFIG_DIRS", "CODEX_HOME", "NO_COLOR", "COLUMNS")

_numbers = count()

settings.register_profile("tokwatch", deadline=None, max_examples=25)
settings.load_profile("tokwatch")


def pytest_configure() -> None:
    """Set the zone once, for it holds for the whole process."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: tests of the screen wait a third of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage of examples by chance: what only luck reaches is not covered."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    """Leave everything that is collected to the end, so that no collection of garbage visits it."""
    gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for homes: pytest looks through all of its own folder to number one."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder, which is the home of this test."""
    folder = homes / f"home{next(_numbers)}"
    folder.mkdir()
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
