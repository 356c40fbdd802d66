"""docs/privacy.md: a word of the logs is found nowhere in what is stored, exported or printed."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from tests.sources.road import CANARY, FIXTURES
from tokwatch.cli import main

WORD = CANARY.split()[0]
COMMANDS = (
    "report tool",
    "report session --json",
    "suggestions --json",
    "quality --json",
    "audit --json",
    "export --events -",
)


def test_no_word_of_the_logs_is_kept_or_printed(
    home: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    shutil.copytree(FIXTURES, home, dirs_exist_ok=True)
    assert any(holds_it(file) for file in home.rglob("*"))

    codes = [main(["--data", str(tmp_path), *shlex.split(command)]) for command in COMMANDS]

    told = capsysbinary.readouterr()
    assert codes == [0] * len(COMMANDS)
    assert b'"session' in told.out
    assert WORD.encode() not in told.out + told.err
    assert [file for file in tmp_path.rglob("*") if holds_it(file)] == []


def holds_it(file: Path) -> bool:
    """Tell whether a file holds the word."""
    return file.is_file() and WORD.encode() in file.read_bytes()
