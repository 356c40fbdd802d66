"""An area below its coverage floor, or not measured at all, is told."""

from __future__ import annotations

from pathlib import Path

import coverage

from tests.coverage_floors import measure, shortfalls

HALF = "def used():\n    return 1\n\n\ndef unused():\n    return 2\n"


def test_only_what_lies_below_its_floor_is_told() -> None:
    floors = {"a": 95.0, "b": 95.0, "c": 95.0}

    told = shortfalls({"a": 95.0, "b": 94.9}, floors)

    assert told == ["b: 94.9 % covered, floor 95 %", "c: 0.0 % covered, floor 95 %"]


def test_each_area_is_measured_by_itself(tmp_path: Path) -> None:
    area = tmp_path / "area"
    area.mkdir()
    (area / "half.py").write_text(HALF)
    data_file = tmp_path / ".coverage"
    data = coverage.CoverageData(str(data_file))
    data.add_lines({str(area / "half.py"): [1, 2, 5]})
    data.write()

    measured = measure(data_file, {str(area): 95.0, str(tmp_path / "absent"): 95.0})

    assert measured == {str(area): 75.0}
