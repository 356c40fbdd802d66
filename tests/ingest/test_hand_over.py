"""A screen that reads logs gives way to a command that changes its store, and goes on after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitor.test_monitor import Pictures, now, requests
from tests.transcripts import append, response, transcript
from tokwatch.cli import main
from tokwatch.config import Config, load
from tokwatch.ingest import live
from tokwatch.monitor.monitor import Monitor


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data", environ={})


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RETRY_LOCK_S", 0.05)


@pytest.fixture
def screen(config: Config, home: Path) -> Iterator[Pictures]:
    """Return the pictures of a screen that has read one request."""
    append(transcript(home), response(1, at=now()))
    pictures, monitor = Pictures(), Monitor(config)
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1 and picture.progress is None)
    yield pictures
    monitor.stop()


def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path, *numbers: int) -> Path:
    """Return the export of another machine."""
    theirs, file = tmp_path / "theirs", tmp_path / "laptop.jsonl"
    log = transcript(theirs, "other")
    append(log, *(response(number, session="other", at=now()) for number in numbers))
    with monkeypatch.context() as there:
        there.setenv("HOME", str(theirs))
        data = str(tmp_path / "laptop")
        export = ["export", "--events", str(file), "--machine", "laptop"]
        assert main(["--data", data, *export]) == 0
    return file


def test_an_import_beside_a_screen_is_shown_and_reading_goes_on(
    screen: Pictures,
    config: Config,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = exported(tmp_path, monkeypatch, home, 2, 3)

    code = main(["--data", str(config.data), "import", str(file)])

    assert code == 0
    assert f"{file}: 1 log (1 new): 2 requests added, 0 changed." in capsys.readouterr().out
    screen.wait_for(lambda picture: requests(picture) == 3)
    append(transcript(home), response(4, at=now()))
    shown = screen.wait_for(lambda picture: requests(picture) == 4 and not picture.follower_of)
    assert shown.error == ""


def test_of_two_screens_neither_takes_the_store_from_an_import(
    screen: Pictures,
    config: Config,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = exported(tmp_path, monkeypatch, home, 2, 3)
    others, other = Pictures(), Monitor(config)
    other.start(others.publish)
    try:
        others.wait_for(lambda picture: requests(picture) == 1 and bool(picture.follower_of))

        assert main(["--data", str(config.data), "import", str(file)]) == 0

        append(transcript(home), response(4, at=now()))
        for each in (screen, others):
            each.wait_for(lambda picture: requests(picture) == 4)
    finally:
        other.stop()


def test_a_copied_home_is_read_beside_a_screen(
    screen: Pictures, config: Config, home: Path, tmp_path: Path
) -> None:
    append(transcript(tmp_path / "copy", "other"), response(2, session="other", at=now()))
    path = ["--path", str(tmp_path / "copy"), "--machine", "laptop"]

    assert main(["--data", str(config.data), "import", *path]) == 0

    screen.wait_for(lambda picture: requests(picture) == 2)
