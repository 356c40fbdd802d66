"""Reading logs into a store: what is new, once, whatever happened to the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.agents import crush_logs, droid_logs
from tests.sources.gateways import litellm_logs
from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError
from tokwatch.ingest.chosen import chosen_sources, surroundings
from tokwatch.ingest.ingest import (
    LIVE,
    Ingest,
    Pace,
    open_ingest,
    refresh,
)
from tokwatch.ingest.lock import IngestLock
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    database = open_store(config.store.url, config.data)
    yield database
    database.close()


def take(ingest: Ingest) -> int:
    """Read everything new; return how many logs were read."""
    pending = ingest.walk().pending
    for _ in ingest.read(pending):
        pass
    return len(pending)


def outputs(database: Database) -> list[int]:
    return [row[0] for row in database.rows("SELECT output FROM event ORDER BY output")]


def test_appended_lines_are_read_once(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)

    assert take(ingest) == 1
    assert take(ingest) == 0
    append(log, response(2, output=2))
    assert take(ingest) == 1

    assert outputs(database) == [1, 2]
    assert database.value("SELECT lines FROM log") == 2


def test_a_new_process_goes_on_where_the_last_one_stopped(
    config: Config, database: Database, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    take(open_ingest(config, database))
    append(log, response(2, output=2))

    assert take(open_ingest(config, database)) == 1

    assert outputs(database) == [1, 2]
    assert database.value("SELECT lines FROM log") == 2, "the first line was read twice"


def test_a_half_written_line_waits(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    whole = response(1, output=7)
    log.write_text(whole[:80], encoding="utf-8")
    ingest = open_ingest(config, database)
    take(ingest)
    assert outputs(database) == []

    log.write_text(whole + "\n", encoding="utf-8")
    take(ingest)

    assert outputs(database) == [7]
    assert database.value("SELECT bad_lines FROM log") == 0


def test_a_truncated_and_rewritten_log_changes_nothing(
    config: Config, database: Database, home: Path
) -> None:
    log = transcript(home)
    append(log, *(response(number, output=number) for number in range(1, 9)))
    content = log.read_bytes()
    ingest = open_ingest(config, database)
    take(ingest)

    log.write_bytes(content[: content.index(b"\n") + 1])
    take(ingest)
    log.write_bytes(content)
    take(ingest)

    assert outputs(database) == list(range(1, 9))


def test_a_replaced_log_is_read_anew(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)

    other = log.with_suffix(".tmp")
    append(other, response(1, output=1), response(2, output=2))
    os.replace(other, log)
    take(ingest)

    assert outputs(database) == [1, 2]


def test_events_stay_when_their_log_is_gone(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)

    log.unlink()
    assert take(ingest) == 0

    assert outputs(database) == [1]


def test_a_moved_log_keeps_its_cursor(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)

    moved = transcript(home, project="-home-dev-moved")
    log.rename(moved)

    assert take(ingest) == 0
    assert database.rows("SELECT path FROM log") == [(str(moved),)]
    append(moved, response(2, output=2))
    take(ingest)
    assert outputs(database) == [1, 2]
    assert database.value("SELECT count(*) FROM copy") == 0


def test_a_new_log_in_a_deleted_ones_place_on_the_disk_is_a_log_of_its_own(
    config: Config, database: Database, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)

    other = transcript(home, session="other")
    log.rename(other)  # the same inode
    other.write_text(response(2, output=2, session="other") + "\n", encoding="utf-8")
    take(ingest)

    assert outputs(database) == [1, 2]
    assert sorted(row[0] for row in database.rows("SELECT path FROM log")) == sorted(
        [str(log), str(other)]
    )


def test_a_link_to_a_log_that_is_still_there_is_no_move(
    config: Config, database: Database, home: Path
) -> None:
    log, link = transcript(home), transcript(home, session="link")
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)

    os.link(log, link)
    ingest.look_at([str(link)])

    assert database.rows("SELECT path FROM log") == [(str(log),)]


def test_of_logs_that_had_one_inode_the_one_that_was_moved_keeps_its_cursor(
    config: Config, database: Database, home: Path
) -> None:
    first, second = transcript(home), transcript(home, session="second")
    append(first, response(1, output=1))
    take(open_ingest(config, database))
    first.rename(second)
    second.write_text(response(2, output=2, session="second") + "\n", encoding="utf-8")
    take(open_ingest(config, database))

    third = transcript(home, session="third")
    second.rename(third)

    assert take(open_ingest(config, database)) == 0
    assert sorted(row[0] for row in database.rows("SELECT path FROM log")) == sorted(
        [str(first), str(third)]
    )


def test_a_log_that_went_away_before_it_was_read_is_no_error(
    config: Config, database: Database, home: Path
) -> None:
    log = transcript(home)
    append(log, response(1))
    ingest = open_ingest(config, database)
    pending = ingest.walk().pending
    log.unlink()

    assert list(ingest.read(pending)) == []
    assert ingest.read_errors == {}


def test_a_log_with_the_inode_that_a_moved_one_once_had_is_a_log_of_its_own(
    config: Config, database: Database, home: Path
) -> None:
    log, aside = transcript(home), home / "aside"
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    take(ingest)
    log.rename(aside)
    append(log, response(2, output=20))
    take(ingest)
    log.rename(transcript(home, project="-home-dev-moved"))
    take(ingest)

    aside.rename(transcript(home, session="other"))

    assert take(ingest) == 1
    assert outputs(database) == [1, 20]


def test_a_log_that_could_not_be_read_and_went_away_is_no_error_any_more(
    config: Config, database: Database, home: Path
) -> None:
    bad = transcript(home, session="bad")
    append(bad, response(1))
    ingest = open_ingest(config, database)
    pending = ingest.walk().pending
    bad.unlink()
    bad.mkdir()
    assert list(ingest.read(pending)) == []
    assert list(ingest.read_errors) == [str(bad)]
    bad.rmdir()

    ingest.walk()

    assert ingest.read_errors == {}


def test_newest_logs_are_read_first(config: Config, database: Database, home: Path) -> None:
    for age, name in enumerate(("aaa", "bbb", "ccc")):
        log = transcript(home, session=name)
        append(log, response(age))
        os.utime(log, (1_800_000_000 - age, 1_800_000_000 - age))

    pending = open_ingest(config, database).walk().pending

    assert [Path(log.found.path).stem for log in pending] == ["aaa", "bbb", "ccc"]


def test_small_pieces_come_to_the_same_as_large_ones(
    config: Config, database: Database, home: Path
) -> None:
    log = transcript(home)
    append(log, *(response(number, output=number) for number in range(1, 60)))
    ingest = open_ingest(config, database)
    pending = ingest.walk().pending

    batches = list(ingest.read(pending, pace=Pace(chunk_bytes=100, batch_events=5)))

    assert len(batches) > 5
    assert outputs(database) == list(range(1, 60))
    assert database.value("SELECT lines FROM log") == 59


def test_a_log_that_cannot_be_read_is_told_and_the_others_are_read(
    config: Config, database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = transcript(home, session="good"), transcript(home, session="bad")
    append(good, response(1, output=1))
    append(bad, response(2, output=2))
    ingest = open_ingest(config, database)
    pending = ingest.walk().pending
    bad.unlink()
    bad.mkdir()

    for _ in ingest.read(pending):
        pass

    assert outputs(database) == [1]
    assert list(ingest.read_errors) == [str(bad)]


def test_hints_lead_to_files_and_folders(config: Config, database: Database, home: Path) -> None:
    ingest = open_ingest(config, database)
    log = transcript(home)
    append(log, response(1, output=1))
    nested = log.parent / log.stem / "subagents" / "agent-a1.jsonl"
    nested.parent.mkdir(parents=True)
    append(nested, response(2, output=2))

    pending = ingest.look_at([str(log), str(log.parent / log.stem), str(home / "elsewhere")])
    for _ in ingest.read(pending, pace=LIVE):
        pass

    assert outputs(database) == [1, 2]
    assert ingest.look_at([str(log), str(nested), str(log.parent / "gone.jsonl")]) == []


def test_recheck_finds_what_no_notice_told(config: Config, database: Database, home: Path) -> None:
    log = transcript(home)
    append(log, response(1, output=1))
    ingest = open_ingest(config, database)
    known = ingest.walk().logs
    take(ingest)
    assert ingest.recheck(known) == []

    append(log, response(2, output=2))

    assert [pending.found.path for pending in ingest.recheck(known)] == [str(log)]


def test_a_walk_tells_all_that_is_new_and_keeps_what_changed_since(
    config: Config, database: Database, home: Path
) -> None:
    logs = {name: transcript(home, session=name) for name in ("read", "unread", "recent")}
    for at_s, (name, log) in enumerate(logs.items(), 1_700_000_000):
        append(log, response(at_s, output=1, session=name))
        os.utime(log, (at_s, at_s))
    ingest = open_ingest(config, database)
    for _ in ingest.read([one for one in ingest.walk().pending if "unread" not in one.found.path]):
        pass

    found = ingest.walk(since_ns=1_700_000_002 * 10**9)

    assert [log.found.path for log in found.pending] == [str(logs["unread"])]
    assert [log.found.path for log in found.logs] == [str(logs["recent"])]
    assert found.files["claude-code"] == 3
    assert found.files["codex"] == 0


def test_logs_that_are_as_they_were_are_not_made_anew(
    config: Config, database: Database, home: Path
) -> None:
    append(transcript(home), response(1, output=1))
    grown = transcript(home).with_name("another.jsonl")
    append(grown, response(2, output=2))
    ingest = open_ingest(config, database)
    before = {log.found.path: log for log in ingest.walk().logs}
    append(grown, response(3, output=3))

    after = {log.found.path: log for log in ingest.walk().logs}

    assert [after[path] is log for path, log in before.items()].count(True) == 1
    assert after[str(grown)].found.size == grown.stat().st_size


def test_a_log_that_another_source_wants_now_is_that_ones(
    tmp_path: Path, database: Database
) -> None:
    settings, folder = tmp_path / "config.toml", tmp_path / "shared"
    folder.mkdir()
    append(folder / "0001.jsonl", response(1, output=5))
    settings.write_text(
        f'[sources.paths]\nclaude-code = ["{folder}"]\nqwen-code = ["{folder}"]\n', encoding="utf-8"
    )
    ingest = open_ingest(load(settings, data=tmp_path / "data"), database)
    (before,) = ingest.walk().logs
    ingest.sources = tuple(one for one in ingest.sources if one is not before.source)

    (after,) = ingest.walk().logs

    assert after.source is not before.source


def test_a_folder_of_ones_own_is_read(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "copied"
    folder.mkdir()
    append(folder / "0001.jsonl", response(1, output=5))
    settings = tmp_path / "config.toml"
    settings.write_text(f'[sources.paths]\nclaude-code = ["{folder}"]\n', encoding="utf-8")

    take(open_ingest(load(settings, data=tmp_path / "data"), database))

    assert outputs(database) == [5]


def test_user_and_machine_of_the_settings_label_the_events(
    tmp_path: Path, database: Database, home: Path
) -> None:
    append(transcript(home), response(1))
    settings = tmp_path / "config.toml"
    settings.write_text('[general]\nuser = "ana"\nmachine = "laptop"\n', encoding="utf-8")

    take(open_ingest(load(settings, data=tmp_path / "data"), database))

    assert database.rows("SELECT user_name, machine FROM place") == [("ana", "laptop")]


def test_what_came_with_a_key_is_not_taken_for_ones_own(tmp_path: Path, database: Database) -> None:
    log = tmp_path / "proxy.jsonl"
    log.write_bytes(litellm_logs.line({"user_api_key_alias": "ci"}) + b"\n")
    settings = tmp_path / "config.toml"
    settings.write_text(f'[general]\nuser = "ana"\n[sources.paths]\nlitellm = ["{log}"]\n')

    take(open_ingest(load(settings, data=tmp_path / "data"), database))

    assert database.rows("SELECT user_name, key_name FROM place") == [("", "ci")]


def test_sources_can_be_chosen(config: Config, home: Path) -> None:
    assert [source.name for source in chosen_sources(config, ("codex",))] == ["codex"]


def test_an_unknown_source_is_refused(config: Config) -> None:
    with pytest.raises(ConfigError, match="claude-coed"):
        chosen_sources(config, ("claude-coed",))


def test_refresh_reads_and_counts(config: Config, home: Path) -> None:
    append(transcript(home), response(1), response(2))

    assert refresh(config).written.added == 2
    assert refresh(config).written.added == 0


def test_refresh_leaves_the_store_to_the_process_that_ingests(config: Config, home: Path) -> None:
    append(transcript(home), response(1))
    lock = IngestLock(config.data)
    assert lock.acquire()
    try:
        assert refresh(config).locked_by == os.getpid()
    finally:
        lock.release()

    assert refresh(config).locked_by is None


def test_surroundings_are_this_machine(home: Path) -> None:
    assert surroundings().home == home


def test_totals_that_were_moved_count_once(config: Config, database: Database, home: Path) -> None:
    """A document has no offset to know it by: its inode, size and time say that it only moved."""
    document = droid_logs.save(home, droid_logs.settings())
    ingest = open_ingest(config, database)
    take(ingest)
    before = outputs(database)
    moved = document.parent / "archive" / document.name
    moved.parent.mkdir()
    document.rename(moved)

    assert take(ingest) == 0
    assert before
    assert outputs(database) == before
    assert database.rows("SELECT path FROM log") == [(str(moved),)]


def test_a_folder_that_a_tool_names_later_is_watched(
    config: Config, database: Database, home: Path
) -> None:
    ingest = open_ingest(config, database)
    take(ingest)
    before = {str(root.path) for root in ingest.all_roots()}
    crush_logs.path(home)
    take(ingest)

    (new,) = {str(root.path) for root in ingest.all_roots()} - before
    assert new.endswith(".crush")
