"""Fetches the newest price list in the background, where the settings allow it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from tokwatch.config import Config
from tokwatch.model.units import DAY_MS
from tokwatch.model.worker import Note, unnoted
from tokwatch.prices.age import age_days

FRESH_MS: Final = DAY_MS
"""A list fetched within this time is not fetched again."""
AGAIN_S: Final = 3_600.0
"""After a failure it is tried again so soon."""
NAME: Final = "prices"
FAILED: Final = "the list could not be fetched, the one here holds; next try within 1h"


class PriceUpdates:
    """An attempt a day in a thread of its own: offline is normal, and costs nobody any time."""

    def __init__(
        self,
        config: Config,
        changed: Callable[[], None],
        stop: threading.Event,
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to call `changed` when prices may be others, until `stop` is set."""
        self._tell_roll = tell_roll
        self._config = config
        self._stop = stop
        self._changed = changed
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._fetch, name="prices", daemon=True)

    def start(self) -> None:
        """Begin to fetch, if that is allowed."""
        if not self._config.prices.update:
            self._tell_roll(NAME, told="off in the settings")
        elif self._thread.ident is None:
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
            is_fresh = age_days(self._config.data, now_ms) == 0
            self._tell_roll(NAME, error="" if is_fresh else FAILED)
            self._stop.wait(FRESH_MS / 1000 if is_fresh else AGAIN_S)
