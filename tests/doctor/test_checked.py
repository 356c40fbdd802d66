"""What the last check found, kept for the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.doctor.checked import FILE_NAME, Checked, checked_of, keep, last_checked


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    found = checked_of(
        [
            ("store", "tokwatch.db, schema 0003", False),
            ("store", "every sum equals its events", False),
            ("prices", "no price for gpt-9", True),
        ],
        1_774_267_200_000,
    )
    keep(tmp_path, found)

    assert last_checked(tmp_path) == found
    assert found == Checked(
        1_774_267_200_000,
        ("prices: no price for gpt-9",),
        ("tokwatch.db, schema 0003", "every sum equals its events"),
    )
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_no_folder_is_made_for_it(tmp_path: Path) -> None:
    keep(tmp_path / "data", Checked(5))

    assert not (tmp_path / "data").exists()
    assert last_checked(tmp_path / "data") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"at_ms": "x"}', '{"at_ms": 5, "problems": 7, "store": []}']
)
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    assert last_checked(tmp_path) is None
