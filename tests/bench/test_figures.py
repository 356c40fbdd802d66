"""Figures of benchmarks: medians, ratios of neighbours, tables."""

from __future__ import annotations

import json

import pytest

from bench.figures import Figure, Row, Table, figure, percentile, ratio, show

TABLE = Table(
    "warm: 2 runs",
    ("CPU s", "peak MB"),
    (Row("ours", (figure([0.1, 0.3, 0.2]), figure([40.0]))), Row("theirs", (None, None))),
    ("a note",),
)


def test_a_figure_is_the_median_with_its_range() -> None:
    assert figure([3.0, 1.0, 2.0]) == Figure(2.0, 1.0, 3.0, 3.0)
    assert str(figure([3.0, 1.0, 2.0])) == "2.00 (1.00-3.00)"


def test_a_ratio_compares_runs_side_by_side() -> None:
    # The medians alone would say 1.0.
    assert ratio([1.0, 2.0, 4.0], [2.0, 4.0, 1.0]).median == 0.5


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.95, 5.0), (1.0, 5.0)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([5.0, 4.0, 3.0, 2.0, 1.0], share) == value


def test_a_table_is_printed_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE, as_json=False)
    title, head, ours, theirs, note = capsys.readouterr().out.splitlines()
    assert title == "warm: 2 runs"
    assert head.split() == ["CPU", "s", "peak", "MB"]
    assert ours.split() == ["ours", "0.200", "(0.100-0.300)", "40.0", "(40.0-40.0)"]
    assert theirs.split() == ["theirs"]
    assert note == "  a note"


def test_a_table_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0]["figures"][0]["median"] == 0.2
    assert told["rows"][1]["figures"] == [None, None]
