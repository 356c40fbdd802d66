"""Tables as files: exact numbers, and no name that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from tests.ui.literal import ROWS, row
from tokwatch.model.snapshot import SessionRow
from tokwatch.ui.export import as_text, save
from tokwatch.ui.sessions_export import record


def told(rows: Sequence[SessionRow], kind: str) -> str:
    """Return what a file of these sessions holds."""
    return as_text([record(each) for each in rows], kind)


def test_csv_holds_exact_numbers() -> None:
    records = list(csv.DictReader(io.StringIO(told(ROWS, "csv"))))
    assert len(records) == len(ROWS)
    assert records[0]["cost_usd"] == "14.020000000"
    assert records[0]["cache_read_tokens"] == "380000"
    assert records[6]["cache_hit_rate"] == ""


def test_json_holds_numbers_and_unknowns() -> None:
    records = json.loads(told(ROWS, "json"))
    assert records[0]["cost_usd"] == 14.02
    assert records[6]["cache_hit_rate"] is None
    assert records[7]["unpriced_tokens"] == 1_020_480


def test_no_name_becomes_a_formula() -> None:
    hostile = replace(row("x", "=cmd()|x"), project="+1\x1b[31m", model="@m")
    line = told([hostile], "csv").splitlines()[1]
    assert "'=cmd()|x" in line
    assert "'+1 [31m" in line
    assert "'@m" in line


def test_an_empty_table_is_an_empty_file() -> None:
    assert told((), "csv").strip() == ""


def test_a_folder_is_made_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    file = save(tmp_path / "exports", "sessions.csv", "a\n")
    assert file.read_text() == "a\n"
    assert list(file.parent.iterdir()) == [file]
