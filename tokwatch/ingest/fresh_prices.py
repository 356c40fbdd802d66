"""Fetches the newest price list in the background, where the settings allow it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from tokwatch.config import Config

FRESH_MS: Final = 24 * 3_600_000
"""A list fetched within this time is not fetched again."""


class FreshPrices:
    """An attempt a day in a thread of its own: offline is normal, and costs nobody any time."""

    def __init__(self, config: Config, changed: Callable[[], None], stop: threading.Event) -> None:
        """Prepare to call `changed` when prices may be others, until `stop` is set."""
        self._config = config
        self._stop = stop
        self._changed = changed
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._fetch, name="prices", daemon=True)

    def start(self) -> None:
        """Begin to fetch, if that is allowed."""
        if self._config.prices.update and self._thread.ident is None:
            self._thread.start()

    def arrived(self) -> bool:
        """Tell, once, that a new list is there."""
        if not self._arrived.is_set():
            return False
        self._arrived.clear()
        return True

    def _fetch(self) -> None:
        from tokwatch.prices.update import refresh

        seconds = self._config.prices.timeout_seconds
        while not self._stop.is_set():
            now_ms = time.time_ns() // 1_000_000
            if refresh(self._config.data, seconds, fresh_after_ms=now_ms - FRESH_MS):
                self._arrived.set()
                self._changed()
            self._stop.wait(FRESH_MS / 1000)
