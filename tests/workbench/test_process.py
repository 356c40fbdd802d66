"""The process that works: it answers, is begun anew when it ended, and leaves nothing behind."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.benches import WORDY
from tokwatch.config import load
from tokwatch.workbench.answers import Answer, Problem, Question, Sums
from tokwatch.workbench.packed import PIECE, packed
from tokwatch.workbench.process import OwnProcess
from tokwatch.workbench.state import Bench

WAIT_S = 60.0


@pytest.fixture
def told() -> queue.Queue[Answer]:
    """Return what the process told."""
    return queue.Queue()


@pytest.fixture
def process(tmp_path: Path, told: queue.Queue[Answer]) -> Iterator[OwnProcess]:
    """Return a process that is ended afterwards."""
    made = OwnProcess(load(None, tmp_path, environ={}), told.put)
    yield made
    made.stop()


def last(told: queue.Queue[Answer], number: int) -> Answer:
    """Return the last piece of an answer."""
    while True:
        one = told.get(timeout=WAIT_S)
        if one.number == number and (
            isinstance(one, Problem) or (isinstance(one, Sums) and one.losses is not None)
        ):
            return one


def test_it_answers_and_is_begun_anew_once_it_ended(
    process: OwnProcess, told: queue.Queue[Answer]
) -> None:
    process.ask(Question(1, Bench(WORDY)))
    found = last(told, 1)
    assert isinstance(found, Sums)
    assert found.after < found.before
    process.ask(Question(2, Bench("\x00 binary")))
    assert isinstance(last(told, 2), Problem)
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    process.ask(Question(3, Bench(WORDY)))
    assert last(told, 3).number == 3


def test_packed_lists_are_lists() -> None:
    values = list(range(3 * PIECE + 7))
    found = packed(values)
    assert len(found) == len(values)
    assert list(found) == values
    assert (found[0], found[PIECE], found[len(values) - 1]) == (0, PIECE, values[-1])
    assert list(found[5:9]) == values[5:9]
    assert list(packed([])) == []
    with pytest.raises(IndexError):
        found[len(values)]
