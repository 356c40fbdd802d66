"""Change notices: a hint that something may be new, and a word when none arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from watchfiles import _rust_notify

from tokwatch.sources.follow import CALM_S, CALM_STEP_MS, STEP_MS, Notices, pass_on

PATIENCE_S = 60
Answer = set[tuple[int, str]] | Literal["signal", "stop", "timeout"]


class Heard:
    """Collects the paths that notices tell, and waits for one of them."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self._changed = threading.Condition()

    def hint(self, paths: set[str]) -> None:
        """Take what the watching thread tells."""
        with self._changed:
            self.paths |= paths
            self._changed.notify_all()

    def waits_for(self, path: Path) -> bool:
        """Wait until a path was told."""
        with self._changed:
            return self._changed.wait_for(lambda: str(path) in self.paths, PATIENCE_S)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def notices(heard: Heard) -> Iterator[Notices]:
    notices = Notices(heard.hint)
    yield notices
    notices.stop()


def told_after(change: Callable[[], object], heard: Heard, path: Path) -> bool:
    """Make a change until it was heard of: a watch needs a moment to begin."""
    for _ in range(PATIENCE_S * 10):
        change()
        with heard._changed:
            if heard._changed.wait_for(lambda: str(path) in heard.paths, 0.1):
                return True
    return False


def test_a_change_below_a_watched_folder_is_told(
    notices: Notices, heard: Heard, tmp_path: Path
) -> None:
    log = tmp_path / "a.jsonl"

    assert notices.refresh([tmp_path])
    assert notices.watches(tmp_path)
    assert told_after(lambda: log.write_bytes(b"x"), heard, log)


def test_folders_that_do_not_exist_are_not_watched(notices: Notices, tmp_path: Path) -> None:
    assert not notices.refresh([tmp_path / "none"])
    assert not notices.watches(tmp_path / "none")


def test_nothing_changes_when_the_folders_are_the_same(notices: Notices, tmp_path: Path) -> None:
    notices.refresh([tmp_path])

    assert not notices.refresh([tmp_path])


def test_a_folder_that_appears_is_watched_from_then_on(
    notices: Notices, heard: Heard, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    notices.refresh([later])
    later.mkdir()

    assert notices.refresh([later])
    assert told_after(lambda: (later / "a").write_bytes(b"x"), heard, later / "a")


def test_a_folder_made_anew_is_watched_anew(notices: Notices, heard: Heard, tmp_path: Path) -> None:
    folder, aside = tmp_path / "logs", tmp_path / "aside"
    folder.mkdir()
    notices.refresh([folder])
    folder.rename(aside)
    folder.mkdir()

    assert notices.refresh([folder])
    assert told_after(lambda: (folder / "a").write_bytes(b"x"), heard, folder / "a")


def test_a_shallow_watch_tells_nothing_from_below(heard: Heard, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    notices = Notices(heard.hint, recursive=False)
    notices.refresh([tmp_path])

    def change() -> None:
        (tmp_path / "below" / "a").write_bytes(b"x")
        (tmp_path / "a").write_bytes(b"x")

    assert told_after(change, heard, tmp_path / "a")
    assert str(tmp_path / "below" / "a") not in heard.paths
    notices.stop()


def test_stopping_ends_the_thread(notices: Notices, tmp_path: Path) -> None:
    notices.refresh([tmp_path])
    notices.stop()

    assert not notices.watches(tmp_path)
    assert "notices" not in {thread.name for thread in threading.enumerate()}
    notices.stop()


def test_a_refusal_of_the_system_is_told_and_tried_again(
    notices: Notices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch limit is reached: the sweep goes on alone."""
    refused = threading.Event()

    def refuse(*options: object) -> object:
        refused.set()
        raise OSError(28, "inotify watch limit reached")

    with monkeypatch.context() as patched:
        patched.setattr(_rust_notify, "RustNotify", refuse)
        notices.refresh([tmp_path])
        assert refused.wait(PATIENCE_S)
        thread = notices._thread
        assert thread is not None
        thread.join(PATIENCE_S)
        assert "inotify watch limit" in notices.error
        assert not notices.watches(tmp_path)

    assert not notices.refresh([tmp_path])
    assert notices.watches(tmp_path)
    assert notices.error == ""


class Asked:
    """Answers from a list, a second apart, and keeps the steps it was asked with."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.steps: list[int] = []

    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: threading.Event
    ) -> Answer:
        """Return the next answer."""
        self.steps.append(step_ms)
        return self._answers.pop(0)

    def seconds(self) -> float:
        """Return how many answers were given."""
        return float(len(self.steps))


def test_a_calm_asks_less_often_until_something_changes(heard: Heard) -> None:
    calm = int(CALM_S)
    none: list[Answer] = ["timeout"] * (calm + 3)
    watcher = Asked(*none, {(2, "a.jsonl")}, "timeout", "stop")

    pass_on(watcher, heard.hint, threading.Event(), watcher.seconds)

    assert watcher.steps == [STEP_MS] * calm + [CALM_STEP_MS] * 4 + [STEP_MS] * 2
    assert heard.paths == {"a.jsonl"}
