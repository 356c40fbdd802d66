"""The exported table."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

from tests.ui.literal import NOW, ROWS, row
from tokwatch.ui.export import as_csv, write


def test_csv_holds_exact_numbers(tmp_path: Path) -> None:
    file = write(tmp_path / "exports", ROWS, "csv", NOW)
    assert file.name == "sessions-20251118-140231.csv"
    with file.open(newline="") as stream:
        records = list(csv.DictReader(stream))
    assert len(records) == len(ROWS)
    assert records[0]["cost_usd"] == "14.020000000"
    assert records[0]["cache_read_tokens"] == "380000"
    assert records[6]["cache_hit_rate"] == ""


def test_json_holds_numbers_and_unknowns(tmp_path: Path) -> None:
    records = json.loads(write(tmp_path, ROWS, "json", NOW).read_text())
    assert records[0]["cost_usd"] == 14.02
    assert records[6]["cache_hit_rate"] is None
    assert records[7]["unpriced_tokens"] == 1_020_480


def test_no_name_becomes_a_formula() -> None:
    hostile = replace(row("x", "=cmd()|x"), project="+1\x1b[31m", model="@m")
    line = as_csv([hostile]).splitlines()[1]
    assert "'=cmd()|x" in line
    assert "'+1 [31m" in line
    assert "'@m" in line


def test_an_empty_table_is_an_empty_file(tmp_path: Path) -> None:
    assert write(tmp_path, (), "csv", NOW).read_text().strip() == ""


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    write(tmp_path, ROWS, "csv", NOW)
    assert [file.suffix for file in tmp_path.iterdir()] == [".csv"]
