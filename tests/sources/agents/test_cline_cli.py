"""Cline's own sessions: of its command line, and of its extension since 4.1 (FORMATS 2.12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from tests.sources.agents.cline_logs import (
    AT_MS,
    PROJECT,
    metrics,
    request,
    session_log,
    spoken,
    task_log,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, spoilt
from tests.sources.agents.test_pi import classes, folders
from tests.sources.road import CANARY, Fields, Road, Spent, reading, write
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import AgentNote, Reading
from tokwatch.sources import source_named

SOURCE = "cline-cli"
SESSION = "1785_ab"
CALL = Spent(1, 100, 1_000, 0, 20_000, 40, 0)
RESUMED: Fields = {
    "role": "user",
    "content": "Warning: this is a legacy conversation, which means tool names may have changed.",
}


def read(home: Path, *messages: Fields, agent: str = "") -> Reading:
    """Return a reading of these messages as one session."""
    log = session_log(home, *messages, agent=agent)
    return reading(SOURCE, log, home / ".cline" / "data" / "sessions")


def one(home: Path, *messages: Fields, agent: str = "") -> Sighting:
    """Return the only sighting of these messages."""
    (found,) = read(home, *messages, agent=agent).sightings
    return found


def test_an_answer_counts_in_its_classes(home: Path) -> None:
    """Input is the whole prompt here, cache reads and writes included."""
    found = one(home, {"role": "user", "content": CANARY}, spoken())

    assert classes(found) == (100, 20_000, 1_000, 0, 40, None)
    assert found.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert found.model == ("anthropic", "claude-sonnet-4-6", "standard")
    assert (found.instant_ms, found.logged_nano, found.offset) == (AT_MS, 12_000_000, 1)
    assert (found.grade, found.final) == (Grade.RECORD, 1)


def test_input_that_is_too_small_for_the_cache_excludes_it(home: Path) -> None:
    assert one(home, spoken(metrics=metrics(50))).input == 50


def test_what_claude_codes_own_logs_tell_counts_there(home: Path) -> None:
    """4.1: as a provider it is its command that asks, and logs what it asked."""
    theirs = spoken(modelInfo={"id": "claude-sonnet-4-6", "provider": "claude-code"})

    assert read(home, theirs).sightings == []


def test_a_sub_agent_belongs_to_the_session(home: Path) -> None:
    """4.1: its messages lie in the session's folder, and only there."""
    found = read(home, spoken(), agent="agent_7")

    assert found.sightings[0].scope[1:3] == (SESSION, "agent_7")
    assert found.notes == (AgentNote(SESSION, "agent_7", "subagent"),)


def test_the_history_of_an_older_task_counts_where_it_was_made(home: Path, road: Road) -> None:
    """4.1: an older task goes on as a session that begins with the task's sum."""
    task_log(home, [request(AT_MS), request(AT_MS + 1)])
    whole = spoken("a" * 21, metrics=metrics(42_200, 80, 40_000, 2_000))
    session_log(home, whole, RESUMED, spoken("b" * 21, AT_MS + 2), session="s")
    road.read()

    assert road.total() == CALL.plus(CALL).plus(CALL)
    as_blocks = {"role": "user", "content": [{"text": "go on"}, {"text": RESUMED["content"]}]}
    assert len(read(home, whole, as_blocks, spoken()).sightings) == 1


def test_a_restored_session_repeats_its_origin(home: Path, road: Road) -> None:
    """4.1: messages keep their ids, which are random; short ones are of their session."""
    session_log(home, spoken(), spoken("m1"), session="s1")
    session_log(home, spoken(), spoken("m1"), spoken(""), session="s2")
    road.read()

    assert road.total().requests == 4


def test_the_last_state_of_a_session_counts(home: Path, road: Road) -> None:
    """0: the document is written anew at each change."""
    session_log(home, spoken(metrics=metrics(output=3)))
    road.read()
    for _ in range(2):
        session_log(home, spoken(), {"role": "user", "content": "more"})
        road.read()

    assert road.total() == CALL


def test_an_array_alone_is_a_session_too(home: Path) -> None:
    log = session_log(home)
    write(log, json.dumps([spoken()]).encode())

    found = reading(SOURCE, log, home / ".cline" / "data" / "sessions").sightings

    assert [sighting.output for sighting in found] == [40]


def test_without_a_model_the_manifest_tells(home: Path) -> None:
    assert one(home, spoken(modelInfo=None)).model[:2] == ("cline", "m0")


def test_troubles_are_told(home: Path) -> None:
    """0.7: usage without a time, of an unknown shape, and documents that are none."""
    nothing = spoken(metrics=metrics(0, 0, 0, 0))
    found = read(home, spoken(at=None), spoken(metrics={"tokens": 3}), nothing, {"role": "user"})
    torn = write(session_log(home).parent / "t.messages.json", b'{"messages":[')

    assert (found.sightings, found.tally.undated, found.tally.unknown) == ([], 1, 1)
    assert found.tally.sample == "tokens"
    assert reading(SOURCE, torn, home).tally.bad_lines == 1


def test_names_are_made_safe_and_no_prompt_is_stored(
    home: Path, road: Road, tmp_path: Path
) -> None:
    """4.7: log text is hostile, and private."""
    told = one(home, spoken(modelInfo={"id": HOSTILE, "provider": HOSTILE}), agent="a")
    session_log(home, {"role": "user", "content": CANARY}, spoken(), prompt=CANARY)
    road.read()

    assert not any(mark in name for name in told.model for mark in "\x1b\x07\u202e\ud800")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert CANARY.encode() not in stored


@given(spoilt(spoken("c" * 21)), spoilt({"cwd": PROJECT, "model": "m", "metadata": {}}))
def test_garbage_costs_no_good_record(
    tmp_path_factory: pytest.TempPathFactory, message: object, manifest: object
) -> None:
    """4.2: whatever stands between them, good records count."""
    home = tmp_path_factory.mktemp("bad")
    log = session_log(home)
    told = {"messages": [spoken("a" * 21), message, spoken("b" * 21, AT_MS + 3)]}
    write(log, bytes_of(told))
    write(log.parent / f"{SESSION}.json", bytes_of(manifest))

    found = reading(SOURCE, log, home).sightings

    assert {AT_MS, AT_MS + 3} <= {sighting.instant_ms for sighting in found}
    assert all(count >= 0 for sighting in found for count in classes(sighting) if count)


def test_titles_folders_and_names(home: Path) -> None:
    """Titles are the session's own or its first words; overrides replace the folder at home."""
    source = source_named(SOURCE)
    assert source is not None
    titled = session_log(home, metadata={"title": "Fix \x1b[1mit"}, prompt="x")
    asked = session_log(home, prompt="fix  the\nbuild", session="s2")
    words = session_log(home, {"role": "user", "content": "go  on"}, session="s3")

    assert source.title_of(titled, SESSION) == "Fix [1mit"
    assert source.title_of(asked, "s2") == "fix the build"
    assert source.title_of(words, "s3") == "go on"
    assert source.title_of(home / "none" / "x.messages.json", "") == ""
    assert source.resume_command("a b") == "cline --id 'a b'"
    assert source.wants(str(titled))
    assert not source.wants(str(titled.parent / f"{SESSION}.json"))
    assert folders(SOURCE, home) == [".cline/data/sessions"]
    assert folders(SOURCE, home, CLINE_DATA_DIR=str(home / "d")) == ["d/sessions"]
    assert folders(SOURCE, home, CLINE_SESSION_DATA_DIR=str(home / "s")) == ["s"]
