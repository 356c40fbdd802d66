"""From a log line to a published picture, through the real threads and a real store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.garbage import left_behind, ours
from tests.transcripts import SESSION, append, response, transcript
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config import Config, load
from tokwatch.errors import TokwatchError
from tokwatch.ingest import news as watching
from tokwatch.ingest.ingest import refresh
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.snapshot import Snapshot, SourceMode, Span
from tokwatch.monitor.monitor import Monitor
from tokwatch.monitor.pause import pause_s
from tokwatch.store.connect import Database
from tokwatch.suggestions.suggesting import looked

PATIENCE_S = 60.0


class Pictures:
    """Collects what is published and waits for a picture of some sort."""

    def __init__(self) -> None:
        self.all: list[Snapshot] = []
        self._news = threading.Condition()

    def publish(self, picture: Snapshot) -> None:
        with self._news:
            self.all.append(picture)
            self._news.notify_all()

    def wait_for(self, is_wanted: Callable[[Snapshot], bool]) -> Snapshot:
        with self._news:
            found = self._news.wait_for(lambda: any(map(is_wanted, self.all)), PATIENCE_S)
            assert found, self.all[-1] if self.all else "nothing was published"
            return next(picture for picture in self.all if is_wanted(picture))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def monitor(config: Config, pictures: Pictures, home: Path) -> Iterator[Monitor]:
    monitor = Monitor(config)
    yield monitor
    monitor.stop()


def now() -> datetime:
    return datetime.now(UTC)


def requests(picture: Snapshot) -> int:
    return sum(row.usage.requests for row in picture.sessions)


def test_pictures_leave_no_cycles(monitor: Monitor, pictures: Pictures, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)
    append(log, response(2, at=now()))  # what is loaded or made once for all may leave some
    pictures.wait_for(lambda picture: requests(picture) == 2)
    with left_behind() as left:
        append(log, response(3, at=now()))
        pictures.wait_for(lambda picture: requests(picture) == 3)
        pictures.all.clear()
    assert ours(left) == set()


def test_a_store_that_is_there_is_pictured_before_the_start_returns(
    config: Config,
    monitor: Monitor,
    pictures: Pictures,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tokwatch.monitor.monitor.FIRST_S", PATIENCE_S)
    append(transcript(home), response(1, at=now()))
    refresh(config)

    monitor.start(pictures.publish)

    assert pictures.all[0].spend.usage.requests == 1


def test_without_a_store_the_start_waits_for_nothing(
    monitor: Monitor, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.monitor.monitor.FIRST_S", None)  # as long as it takes

    monitor.start(pictures.publish)

    assert pictures.all == []


def test_an_empty_home_is_told_with_the_places_looked_at(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    monitor.start(pictures.publish)

    picture = pictures.wait_for(lambda picture: bool(picture.sources))

    assert picture.empty
    roots = {root.path: root.found for source in picture.sources for root in source.roots}
    assert roots[str(home / ".claude" / "projects")] is False
    assert {source.mode for source in picture.sources} == {SourceMode.ABSENT}


def test_what_lies_there_is_shown_and_what_is_appended_follows(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)

    append(log, response(2, at=now()))

    picture = pictures.wait_for(lambda picture: requests(picture) == 2)
    assert picture.sessions[0].session == SESSION
    assert picture.spend.cost_nano > 0


def test_a_folder_that_appears_later_is_followed(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: picture.empty)

    append(transcript(home), response(1, at=now()))

    followed = (SourceMode.LIVE, SourceMode.POLLING)
    pictures.wait_for(lambda p: requests(p) == 1 and p.sources[0].mode in followed)


def test_history_ends_with_no_progress_left(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    for number in range(30):
        append(transcript(home, session=f"s{number}"), response(number, at=now()))
    monitor.start(pictures.publish)

    pictures.wait_for(lambda picture: requests(picture) == 30 and picture.progress is None)


def test_a_day_without_use_opens_on_the_last_active_one(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    then = now() - timedelta(days=9)
    append(transcript(home), response(1, at=then))
    monitor.start(pictures.publish)

    picture = pictures.wait_for(lambda picture: requests(picture) == 1)

    assert picture.day == then.date().isoformat()
    assert picture.until is not None
    monitor.show(Span.HOURS, None)
    pictures.wait_for(lambda picture: not picture.empty and picture.until is None)


def test_the_asked_range_is_shown(monitor: Monitor, pictures: Pictures, home: Path) -> None:
    append(transcript(home), response(1, at=now() - timedelta(days=2)))
    append(transcript(home, session="fresh"), response(2, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)

    monitor.show(Span.WEEK, None)

    picture = pictures.wait_for(lambda picture: requests(picture) == 2)
    assert picture.span is Span.WEEK


def test_while_another_process_ingests_its_store_is_followed(
    monitor: Monitor, pictures: Pictures, config: Config, home: Path
) -> None:
    lock = IngestLock(config.data)
    assert lock.acquire()
    append(transcript(home), response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: bool(picture.follower_of))

    lock.release()

    pictures.wait_for(lambda picture: requests(picture) == 1)


def test_two_monitors_on_one_store_show_the_same(
    monitor: Monitor, pictures: Pictures, config: Config, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)
    others = Pictures()
    other = Monitor(config)
    other.start(others.publish)
    try:
        others.wait_for(lambda picture: requests(picture) == 1 and bool(picture.follower_of))

        append(log, response(2, at=now()))

        others.wait_for(lambda picture: requests(picture) == 2)
    finally:
        other.stop()


def test_a_store_that_cannot_be_opened_is_told(
    monitor: Monitor, pictures: Pictures, config: Config, home: Path
) -> None:
    config.data.mkdir(parents=True)
    (config.data / "tokwatch.db").write_text("this is no database", encoding="utf-8")
    monitor.start(pictures.publish)

    picture = pictures.wait_for(lambda picture: bool(picture.error))

    assert "tokwatch.db" in picture.error
    assert "TokwatchError" not in picture.error
    assert (config.data / "tokwatch.log").read_text("utf-8").count("picture_failed") == 1
    assert (config.data / "tokwatch.db").read_text(encoding="utf-8") == "this is no database"


def test_a_followed_store_that_cannot_be_asked_for_news_ends_nothing(
    monitor: Monitor,
    pictures: Pictures,
    config: Config,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = transcript(home)
    append(log, response(1, at=now()))
    refresh(config)
    lock = IngestLock(config.data)
    assert lock.acquire()
    asked = threading.Event()
    real = watching.changes

    def changes(database: Database | None) -> object:
        if not asked.is_set():
            asked.set()
            raise TokwatchError("the connection is lost")
        return real(database)

    monitor.start(pictures.publish)
    picture = pictures.wait_for(lambda picture: bool(picture.follower_of))
    assert requests(picture) == 1

    monkeypatch.setattr(watching, "changes", changes)
    assert asked.wait(PATIENCE_S)
    lock.release()
    append(log, response(2, at=now()))

    pictures.wait_for(lambda picture: requests(picture) == 2)


def test_titles_come_from_the_log_and_are_kept_nowhere(
    monitor: Monitor, pictures: Pictures, config: Config, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1, at=now()), '{"type":"ai-title","aiTitle":"Mend the tail"}')
    monitor.start(pictures.publish)
    row = pictures.wait_for(lambda picture: requests(picture) == 1).sessions[0]

    assert monitor.titles([row]) == {row.key: "Mend the tail"}
    assert not any(
        b"Mend the tail" in file.read_bytes() for file in config.data.rglob("*") if file.is_file()
    )


def test_nothing_is_published_while_nothing_changes(
    monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    append(transcript(home), response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1 and picture.progress is None)

    versions = [picture.version for picture in pictures.all]

    assert versions == sorted(set(versions))


def test_stopping_twice_and_before_the_start_is_harmless(
    monitor: Monitor, pictures: Pictures, config: Config
) -> None:
    before = Monitor(config)
    before.stop()
    assert not config.data.exists()

    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: True)
    for _ in range(2):
        monitor.stop()
        assert not monitor._live._thread.is_alive()


def test_settings_that_change_while_it_ends_start_nothing(
    monitor: Monitor, pictures: Pictures, tmp_path: Path, home: Path
) -> None:
    append(transcript(home), response(1, at=now()))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)
    monitor.stop()

    monitor.configure(load(data=tmp_path / "data", environ={"TOKWATCH_GENERAL__USER": "ana"}))

    assert not monitor._live._thread.is_alive()


@pytest.mark.parametrize(
    ("spent_s", "refresh_hz", "pause"), [(0.0, 20, 0.05), (0.0, 1, 1.0), (0.25, 20, 0.25)]
)
def test_pictures_come_as_often_as_the_settings_allow(
    spent_s: float, refresh_hz: float, pause: float
) -> None:
    assert pause_s(spent_s, refresh_hz) == pause


def test_changed_settings_take_effect(
    monitor: Monitor, pictures: Pictures, tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    append(transcript(home), response(1, at=now()))
    append(folder / "other.jsonl", response(2, at=now(), session="other"))
    monitor.start(pictures.publish)
    pictures.wait_for(lambda picture: requests(picture) == 1)
    settings = tmp_path / "config.toml"
    settings.write_text(
        f'[sources.paths]\nclaude-code = ["{folder}"]\n[context]\nwarning = 0.1\ncritical = 0.1\n',
        encoding="utf-8",
    )

    monitor.configure(load(settings, data=tmp_path / "data"))

    pictures.wait_for(lambda picture: requests(picture) == 2)


def test_the_overview_knows_whether_savings_were_looked_for(
    config: Config, monitor: Monitor, pictures: Pictures, home: Path
) -> None:
    append(transcript(home), response(1, at=now()))
    monitor.start(pictures.publish)
    assert not pictures.wait_for(lambda picture: requests(picture) == 1).savings.is_looked
    monitor.stop()

    assert looked(config, epoch_ms(now()))

    again, later = Monitor(config), Pictures()
    again.start(later.publish)
    whole = later.wait_for(lambda picture: picture.savings.is_looked)
    assert (later.all[0].is_hasty, whole.is_hasty) == (True, False)
    again.stop()
