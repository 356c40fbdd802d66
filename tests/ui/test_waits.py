"""What keeps the loop's waits short holds from the first frame on."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from tokwatch.ui.waits import keep_short


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold(), sys.getswitchinterval(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*before[0])
    sys.setswitchinterval(before[1])
    (gc.enable if before[2] else gc.disable)()


def test_a_command_that_put_collecting_off_begins_it_and_gives_way_sooner() -> None:
    gc.disable()

    keep_short()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > 700
    assert sys.getswitchinterval() <= 0.001


def test_elsewhere_it_changes_nothing() -> None:
    gc.enable()
    before = gc.get_threshold(), sys.getswitchinterval()

    keep_short()

    assert (gc.get_threshold(), sys.getswitchinterval()) == before
