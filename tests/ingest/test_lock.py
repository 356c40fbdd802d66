"""The lock that lets one process ingest: what it says where it cannot be taken."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from tokwatch.errors import TokwatchError
from tokwatch.ingest import lock
from tokwatch.ingest.lock import IngestLock


def test_one_holds_it_and_the_others_know_who(tmp_path: Path) -> None:
    first, second = IngestLock(tmp_path / "data"), IngestLock(tmp_path / "data")

    assert first.acquire()
    assert not second.acquire()
    assert second.holder() > 0
    first.release()
    assert second.holder() == 0
    assert second.acquire()
    second.release()


def test_a_data_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")

    with pytest.raises(TokwatchError, match="cannot write to the data folder") as told:
        IngestLock(tmp_path / "data").acquire()

    assert "--data" in told.value.hint


def test_without_room_for_its_name_a_holder_still_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    first, second = IngestLock(tmp_path), IngestLock(tmp_path)

    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == 0
    first.release()
    assert second.acquire()
    second.release()


def wait_until_wanted(holder: IngestLock) -> None:
    """Return when another waits for the lock; whoever waits has this long for it."""
    pause = threading.Event()
    until = time.monotonic() + lock.PATIENCE_S
    while not holder.is_wanted():
        assert time.monotonic() < until, "nobody waits"
        pause.wait(0.005)


def test_who_holds_it_sees_that_another_waits_and_gives_way(tmp_path: Path) -> None:
    holder, taken = IngestLock(tmp_path), threading.Event()
    assert holder.acquire()
    assert not holder.is_wanted()

    def wait() -> None:
        waiting = IngestLock(tmp_path)
        if waiting.wait():
            taken.set()
            waiting.release()

    other = threading.Thread(target=wait)
    other.start()
    wait_until_wanted(holder)
    holder.release()
    other.join()

    assert taken.is_set()
    assert holder.acquire()
    assert not holder.is_wanted(), "who has waited waits no longer"
    holder.release()


def test_a_wait_ends_and_tells_once_for_whom_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.2)
    monkeypatch.setattr(lock, "SILENCE_S", 0.0)
    holder, told = IngestLock(tmp_path), list[int]()
    assert holder.acquire()

    assert not IngestLock(tmp_path).wait(told.append)

    assert told == [os.getpid()]
    assert not holder.is_wanted()
    holder.release()


def test_what_a_wait_that_was_killed_left_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "ingest.turn").touch()

    assert not IngestLock(tmp_path).is_wanted()
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_wait_each_is_seen(tmp_path: Path) -> None:
    holder, taken = IngestLock(tmp_path), threading.Barrier(3)

    def wait() -> None:
        waiting = IngestLock(tmp_path)
        if waiting.wait():
            waiting.release()
            taken.wait()

    assert holder.acquire()
    for _ in range(2):
        threading.Thread(target=wait, daemon=True).start()
    wait_until_wanted(holder)
    holder.release()

    taken.wait(timeout=lock.PATIENCE_S)
    assert not holder.is_wanted()
