"""Calibrates once a day while a screen is open, in a process that gives way to everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from tokwatch.aside import Start, command_of, run_aside, start_process
from tokwatch.config import Config
from tokwatch.model.units import DAY_MS
from tokwatch.model.worker import Note, unnoted

FIRST_S: Final = 60.0
"""After the start, when history is read."""
LOOK_S: Final = 3_600.0
"""How often it is looked whether a calibration is due."""
FRESH_MS: Final = DAY_MS


class DailyCalibration:
    """Looks now and then whether the newest calibration is older than a day."""

    def __init__(
        self,
        config: Callable[[], Config],
        stop: threading.Event,
        first_s: float = FIRST_S,
        start: Start = start_process,
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to calibrate under the settings as they are then, until `stop` is set."""
        self._tell_roll = tell_roll
        self._config = config
        self._stop = stop
        self._first_s = first_s
        self._start = start
        self._tried_ms = -FRESH_MS

    def run(self) -> None:
        """Wait, look, calibrate, until stopped; the process ends with this one."""
        self._stop.wait(self._first_s)
        while not self._stop.is_set():
            config = self._config()
            if self._is_due(config):
                self._tried_ms = _now_ms()
                command = command_of(config, "calibrate", "--background")
                is_done = run_aside(command, self._stop, self._start)
                self._tell_roll("calibration", error="" if is_done else "its process failed")
            elif not config.detail.days:
                self._tell_roll("calibration", told="off with [detail] days = 0")
            self._stop.wait(LOOK_S)

    def _is_due(self, config: Config) -> bool:
        """Tell whether the newest fit is old; reading in the background may be switched off."""
        if not config.detail.days or _now_ms() - self._tried_ms < FRESH_MS:
            return False
        try:
            newest_ms = _newest_ms(config)
        except Exception:  # a worker's top: whoever reads the store tells what is wrong with it
            return False
        return _now_ms() - newest_ms >= FRESH_MS


def calibrate_daily(
    config: Callable[[], Config], stop: threading.Event, tell_roll: Note
) -> threading.Thread:
    """Begin to calibrate daily, in a thread that only waits."""
    daily = DailyCalibration(config, stop, tell_roll=tell_roll)
    thread = threading.Thread(target=daily.run, name="calibration", daemon=True)
    thread.start()
    return thread


def _newest_ms(config: Config) -> int:
    """Return when the newest fit was made; 0 without any."""
    from tokwatch.store.connect import open_database, store_file
    from tokwatch.store.read.every import open_view, read_calibrations
    from tokwatch.store.store import has_newest_tables

    file = store_file(config.store.url, config.data)
    if file is not None and not file.exists():
        return _now_ms()
    database = open_database(config.store.url, config.data, read_only=True)
    try:
        if not has_newest_tables(database):
            return _now_ms()
        view = open_view(database, config.general.workspace, config.general.user or None)
        return max((one.fitted_ms for one in read_calibrations(view)), default=0)
    finally:
        database.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
