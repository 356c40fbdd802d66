"""What a read of a conversation needed goes with it: logs that grow are read every second."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.agents.talk_lines import LINES
from tests.sources.detail_road import read
from tests.sources.road import write
from tests.sources.test_detail_pieces import WRITTEN


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.set_debug(0)
    gc.garbage.clear()


@pytest.mark.parametrize("source", [*WRITTEN, *LINES])
def test_a_read_leaves_no_cycles(source: str, tmp_path: Path) -> None:
    lines = WRITTEN.get(source)
    path = LINES[source](tmp_path) if lines is None else write(tmp_path / "log.jsonl", *lines)
    read(source, path)  # what is imported or made once for all may leave some
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    found = read(source, path)
    gc.collect()
    ours = {type(each).__qualname__ for each in gc.garbage if "tokwatch" in type(each).__module__}
    assert found.detail.blocks
    assert ours == set()
