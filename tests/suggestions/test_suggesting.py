"""Suggestions from log lines: found, followed, proved; through parser, store and analysers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.transcripts import SESSION, append, response, transcript
from tokwatch.alerts.alerting import opened_store
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config import Config, load
from tokwatch.ingest.detail_refresh import refresh_details
from tokwatch.ingest.ingest import refresh
from tokwatch.model.alert_facts import OPTIMISATION
from tokwatch.model.suggestion import Suggestion, SuggestionState, Verdict
from tokwatch.store.connect import Database
from tokwatch.store.read.every import View, measures, open_alerts, suggestions, trigger_counts
from tokwatch.suggestions.suggesting import SuggestionWatch, answered, look, looked

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LONG = "a line of a log that nobody reads\n" * 2_000


@pytest.fixture
def config(tmp_path: Path) -> Config:
    settings = tmp_path / "config.toml"
    settings.write_text(
        "[suggestions]\nverdict_requests = 10\nverdict_days = 0.01\nleast_usd_month = 0.01\n"
        'high_cost_usd = 0\nnotify = "notice"\n',
        "utf-8",
    )
    return load(settings, tmp_path / "data", environ={"TOKWATCH_GENERAL__TIMEZONE": "UTC"})


@pytest.fixture
def reader(config: Config, home: Path) -> Iterator[Database]:
    """Return the store, after a conversation in which a shell printed much."""
    log = transcript(home)
    append(log, *conversation(0, NOW - timedelta(hours=3), LONG))
    read(config)
    database = opened_store(config, read_only=True)
    assert database is not None
    yield database
    database.close()


def conversation(first: int, at: datetime, printed: str) -> Iterator[str]:
    """Yield the lines of a call, its result, and 29 answers after it."""
    call: dict[str, object] = {
        "type": "tool_use",
        "id": f"call_{first}",
        "name": "Bash",
        "input": {"command": "make"},
    }
    yield _with(response(first, at=at), [call])
    told = {"type": "tool_result", "tool_use_id": f"call_{first}", "content": printed}
    yield json.dumps(
        {
            "type": "user",
            "sessionId": SESSION,
            "timestamp": (at + timedelta(seconds=5)).isoformat().replace("+00:00", "Z"),
            "cwd": "/home/dev/app",
            "message": {"role": "user", "content": [told]},
        }
    )
    for number in range(1, 30):
        line = json.loads(response(first + number, at=at + timedelta(seconds=10 + number)))
        line["message"]["usage"] |= {"cache_read_input_tokens": 40_000}
        yield json.dumps(line)


def _with(line: str, content: list[dict[str, object]]) -> str:
    record = json.loads(line)
    record["message"] |= {"content": content, "stop_reason": "tool_use"}
    return json.dumps(record)


def read(config: Config) -> None:
    """Read the logs, and what conversations are made of."""
    refresh(config)
    for _ in refresh_details(config, 0):
        pass


def known(reader: Database) -> dict[str, Suggestion]:
    """Return the suggestions of the store by their kinds."""
    return {one.kind: one for one in suggestions(View(reader, 1))}


def test_a_suggestion_is_found_followed_and_proved(
    config: Config, reader: Database, home: Path
) -> None:
    assert looked(config, epoch_ms(NOW))
    found = known(reader)["shell-cap"]
    assert found.state is SuggestionState.NEW
    assert found.saving_nano_month > 0
    assert found.copies == "BASH_MAX_OUTPUT_LENGTH=8000"
    assert answered(config, found.id, SuggestionState.ACCEPTED, NOW)

    append(transcript(home), *conversation(100, NOW + timedelta(hours=1), "ok"))
    read(config)
    looked(config, epoch_ms(NOW + timedelta(hours=2)))

    proved = known(reader)["shell-cap"]
    assert (proved.state, proved.verdict) == (SuggestionState.ACCEPTED, Verdict.WORKED)
    assert proved.after_requests == 30
    assert proved.promised_nano_month == found.saving_nano_month
    assert (proved.realised_nano_month or 0) > 0


def test_what_does_not_help_is_told_and_discounted(
    config: Config, reader: Database, home: Path
) -> None:
    looked(config, epoch_ms(NOW))
    found = known(reader)["shell-cap"]
    answered(config, found.id, SuggestionState.ACCEPTED, NOW)

    append(transcript(home), *conversation(100, NOW + timedelta(hours=1), LONG + "again"))
    read(config)
    for hours in (2, 3):
        looked(config, epoch_ms(NOW + timedelta(hours=hours)))

    told = known(reader)["shell-cap"]
    assert told.verdict is Verdict.NONE
    assert told.discount < 0.6
    outcomes = measures(View(reader, 1), OPTIMISATION)
    assert [(one.value, one.origin) for one in outcomes] == [(0.0, f"suggestion-{told.id}")]

    answered(config, found.id, SuggestionState.DISMISSED, NOW)
    looked(config, epoch_ms(NOW + timedelta(hours=4)))
    assert known(reader)["shell-cap"].discount < 0.6
    answered(config, found.id, SuggestionState.NEW, NOW)
    assert known(reader)["shell-cap"].accepted_ms is None


def test_people_are_told_once_and_not_any_more_once_it_is_answered(
    config: Config, reader: Database
) -> None:
    for minutes in (0, 5):
        looked(config, epoch_ms(NOW + timedelta(minutes=minutes)))
    told = [one for one in open_alerts(View(reader, 1)) if one.rule == "suggestion"]
    found = known(reader)["shell-cap"]
    assert [one.subject for one in told].count(found.key) == 1

    answered(config, found.id, SuggestionState.DISMISSED, NOW)

    assert found.key not in {one.subject for one in open_alerts(View(reader, 1))}


def test_one_that_comes_to_matter_more_is_told_too(config: Config, reader: Database) -> None:
    said = replace(config, suggestions=replace(config.suggestions, notify="critical"))
    mild = replace(said, suggestions=replace(said.suggestions, critical_share=1))
    told = []
    for number, settings in enumerate((mild, said, said)):
        looked(settings, epoch_ms(NOW + timedelta(minutes=number)))
        told.append({one.subject for one in open_alerts(View(reader, 1))})

    critical = {one.key for one in suggestions(View(reader, 1)) if one.severity == "critical"}
    assert critical
    assert told == [set(), critical, critical]


def test_the_watch_looks_now_and_then_and_only_when_something_changed(
    config: Config, reader: Database, home: Path
) -> None:
    moments = [NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=9)]
    clock = iter([*moments, NOW + timedelta(minutes=20)])
    watch = SuggestionWatch(config, lambda: True, clock=lambda: next(clock))

    assert [watch.turn(), watch.turn(), watch.turn()] == [True, False, False]
    assert not SuggestionWatch(config, lambda: True, clock=lambda: NOW).turn()  # the next start
    append(transcript(home), *conversation(100, NOW + timedelta(hours=1), "ok"))
    read(config)
    assert watch.turn()
    counts = {one.name: one.times for one in trigger_counts(View(reader, 1))}
    assert counts["high cost"] == 1


def test_a_look_aside_finds_the_same(config: Config, reader: Database) -> None:
    here = look(View(reader, 1), config, epoch_ms(NOW))
    watch = SuggestionWatch(config, lambda: True, clock=lambda: NOW, aside=True)

    assert watch.turn()
    assert set(known(reader)) == {one.kind for one in here.found}
    assert not SuggestionWatch(config, lambda: True, clock=lambda: NOW, aside=True).turn()


def test_without_a_store_there_is_nothing_to_look_at(config: Config) -> None:
    assert not looked(config, epoch_ms(NOW))
    assert not answered(config, 1, SuggestionState.DONE, NOW)
    assert not SuggestionWatch(config, lambda: True, clock=lambda: NOW).turn()
