"""Every format of every source has a line in the benchmark, and all that is made is read."""

from __future__ import annotations

import json

import pytest

from bench.__main__ import main
from tokwatch.sources import SOURCES


def test_every_source_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--requests", "3", "--rounds", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)

    names = {row["source"].partition("/")[0] for row in rows}
    assert names == {source.name for source in SOURCES} | {"mapping"}
    assert {row["source"]: row["events"] for row in rows if row["events"] != 3} == {}
    assert all(row["MB/s"] > 0 and row["events/s"] > 0 for row in rows)
