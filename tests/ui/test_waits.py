"""What keeps the loop's waits short holds from the first frame on."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.waits import COLLECT_S, PAUSE_S, Collector, keep_short


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


def test_what_takes_long_to_look_through_is_left_out_from_then_on() -> None:
    pauses = (PAUSE_S, PAUSE_S * 1.5, PAUSE_S * 1.5, PAUSE_S * 3)
    clock = iter([at for number, pause in enumerate(pauses) for at in (number, number + pause)])
    collector = Collector(lambda: next(clock))

    assert [collector.turn() for _ in range(2)] == [False, True]
    assert gc.get_freeze_count() > 0
    assert [collector.turn() for _ in range(2)] == [False, True], "then it must take twice as long"


def test_nothing_is_left_out_that_is_gone() -> None:
    gc.disable()
    clock = iter((0.0, 60.0))
    gone = weakref.ref(Node())
    assert gone() is not None

    assert Collector(lambda: next(clock)).turn()

    assert gone() is None


@pytest.mark.anyio
async def test_the_screen_collects_now_and_then(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        gc.disable()
        gone = weakref.ref(Node())
        for _ in range(COLLECT_S):
            app.tick()
        assert gone() is None
