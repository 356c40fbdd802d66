"""Calibrates once a day while a screen is open, in a process that gives way to everything else."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from tokwatch.config import Config

FIRST_S: Final = 60.0
"""After the start, when history is read."""
LOOK_S: Final = 3_600.0
"""How often it is looked whether a calibration is due."""
FRESH_MS: Final = 24 * 3_600_000
_POLL_S: Final = 0.25

Start = Callable[[list[str]], "subprocess.Popen[bytes]"]


def start_process(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a program that nobody reads."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)


class DailyCalibration:
    """Looks now and then whether the newest calibration is older than a day."""

    def __init__(
        self,
        config: Callable[[], Config],
        stop: threading.Event,
        first_s: float = FIRST_S,
        start: Start = start_process,
    ) -> None:
        """Prepare to calibrate under the settings as they are then, until `stop` is set."""
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
                self._calibrate(config)
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

    def _calibrate(self, config: Config) -> None:
        try:
            process = self._start(command_of(config))
        except OSError:
            return
        while process.poll() is None:
            if self._stop.wait(_POLL_S):
                process.kill()
        process.wait()


def calibrate_daily(config: Callable[[], Config], stop: threading.Event) -> threading.Thread:
    """Begin to calibrate daily, in a thread that only waits."""
    daily = DailyCalibration(config, stop)
    thread = threading.Thread(target=daily.run, name="calibration", daemon=True)
    thread.start()
    return thread


def command_of(config: Config) -> list[str]:
    """Return the command that calibrates under the same settings."""
    request = config.request
    options = ["--data", str(request.data)]
    if request.must_exist:
        options += ["--config", str(request.file)]
    if request.profile:
        options += ["--profile", request.profile]
    return [sys.executable, "-m", "tokwatch", *options, "calibrate", "--background"]


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
