"""The roll of workers: what each noted last stands, and a success ends what failed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tokwatch.model.worker import WorkerState
from tokwatch.monitor.roll import NAMES, Roll


def test_a_success_ends_an_error_and_is_remembered_while_the_next_one_lasts() -> None:
    clock: Iterator[int] = count(1)
    roll = Roll(lambda: next(clock))
    roll.note("ingest")
    roll.note("ingest", error="disk full")
    roll.note("alerts", told="off in the settings")
    roll.note("pages", error="OSError")
    roll.note("pages")

    found = {one.name: one for one in roll.states()}

    assert tuple(found) == NAMES
    assert found["ingest"] == WorkerState("ingest", 1, "disk full")
    assert found["alerts"] == WorkerState("alerts", told="off in the settings")
    assert found["pages"] == WorkerState("pages", 2)
    assert found["calibration"] == WorkerState("calibration")
