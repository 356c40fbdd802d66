"""The code of the next screens is loaded ahead, and never that of the workbench's stages."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from tokwatch.ui import warming

LOADS = """
import sys
from tokwatch.ui.screens import {}
print(sorted(name for name in sys.modules if name.startswith("tokwatch.compress")))
"""
AHEAD = """
import sys, threading
from tokwatch.ui import warming
warming.load_ahead(threading.Event())
(thread,) = (one for one in threading.enumerate() if one.name == "code")
thread.join(60)
print([name for name in warming.NEXT if f"tokwatch.ui.screens.{name}" not in sys.modules])
"""


def printed(code: str) -> str:
    """Return what a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_screen_but_the_workbench_loads_its_stages() -> None:
    screens = "session, triage, cache, alerts, request, block, costs, quality, feed, sources"

    assert printed(LOADS.format(screens)) == "[]"


def test_the_next_screens_are_loaded_in_a_thread() -> None:
    assert printed(AHEAD) == "[]"


def test_nothing_is_loaded_once_the_program_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(warming, "import_module", loaded.append)
    stop = threading.Event()
    stop.set()

    warming._load(stop)
    assert loaded == []

    monkeypatch.setattr(warming, "REST_S", 0.0)
    warming._load(threading.Event())
    assert loaded == [f"tokwatch.ui.screens.{name}" for name in warming.NEXT]
