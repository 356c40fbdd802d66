"""Loads the code of the screens that are likely next, while nobody waits for it."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Final

AFTER_S: Final = 2.0
"""So long after the first picture: what is painted and read first is not to wait for it."""
REST_S: Final = 0.02
NEXT: Final = ("session", "sessions", "request", "costs")
"""Modules of `tokwatch.ui.screens`; those of the other places share most of their code."""


def load_ahead(stop: threading.Event) -> None:
    """Import them in a thread, with a rest after each, until `stop` is set."""
    threading.Thread(target=_load, args=(stop,), name="code", daemon=True).start()


def _load(stop: threading.Event) -> None:
    for name in NEXT:
        if stop.wait(REST_S):
            return
        import_module(f"tokwatch.ui.screens.{name}")
