"""A mapping in the settings is read live, and changes of it take effect while tokwatch runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitor.test_monitor import Pictures, now
from tests.sources.mapped.logs import NAME, configured, plain, spelt, written
from tokwatch.config import Config, load
from tokwatch.ingest.ingest import refresh
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.snapshot import Snapshot, SourceMode, SourceStatus
from tokwatch.monitor.monitor import Monitor


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def monitor(tmp_path: Path, home: Path) -> Iterator[Monitor]:
    configured(plain())
    (home / "logs").mkdir()
    monitor = Monitor(settings(tmp_path))
    yield monitor
    monitor.stop()


def settings(tmp_path: Path) -> Config:
    """Return the settings as they are in the file now."""
    return load(data=tmp_path / "data")


def line(**changes: object) -> bytes:
    """Return a request's line, of a moment ago."""
    return spelt({"ts": now().isoformat(), "model": "gpt-5.4", "input": 10, "out": 3, **changes})


def input_and_output(picture: Snapshot) -> tuple[int, int]:
    """Return the tokens of all sessions of the mapping."""
    rows = [row for row in picture.sessions if row.source == NAME]
    return sum(row.usage.input for row in rows), sum(row.usage.output for row in rows)


def source(picture: Snapshot) -> SourceStatus | None:
    """Return how the mapping is followed."""
    return next((source for source in picture.sources if source.name == NAME), None)


def test_lines_are_followed(monitor: Monitor, pictures: Pictures, home: Path) -> None:
    log = written(home, line())
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: input_and_output(picture) == (10, 0))

    with log.open("ab") as file:
        file.write(line())

    picture = pictures.wait_for(lambda picture: input_and_output(picture) == (20, 0))
    assert picture.sessions[0].session == "a"


def test_its_folder_sends_notices(monitor: Monitor, pictures: Pictures, home: Path) -> None:
    monitor.start(pictures.publish)

    found = pictures.wait_for(
        lambda picture: (state := source(picture)) is not None and state.mode is SourceMode.LIVE
    )

    (root,) = next(state for state in found.sources if state.name == NAME).roots
    assert (root.path, root.found) == (str(home / "logs"), True)


def test_a_changed_mapping_counts_what_it_says_from_then_on(
    monitor: Monitor, pictures: Pictures, home: Path, tmp_path: Path
) -> None:
    written(home, line() + line())
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: input_and_output(picture) == (20, 0))

    configured(plain(output="out"))
    monitor.configure(settings(tmp_path))

    pictures.wait_for(lambda picture: input_and_output(picture) == (20, 6))


def test_a_new_mapping_is_followed_and_a_removed_one_leaves_its_requests(
    monitor: Monitor, pictures: Pictures, home: Path, tmp_path: Path
) -> None:
    configured("")
    monitor.configure(settings(tmp_path))
    written(home, line())
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: bool(picture.sources) and source(picture) is None)

    configured(plain())
    monitor.configure(settings(tmp_path))
    pictures.wait_for(lambda picture: input_and_output(picture) == (10, 0))
    configured("[burn]\nminutes = 9\n")
    monitor.configure(settings(tmp_path))

    gone = pictures.wait_for(
        lambda picture: source(picture) is None and input_and_output(picture) == (10, 0)
    )
    assert gone.error == ""


def test_who_follows_another_process_knows_the_mappings_title(
    pictures: Pictures, home: Path, tmp_path: Path
) -> None:
    configured(plain().replace('time = "ts"', 'time = "ts"\ntitle = "My gateway"'))
    written(home, line())
    refresh(settings(tmp_path))
    lock = IngestLock(tmp_path / "data")
    assert lock.acquire()
    monitor = Monitor(settings(tmp_path))
    monitor.start(pictures.publish)

    found = pictures.wait_for(lambda p: p.follower_of is not None and source(p) is not None)

    monitor.stop()
    lock.release()
    assert next(state for state in found.sources if state.name == NAME).title == "My gateway"
