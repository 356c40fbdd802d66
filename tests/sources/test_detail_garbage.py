"""What a read of a conversation needed goes with it: logs that grow are read every second."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.garbage import left_behind, ours
from tests.sources.agents.talk_lines import LINES
from tests.sources.detail_road import read
from tests.sources.road import write
from tests.sources.test_detail_pieces import WRITTEN


@pytest.mark.parametrize("source", [*WRITTEN, *LINES])
def test_a_read_leaves_no_cycles(source: str, tmp_path: Path) -> None:
    lines = WRITTEN.get(source)
    path = LINES[source](tmp_path) if lines is None else write(tmp_path / "log.jsonl", *lines)
    read(source, path)  # what is imported or made once for all may leave some
    with left_behind() as left:
        found = read(source, path)
    assert found.detail.blocks
    assert ours(left) == set()
