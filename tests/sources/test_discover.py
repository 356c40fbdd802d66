"""Finding logs: each once, however many paths lead to it, and no folder stops the rest."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.claude_lines import PROJECT, SESSION, answer
from tests.sources.codex_lines import meta, totals
from tests.sources.road import Road, write
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Root


def names(*roots: Path, walk: Walk | None = None) -> list[str]:
    """Return the names of the logs below these folders."""
    found = (walk or Walk()).over([Root(root) for root in roots], is_log)
    return sorted(Path(log.path).name for log in found)


def is_log(path: str) -> bool:
    return path.endswith(".jsonl")


def test_logs_are_found_at_any_depth(tmp_path: Path) -> None:
    """4.1: sub-agents lie four folders down."""
    write(tmp_path / "a.jsonl")
    write(tmp_path / "p" / "s" / "subagents" / "workflows" / "r" / "b.jsonl")
    write(tmp_path / "p" / "notes.txt")

    assert names(tmp_path) == ["a.jsonl", "b.jsonl"]


def test_what_is_found_tells_its_status_and_root(tmp_path: Path) -> None:
    log = write(tmp_path / "p" / "a.jsonl", b"12345")

    (found,) = Walk().over([Root(tmp_path)], is_log)

    status = log.stat()
    assert found == (str(log), tmp_path, 5, status.st_mtime_ns, status.st_dev, status.st_ino)


def test_what_is_as_it_was_is_not_made_anew(tmp_path: Path) -> None:
    """Twenty thousand logs are looked at every half minute."""
    log = write(tmp_path / "a.jsonl")
    write(tmp_path / "b.jsonl")
    before = {found.path: found for found in Walk().over([Root(tmp_path)], is_log)}
    log.write_bytes(b"more than before")

    changed, same = Walk(before.get).over([Root(tmp_path)], is_log)

    assert same is before[same.path]
    assert (changed.path, changed.size) == (str(log), len(b"more than before"))


def test_a_named_log_that_is_as_it_was_is_not_made_anew(tmp_path: Path) -> None:
    root = Root(write(tmp_path / "any.log"), shallow=True)
    (before,) = Walk().over([root], is_log)

    (after,) = Walk({before.path: before}.get).over([root], is_log)

    assert after is before


def test_a_log_is_found_below_the_root_that_leads_to_it_now(tmp_path: Path) -> None:
    write(tmp_path / "p" / "a.jsonl")
    (before,) = Walk().over([Root(tmp_path)], is_log)

    (after,) = Walk({before.path: before}.get).over([Root(tmp_path / "p")], is_log)

    assert (before.root, after.root) == (tmp_path, tmp_path / "p")


def test_a_folder_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    walk = Walk()

    assert names(tmp_path / "none", walk=walk) == []
    assert walk.errors == {}


def test_a_folder_listed_twice_is_walked_once(tmp_path: Path) -> None:
    """4.1: two settings may name one folder."""
    write(tmp_path / "p" / "a.jsonl")
    walk = Walk()

    assert names(tmp_path, tmp_path, tmp_path / "p", walk=walk) == ["a.jsonl"]
    assert names(tmp_path / "p", walk=walk) == []


def test_a_folder_is_walked_once_for_each_source(tmp_path: Path) -> None:
    """Two sources may look for other files in one folder; a file counts for the first."""
    for name in ("a.jsonl", "b.jsonl"):
        write(tmp_path / "p" / name)
    walk = Walk()

    first = list(walk.over([Root(tmp_path / "p")], lambda path: path.endswith("a.jsonl")))
    second = walk.over([Root(tmp_path / "p")], is_log)

    assert [Path(log.path).name for log in (*first, *second)] == ["a.jsonl", "b.jsonl"]


def test_a_shallow_root_holds_its_own_files_only(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl")
    write(tmp_path / "below" / "b.jsonl")

    found = Walk().over([Root(tmp_path, shallow=True)], is_log)

    assert [Path(log.path).name for log in found] == ["a.jsonl"]


def test_links_to_files_and_folders_count_once(tmp_path: Path) -> None:
    """4.1: symbolic links are followed, their targets are known by device and inode."""
    log = write(tmp_path / "p" / "a.jsonl")
    (tmp_path / "p" / "b.jsonl").symlink_to(log)
    os.link(log, tmp_path / "p" / "c.jsonl")
    (tmp_path / "q").symlink_to(tmp_path / "p")

    assert names(tmp_path) == ["a.jsonl"]


def test_links_are_followed_out_of_the_folder(tmp_path: Path) -> None:
    """4.1: some keep their logs on another disk."""
    write(tmp_path / "disk" / "a.jsonl")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "p").symlink_to(tmp_path / "disk")

    assert names(tmp_path / "home") == ["a.jsonl"]


def test_links_in_circles_end(tmp_path: Path) -> None:
    """4.1: a link to its own parent, and one to itself."""
    write(tmp_path / "p" / "z.jsonl")
    (tmp_path / "p" / "up").symlink_to(tmp_path)
    (tmp_path / "p" / "a.jsonl").symlink_to(tmp_path / "p" / "a.jsonl")
    (tmp_path / "p" / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    walk = Walk()

    assert names(tmp_path, walk=walk) == ["z.jsonl"]
    assert list(walk.errors) == [str(tmp_path / "p" / "a.jsonl")]


def test_only_files_are_logs(tmp_path: Path) -> None:
    """4.7: to open a pipe waits for ever."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    write(tmp_path / "folder.jsonl" / "a.jsonl")

    assert names(tmp_path) == ["a.jsonl"]
    assert Walk().file(str(tmp_path / "pipe.jsonl")) == []


def test_a_root_that_is_a_file_is_told(tmp_path: Path) -> None:
    """A setting may name anything."""
    write(tmp_path / "projects")
    walk = Walk()

    assert names(tmp_path / "projects", walk=walk) == []
    assert list(walk.errors) == [str(tmp_path / "projects")]


def test_a_folder_that_may_not_be_read_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.6: it is told with its path, and the rest is read."""
    for name in ("a", "b", "c"):
        write(tmp_path / name / f"{name}.jsonl")
    scan = os.scandir

    def refuse(folder: str) -> object:
        if folder.endswith("b"):
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    walk = Walk()

    assert names(tmp_path, walk=walk) == ["a.jsonl", "c.jsonl"]
    assert walk.errors == {str(tmp_path / "b"): "Permission denied"}


class Entry:
    """A folder's entry with a status of its own, or without one."""

    def __init__(self, path: str, status: os.stat_result | OSError) -> None:
        self.path, self.name, self._status = path, os.path.basename(path), status

    def is_dir(self) -> bool:
        return False

    def stat(self) -> os.stat_result:
        if isinstance(self._status, OSError):
            raise self._status
        return self._status


def regular(device: int, inode: int) -> os.stat_result:
    """Return the status of a file."""
    return os.stat_result((stat.S_IFREG | 0o644, inode, device, 1, 0, 0, 5, 0, 0, 0))


class Entries:
    """What scanning a folder gives: made-up entries."""

    def __init__(self, *entries: Entry) -> None:
        self._entries = entries

    def __enter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __exit__(self, *error: object) -> None:
        return None


def test_inodes_tell_files_apart_on_their_own_device_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.1: each disk has its own; a file system without any says 0 of all files."""
    ids = {"a": (1, 7), "b": (2, 7), "c": (2, 7), "d": (3, 0), "e": (3, 0)}
    entries = [Entry(str(tmp_path / f"{name}.jsonl"), regular(*its)) for name, its in ids.items()]
    monkeypatch.setattr(os, "scandir", lambda folder: Entries(*entries))

    assert names(tmp_path) == ["a.jsonl", "b.jsonl", "d.jsonl", "e.jsonl"]


def test_a_file_that_vanishes_or_refuses_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.2: logs are deleted while they are looked at."""
    gone = Entry(str(tmp_path / "a.jsonl"), FileNotFoundError(2, "No such file"))
    shut = Entry(str(tmp_path / "b.jsonl"), PermissionError(13, "Permission denied"))
    monkeypatch.setattr(os, "scandir", lambda folder: Entries(gone, shut))
    walk = Walk()

    assert names(tmp_path, walk=walk) == []
    assert walk.errors == {str(tmp_path / "b.jsonl"): "Permission denied"}


def test_one_file_is_looked_at_again(tmp_path: Path) -> None:
    """Between walks only files that are active are."""
    log = write(tmp_path / "a.jsonl", b"123")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    walk = Walk()

    assert [found.size for found in walk.file(str(log))] == [3]
    assert walk.file(str(tmp_path / "none")) == walk.file(str(tmp_path / "loop")) == []
    assert list(walk.errors) == [str(tmp_path / "loop")]


def test_a_doubly_listed_log_is_ingested_once(road: Road, projects: Path, home: Path) -> None:
    """4.1: the whole road, through a link from the other usual folder."""
    write(projects / PROJECT / f"{SESSION}.jsonl", answer(None, 5))
    (home / ".config" / "claude").mkdir(parents=True)
    (home / ".config" / "claude" / "projects").symlink_to(projects)
    found = road.read()

    assert (len(found.logs), road.total().output) == (1, 5)


def test_a_renamed_log_keeps_being_one(road: Road, projects: Path) -> None:
    """4.2: lines without an id are known by their place, which moves with the log."""
    log = write(projects / PROJECT / f"{SESSION}.jsonl", answer(None, 5), answer("a", 7))
    road.read()
    moved = projects / "-home-ana-other" / log.name
    moved.parent.mkdir()
    log.rename(moved)
    with moved.open("ab") as file:
        file.write(answer("b", 9))
    road.read()

    assert (road.total().output, road.total().requests) == (21, 3)


def test_an_archived_thread_keeps_being_one(road: Road, rollout: Path, home: Path) -> None:
    """4.2: `codex archive` moves the rollout, and it may grow there."""
    write(rollout, meta(), totals((100, 0, 10, 0)))
    road.read()
    archived = home / ".codex" / "archived_sessions" / rollout.name
    archived.parent.mkdir()
    rollout.rename(archived)
    with archived.open("ab") as file:
        file.write(totals((200, 0, 25, 0)))
    road.read()

    assert (road.total().output, road.total().requests) == (25, 2)


def test_a_name_that_is_no_text_is_read_once(home: Path, tmp_path: Path, projects: Path) -> None:
    """4.7: file systems take any bytes for a name."""
    projects.mkdir(parents=True)
    with open(os.fsencode(projects) + b"/\xff\xfe.jsonl", "wb") as file:
        file.write(answer(None, 5))
    pending = []
    for _ in range(2):
        road = Road(home, tmp_path / "data")
        pending.append(len(road.read().pending))
        total = road.total()
        road.close()

    assert (pending, total.output) == ([1, 0], 5)
