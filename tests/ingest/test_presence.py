"""Processes of a data folder: who runs is listed, who died without a word is forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokwatch.ingest.presence import FOLDER, Presence, running

OTHER = """
import sys
from pathlib import Path
from tokwatch.ingest.presence import Presence
mine = Presence(Path(sys.argv[1]))
mine.enter()
print("here", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[str]:
    """Return another process that uses the folder until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Kill the process, so that it cannot tidy up."""
    process.kill()
    process.communicate()


def test_this_process_and_others_are_listed(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    mine = Presence(tmp_path)
    mine.enter()

    found = running(tmp_path)
    mine.leave()
    left = running(tmp_path)
    end(other)

    assert {(one.process, one.is_this) for one in found} == {
        (os.getpid(), True),
        (other.pid, False),
    }
    assert [one.process for one in left] == [other.pid]


def test_who_died_is_forgotten(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    end(other)

    assert running(tmp_path) == ()
    assert list((tmp_path / FOLDER).glob("[0-9]*")) == []


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    mine = Presence(file)
    mine.enter()
    mine.leave()

    assert running(file) == ()
    assert running(tmp_path / "nowhere") == ()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "123").write_text("no number")
    (folder / "readme").write_text("5")

    assert running(tmp_path) == ()
    assert (folder / "readme").exists()
