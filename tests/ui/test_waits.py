"""What keeps the loop's waits short holds from the first frame on."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.waits import REST_S, SHARE, Collector, keep_short


class Node:
    """Refers to itself, as a removed widget does by way of others."""

    def __init__(self) -> None:
        self.node = self


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
    gc.unfreeze()

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


def test_cycles_are_collected_when_that_is_due() -> None:
    gc.disable()
    seconds = 0.0
    collector = Collector(lambda: seconds)
    gone = weakref.ref(Node())

    seconds = REST_S - 1
    assert not collector.turn()
    assert gone() is not None

    seconds = REST_S
    assert collector.turn()
    assert gone() is None
    assert not collector.turn()


def test_what_takes_longer_comes_less_often() -> None:
    pause_s = 2 * REST_S * SHARE
    clock = iter((0.0, 100.0, 100.0 + pause_s, 100.0 + 1.5 * REST_S, 101.0 + 2 * REST_S, 200.0))
    collector = Collector(lambda: next(clock))

    assert [collector.turn() for _ in range(3)] == [True, False, True]


@pytest.mark.anyio
async def test_the_screen_collects_now_and_then(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        gc.disable()
        gone = weakref.ref(Node())
        app._collector._due_s = 0.0
        app.tick()
        assert gone() is None
