"""tokwatch's own log: one line an event, rotated, quiet in trouble, without what is private."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tokwatch.config.sections import Log
from tokwatch.errors import TokwatchError
from tokwatch.log import OwnLog


def lines(folder: Path) -> list[str]:
    """Return what was logged, without time and process."""
    text = (folder / "tokwatch.log").read_text("utf-8")
    pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\w+) +\d+ (.*)")
    found = [pattern.fullmatch(line) for line in text.splitlines()]
    assert all(found), text
    return [f"{match[1]} {match[2]}" for match in found if match]


def test_an_event_is_one_line(tmp_path: Path) -> None:
    log = OwnLog(tmp_path, Log())

    log.note("read", logs=3, seconds=0.25, path="/logs/a.jsonl")
    log.note("odd", "warning", name='two\nlines "\x1b[31m', empty="")
    log.close()

    assert lines(tmp_path) == [
        "INFO read logs=3 seconds=0.25 path=/logs/a.jsonl",
        'WARNING odd name="two\\nlines \\"\\u001b[31m" empty=""',
    ]


def test_the_level_decides_what_is_written(tmp_path: Path) -> None:
    log = OwnLog(tmp_path, Log(level="warning"))

    log.note("started")
    log.note("slow", "warning")
    log.close()

    assert lines(tmp_path) == ["WARNING slow"]


def test_nothing_is_opened_before_the_first_line(tmp_path: Path) -> None:
    OwnLog(tmp_path / "data", Log()).close()

    assert list(tmp_path.iterdir()) == []


def test_the_log_is_rotated(tmp_path: Path) -> None:
    log = OwnLog(tmp_path, Log(max_mb=1, keep=2))

    for number in range(400):
        log.note("large", number=number, text="x" * 10_000)
    log.close()

    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["tokwatch.log", "tokwatch.log.1", "tokwatch.log.2"]
    assert all(file.stat().st_size <= 1 << 20 for file in tmp_path.iterdir())
    assert "number=399" in lines(tmp_path)[-1]


def test_an_unexpected_error_is_told_without_its_text(tmp_path: Path) -> None:
    log = OwnLog(tmp_path, Log())
    try:
        raise ValueError("CANARY-7f3a prompt text must never be stored")
    except ValueError as error:
        log.note_error("ingest_failed", error)
    log.note_error("ingest_failed", TokwatchError("the disk is full: /data", "Make room."))
    log.close()

    first, second = lines(tmp_path)
    assert re.fullmatch(r"ERROR ingest_failed error=ValueError at=test_log\.py:\d+", first)
    assert second == 'ERROR ingest_failed error="the disk is full: /data"'


def test_a_log_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "data" / "tokwatch.log").mkdir(parents=True)

    for folder in (tmp_path / "file", tmp_path / "data"):
        log = OwnLog(folder, Log())
        log.note("lost", "error")
        log.close()

    assert capsys.readouterr() == ("", "")
