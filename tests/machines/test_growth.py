"""A session of running totals that comes by exports and by copies of its folder counts once."""

from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path

import pytest

from tests.machines.test_machines import Machine
from tests.sources.agents import droid_logs
from tokwatch.machines.machines import import_folder

WAYS = ("early export", "late export", "copy", "live")


def grow(home: Path, turn: int) -> None:
    """Let a session grow to a turn."""
    totals = (30 * turn, 60 * turn, 10 * turn, 15 * turn, 5 * turn)
    at = droid_logs.BEGAN_MS + turn * droid_logs.HOUR_MS
    droid_logs.save(home, droid_logs.settings(totals), changed_ms=at)


@pytest.mark.parametrize("order", list(permutations(WAYS))[::5])
def test_it_counts_once_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    laptop, desk = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b", "desk")
    home, copy, synced = tmp_path / "home", tmp_path / "copy", tmp_path / "synced"
    exports = []
    for turn in (1, 2, 4):
        grow(home, turn)
        if turn == 2:
            shutil.copytree(home, copy)
        else:
            laptop.read(home)
            exports.append(laptop.export(turn))
    grow(synced, 3)

    for way in (*order, *order):
        if way == "copy":
            import_folder(desk.config, copy, "laptop")
        elif way == "live":
            desk.read(synced)
        else:
            desk.take(exports[way == "late export"])

    (sums,) = desk.sums().values()
    assert (sums.input, sums.cache_read, sums.output, sums.reasoning) == (120, 240, 80, 20)
    assert sums.derived == sums.requests
    assert desk.is_whole()


def test_a_store_that_was_made_anew_tells_the_same_session_once(tmp_path: Path) -> None:
    """Its first look is at a later total: another step of the same log."""
    laptop, desk = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b", "desk")
    home = tmp_path / "home"
    for turn in (1, 3):
        grow(home, turn)
        laptop.read(home)
    desk.take(laptop.export(1))
    grow(home, 4)
    anew = Machine(tmp_path / "c", "laptop")
    anew.read(home)

    desk.take(anew.export(2))

    (sums,) = desk.sums().values()
    assert (sums.input, sums.output) == (120, 80)
    assert desk.is_whole()
