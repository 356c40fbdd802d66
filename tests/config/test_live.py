"""A changed file takes effect, and a broken one leaves the last good settings in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokwatch.config import load
from tokwatch.config.live import LiveConfig


class Clock:
    """Gives every written file another time, so that no test waits for the file system's."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000

    def write(self, file: Path, text: str) -> None:
        """Write a file and date it a second after the one before."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.now_s += 1
        os.utime(file, (self.now_s, self.now_s))


@pytest.fixture
def clock() -> Clock:
    """Return a clock for the files of one test."""
    return Clock()


def test_an_edit_takes_effect(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "config.toml"
    clock.write(file, "[burn]\nminutes = 5\n")
    live = LiveConfig(load(file))

    clock.write(file, "[burn]\nminutes = 6\n")

    assert live.refresh()
    assert live.config.burn.minutes == 6
    assert not live.refresh()


def test_a_file_that_appears_later_takes_effect(clock: Clock) -> None:
    live = LiveConfig(load())
    assert not live.refresh()

    clock.write(live.config.file, "[burn]\nminutes = 6\n")

    assert live.refresh()
    assert live.config.burn.minutes == 6


def test_a_file_that_goes_away_leaves_the_shipped_values(clock: Clock) -> None:
    clock.write(load().file, "[burn]\nminutes = 6\n")
    live = LiveConfig(load())

    live.config.file.unlink()

    assert live.refresh()
    assert live.config.burn.minutes == 5


def test_a_broken_edit_keeps_the_last_good_settings_and_is_told_once(
    tmp_path: Path, clock: Clock
) -> None:
    file = tmp_path / "config.toml"
    clock.write(file, "[burn]\nminutes = 6\n")
    live = LiveConfig(load(file))

    clock.write(file, "[burn]\nminutes = 0\n")

    assert live.refresh()
    assert live.config.burn.minutes == 6
    assert live.error is not None
    assert "burn.minutes = 0" in live.error.message
    assert not live.refresh()


def test_a_mended_file_clears_the_error(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "config.toml"
    clock.write(file, "")
    live = LiveConfig(load(file))
    clock.write(file, "burn")
    live.refresh()

    clock.write(file, "")

    assert live.refresh()
    assert live.error is None


def test_a_new_comment_changes_nothing(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "config.toml"
    clock.write(file, "[burn]\nminutes = 6\n")
    live = LiveConfig(load(file))

    clock.write(file, "# six\n[burn]\nminutes = 6\n")

    assert not live.refresh()
