"""When a report may trust the store without reading logs: only when nothing can be new."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.ingest.freshness import is_fresh
from tokwatch.ingest.ingest import refresh
from tokwatch.sources import SOURCES
from tokwatch.store.store import open_store, set_setting


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def log(config: Config, home: Path) -> Path:
    """Return a transcript that the store has read."""
    log = transcript(home)
    append(log, response(1, output=1))
    assert not is_fresh(config), "there is no store yet"
    refresh(config)
    assert is_fresh(config)
    return log


def test_an_appended_line_is_news(config: Config, log: Path) -> None:
    append(log, response(2, output=2))

    assert not is_fresh(config)
    refresh(config)
    assert is_fresh(config)


def test_a_new_log_and_a_moved_one_are_news(config: Config, home: Path, log: Path) -> None:
    other = transcript(home, "another")
    append(other, response(3, output=3))
    assert not is_fresh(config)

    other.unlink()
    assert is_fresh(config), "what was deleted stays counted"

    log.rename(log.with_name("moved.jsonl"))
    assert not is_fresh(config)


def test_a_log_replaced_by_one_of_the_same_size_is_news(config: Config, log: Path) -> None:
    copy = log.with_suffix(".copy")
    copy.write_bytes(log.read_bytes())
    status = log.stat()
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    copy.replace(log)

    assert not is_fresh(config)


def test_a_newer_parser_is_news(config: Config, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SOURCES[0], "version", SOURCES[0].version + 1)

    assert not is_fresh(config)
    refresh(config)
    assert is_fresh(config)


def test_other_prices_or_another_zone_are_news(config: Config, log: Path) -> None:
    assert is_fresh(config)
    general = replace(config.general, timezone="Pacific/Chatham")
    assert not is_fresh(replace(config, general=general))
    prices = replace(config.prices, alias={"mine": "gpt-5"})
    assert not is_fresh(replace(config, prices=prices))


def test_events_that_may_have_to_go_are_never_fresh(config: Config, log: Path) -> None:
    assert not is_fresh(replace(config, retention=replace(config.retention, events_days=30)))


def test_a_folder_that_cannot_be_read_is_told_by_who_reads(
    config: Config, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def closed(folder: str) -> object:
        if str(folder) == str(log.parent):
            raise PermissionError(13, "Permission denied", folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", closed)
    assert not is_fresh(config)


def test_another_workspace_has_read_nothing(config: Config, log: Path) -> None:
    general = replace(config.general, workspace="other")
    assert not is_fresh(replace(config, general=general))


def test_what_a_newer_tokwatch_wrote_is_left_to_it(config: Config, log: Path) -> None:
    database = open_store(config.store.url, config.data)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    assert not is_fresh(config)


def test_only_the_sources_asked_for_are_looked_at(config: Config, home: Path, log: Path) -> None:
    rollout = home / ".codex" / "sessions" / "rollout-1.jsonl"
    rollout.parent.mkdir(parents=True)
    rollout.write_bytes(b"{}\n")

    assert is_fresh(config, ("claude-code",))
    assert not is_fresh(config, ("codex",))


def test_a_change_of_settings_in_the_store_is_seen(config: Config, log: Path) -> None:
    database = open_store(config.store.url, config.data)
    set_setting(database, 1, "prices", "other")
    database.close()

    assert not is_fresh(config)
