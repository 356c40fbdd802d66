"""Once a day while a screen is open the logs are calibrated by another process."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from tokwatch.aside import command_of
from tokwatch.calibration.daily import DailyCalibration
from tokwatch.config import Config, load
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.store import open_store, workspace_id
from tokwatch.tokens.calibrated import Calibration, Kind

PATIENCE_S = 60.0


def started(config: Config) -> tuple[list[list[str]], threading.Event, threading.Thread]:
    """Run it without waiting; return what it starts, how to stop it, and its thread."""
    commands: list[list[str]] = []
    stop = threading.Event()

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        commands.append(command)
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    daily = DailyCalibration(lambda: config, stop, first_s=0, start=start)
    thread = threading.Thread(target=daily.run)
    thread.start()
    return commands, stop, thread


def ended(stop: threading.Event, thread: threading.Thread) -> None:
    """Stop it and see that it ends, its process too."""
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def holding(data: Path, fitted_ms: int) -> Config:
    """Return the settings of a store with one fit."""
    database = open_store("", data)
    fit = Calibration(
        *("m", Kind.PROMPT, "cl100k_base", 1.0, 0.0, 12, 0, 1, 0.1, 0.1, 0.1, fitted_ms)
    )
    write_calibrations(database, workspace_id(database, "local") or 0, "", [fit])
    database.close()
    return load(data=data)


def test_an_old_fit_is_made_anew_and_the_process_ends_with_the_screen(tmp_path: Path) -> None:
    config = holding(tmp_path, 1_000)
    commands, stop, thread = started(config)
    until = time.monotonic() + PATIENCE_S
    while not commands and time.monotonic() < until:
        stop.wait(0.01)

    ended(stop, thread)

    assert commands == [command_of(config, "calibrate", "--background")]


def test_a_fresh_fit_stays(tmp_path: Path) -> None:
    commands, stop, thread = started(holding(tmp_path, time.time_ns() // 1_000_000))

    ended(stop, thread)

    assert commands == []


def test_where_conversations_are_not_read_behind_nothing_is_done(tmp_path: Path) -> None:
    holding(tmp_path, 1_000)
    config = load(data=tmp_path, environ={"TOKWATCH_DETAIL__DAYS": "0"})

    commands, stop, thread = started(config)
    ended(stop, thread)

    assert commands == []


def test_it_calibrates_under_the_same_settings(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[profile.work.detail]\ndays = 3\n")

    command = command_of(load(file, tmp_path / "data", "work"), "calibrate", "--background")

    assert command[1:] == [
        *("-m", "tokwatch", "--data", str(tmp_path / "data"), "--config", str(file)),
        *("--profile", "work", "calibrate", "--background"),
    ]
