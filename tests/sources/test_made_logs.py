"""The logs that benchmarks are measured with hold what their manifest says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.corpus import SHAPES, make, run, size_of
from bench.measured import BenchError
from tests.sources.road import Road, Spent
from tokwatch.model.usage import Dimension


@pytest.mark.parametrize("shape", SHAPES)
def test_made_logs_amount_to_their_manifest(shape: str, tmp_path: Path) -> None:
    made = make(tmp_path, 3 << 20, shape, seed=5)
    road = Road(tmp_path / "home", tmp_path / "data")
    road.read()
    sums = road.sums((Dimension.SOURCE,))
    bad = road.database.value("SELECT sum(bad_lines) FROM log")
    road.close()

    assert bad == 0
    assert sums == {
        (source,): Spent(
            *(spent.requests, spent.input, spent.cache_write_5m, spent.cache_write_1h),
            *(spent.cache_read, spent.output, spent.reasoning),
        )
        for source, spent in made.spent.items()
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_every_made_line_is_a_record(shape: str, tmp_path: Path) -> None:
    made = make(tmp_path, 1 << 20, shape)
    logs = list((tmp_path / "home").rglob("*.jsonl"))
    lines = [line for log in logs for line in log.read_bytes().splitlines()]

    assert len(logs) == made.files
    assert len(lines) == made.lines
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_in_dense_logs_nearly_every_line_is_a_response(tmp_path: Path) -> None:
    made = make(tmp_path, 2 << 20, "dense")

    assert sum(spent.requests for spent in made.spent.values()) > 0.99 * made.lines


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        make(tmp_path / folder, 1 << 19, "mixed", seed=seed)
        logs = sorted((tmp_path / folder / "home").rglob("*.jsonl"))
        contents.append([(log.name, log.read_bytes()) for log in logs])

    assert contents[0] == contents[1] != contents[2]


def test_a_home_is_not_written_over(tmp_path: Path) -> None:
    make(tmp_path, 1 << 16, "mixed")

    with pytest.raises(BenchError, match="exists already"):
        make(tmp_path, 1 << 16, "mixed")


@pytest.mark.parametrize(("text", "size"), [("350MB", 350 << 20), ("1 gb", 1 << 30), ("9KB", 9216)])
def test_sizes_are_written_as_people_do(text: str, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "350", "MB", "1.5GB", "-1MB"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BenchError, match="no size"):
        size_of(text)


def test_the_command_tells_what_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench.__main__ import main

    assert run.__module__ == "bench.corpus"
    assert main(["corpus", "--out", str(tmp_path), "--size", "64KB", "--shape", "dense"]) == 0
    assert str(tmp_path / "home") in capsys.readouterr().out
