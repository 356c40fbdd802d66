"""The demo touches its own folder and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.live import Append
from tokwatch.errors import TokwatchError


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the user's own store, which no demo may touch."""
    mine = tmp_path / "tokwatch.db"
    mine.write_bytes(b"mine")
    return mine


def files_in(folder: Path) -> set[str]:
    """Return the names of everything below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_nothing_is_left_after_it(tmp_path: Path, mine: Path) -> None:
    folder = DemoFolder(tmp_path)
    folder.append(Append("a/b.jsonl", b"{}\n"))

    folder.remove()

    assert files_in(tmp_path) == {"tokwatch.db"}
    assert mine.read_bytes() == b"mine"


def test_an_append_goes_to_the_end(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    folder.append(Append("a/b.jsonl", b"1\n"))
    folder.append(Append("a/b.jsonl", b"2\n"))

    assert (folder.home / "a" / "b.jsonl").read_bytes() == b"1\n2\n"
    folder.remove()


def test_what_a_killed_demo_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "demo" / "1" / "home" / "old.jsonl"
    left.parent.mkdir(parents=True)
    left.touch()
    (tmp_path / "demo" / "1.lock").touch()

    folder = DemoFolder(tmp_path)

    assert folder.path == tmp_path / "demo" / "1"
    assert files_in(folder.path) == set()
    folder.remove()


def test_two_demos_at_once_have_a_folder_each(tmp_path: Path) -> None:
    first = DemoFolder(tmp_path)
    first.append(Append("a.jsonl", b"{}\n"))

    second = DemoFolder(tmp_path)

    assert first.path != second.path
    second.remove()
    assert (first.home / "a.jsonl").exists()
    first.remove()
    assert files_in(tmp_path) == set()


@pytest.mark.parametrize("name", ["demo", "demo/1", "demo/1.lock"])
def test_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path, name: str) -> None:
    precious = tmp_path / "precious"
    (precious / "1").mkdir(parents=True)
    (precious / "1" / "file").touch()
    link = tmp_path / "data" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(precious / "1" / "file" if name.endswith("lock") else precious)

    with pytest.raises(TokwatchError) as refused:
        DemoFolder(tmp_path / "data")

    assert str(link) in refused.value.message
    assert files_in(precious) == {"1", "1/file"}


def test_a_refusal_does_not_keep_the_place(tmp_path: Path) -> None:
    link = tmp_path / "demo" / "1"
    link.parent.mkdir()
    link.symlink_to(tmp_path)
    with pytest.raises(TokwatchError):
        DemoFolder(tmp_path)

    link.unlink()

    folder = DemoFolder(tmp_path)
    assert folder.path == link
    folder.remove()


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")

    with pytest.raises(TokwatchError) as told:
        DemoFolder(tmp_path)

    assert str(tmp_path / "demo") in told.value.message
    assert (tmp_path / "demo").read_text() == "a file"
