"""Sub-agents of Claude Code: their logs, their kinds, and their echoes in the main transcript."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.claude_lines import PROJECT, SESSION, answer, echo, prompt
from tests.sources.road import Road, outputs, reading, write
from tokwatch.model.reading import AgentNote
from tokwatch.model.usage import Dimension
from tokwatch.sources import source_named

NESTED = f"{PROJECT}/{SESSION}/subagents/agent-a1.jsonl"


@pytest.mark.parametrize(
    ("path", "session", "agent"),
    [
        (NESTED, SESSION, "a1"),
        (f"{PROJECT}/{SESSION}/subagents/workflows/run7/agent-b2.jsonl", SESSION, "b2"),
        (f"{PROJECT}/{SESSION}/workflows/run7/agent-b3.jsonl", SESSION, "b3"),
        (f"{PROJECT}/agent-c3.jsonl", SESSION, "c3"),
        (f"{PROJECT}/{SESSION}.jsonl", SESSION, ""),
    ],
)
def test_a_sub_agents_log_belongs_to_its_session(
    projects: Path, path: str, session: str, agent: str
) -> None:
    """4.1: sub-agents are real spend; without them parents are 45 to 77 % low."""
    log = write(projects / path, answer("a", 5))

    (sighting,) = reading("claude-code", log, projects).sightings

    assert (sighting.scope.session, sighting.scope.agent) == (session, agent)


def test_a_flat_agent_log_keeps_its_session_over_reads(road: Road, projects: Path) -> None:
    """2.1: the lines of 2.0's flat files name the session, the path does not."""
    log = projects / PROJECT / "agent-c3.jsonl"
    write(log, answer("a", 5))
    road.read()
    write(log, answer("a", 5), answer("b", 7, session="another"))
    road.read()

    assert {event.scope.session for event in road.events()} == {SESSION}


def test_journals_of_workflows_are_no_transcripts() -> None:
    """2.1: journal.jsonl repeats what the agents' own files hold."""
    source = source_named("claude-code")
    assert source is not None

    assert not source.wants(f"/p/{SESSION}/subagents/workflows/run7/journal.jsonl")
    assert not source.wants("C:\\p\\workflows\\run7\\journal.jsonl")
    assert not source.wants(f"/p/{SESSION}/subagents/agent-a1.meta.json")
    assert source.wants(f"/p/{SESSION}/subagents/workflows/run7/agent-b2.jsonl")


def test_the_small_file_beside_it_tells_an_agents_kind(projects: Path) -> None:
    """2.1: agent-<hex>.meta.json names the type of agent."""
    log = write(projects / NESTED, answer())
    log.with_name("agent-a1.meta.json").write_text('{"agentType":"Explore","description":"x"}')

    assert reading("claude-code", log, projects).notes == (AgentNote(SESSION, "a1", "Explore"),)


@pytest.mark.parametrize(
    "meta",
    [
        b"",
        b"{",
        b"[]",
        b'{"agentType":""}',
        b'{"agentType":7}',
        b'{"agentType":["Explore"]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_small_file_that_tells_nothing_is_no_fault(projects: Path, meta: bytes) -> None:
    """4.7: any file may hold anything."""
    log = write(projects / NESTED, answer())
    log.with_name("agent-a1.meta.json").write_bytes(meta)

    found = reading("claude-code", log, projects)

    assert (found.notes, outputs(found)) == ((), [100])


def test_an_agents_kind_is_told_when_its_file_comes_late(projects: Path) -> None:
    """2.1: the small file may be written after the first lines."""
    log = write(projects / NESTED, answer())
    first = reading("claude-code", log, projects)
    log.with_name("agent-a1.meta.json").write_text('{"agentType":"Explore"}')
    write(log, answer(), answer("b", 7))
    second = reading("claude-code", log, projects, first.cursor)
    write(log, answer(), answer("b", 7), answer("c", 9))
    third = reading("claude-code", log, projects, second.cursor)

    assert [len(found.notes) for found in (first, second, third)] == [0, 1, 0]


def test_an_agents_kind_reaches_the_reports(road: Road, projects: Path) -> None:
    """2.1: usage can be told by the kind of agent."""
    log = write(projects / NESTED, answer("a", 5))
    log.with_name("agent-a1.meta.json").write_text('{"agentType":"Explore"}')
    write(projects / PROJECT / f"{SESSION}.jsonl", answer("b", 7))
    road.read()

    found = {group: spent.output for group, spent in road.sums((Dimension.KIND,)).items()}

    assert found == {("Explore",): 5, ("main",): 7}


def test_an_echo_counts_where_the_agents_log_is_missing(road: Road, transcript: Path) -> None:
    """C7: progress lines are then the only record of billed calls; the last one counts."""
    write(transcript, prompt(), echo("a", 1), echo("a", 50), answer("b", 7))
    road.read()

    assert road.total().output == 57
    assert {event.scope.agent for event in road.events()} == {"", "a1"}


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("is_echo_first", [False, True])
def test_an_echo_gives_way_to_the_agents_own_log(
    road: Road, transcript: Path, projects: Path, *, is_late: bool, is_echo_first: bool
) -> None:
    """C7: a transcript line that turns up later takes over, whichever is read first."""
    logs = [
        (transcript, echo("a", 50)),
        (projects / NESTED, answer("a", 40, isSidechain=True, agentId="a1")),
    ]
    for path, line in logs if is_echo_first else reversed(logs):
        write(path, line)
        if is_late:
            road.read()
    road.read()

    assert (road.total().output, road.total().requests) == (40, 1)


def test_an_echo_gives_way_within_one_log(road: Road, transcript: Path) -> None:
    """C7: older versions wrote the side chain itself into the main transcript."""
    write(transcript, echo("a", 50), answer("a", 40, isSidechain=True), echo("a", 50))
    road.read()

    assert road.total().output == 40


def test_echoes_of_one_response_in_several_logs_count_once(road: Road, projects: Path) -> None:
    """C4 and C7: a fork copies progress lines too."""
    write(projects / PROJECT / "s1.jsonl", echo("a", 50, at="2026-08-01T10:00:00.000Z"))
    write(projects / PROJECT / "s2.jsonl", echo("a", 50, at="2026-08-02T10:00:00.000Z"))
    road.read()

    assert [event.scope.session for event in road.events()] == ["s1"]
    assert road.total().output == 50


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        5,
        [],
        {},
        {"message": None},
        {"message": "text"},
        {"message": {"message": None}},
        {"message": {"message": {"usage": {}}}},
        {"message": {"message": {"usage": None, "id": "a"}}},
        {"message": {"message": {"usage": {}, "id": 5}}},
        {"message": {"message": {"usage": {}, "id": "a", "model": "<synthetic>"}}},
    ],
)
def test_progress_of_another_shape_tells_nothing(
    transcript: Path, projects: Path, data: object
) -> None:
    """2.1: hooks and tools report their progress on such lines too."""
    changed = json.loads(echo("a", 50)) | {"data": data, "note": '"usage"'}
    write(transcript, json.dumps(changed, separators=(",", ":")).encode() + b"\n", answer("b", 7))

    found = reading("claude-code", transcript, projects)

    assert (outputs(found), found.tally.bad_lines) == ([7], 0)


@pytest.mark.parametrize(("at", "expected"), [(None, [50]), ("yesterday", []), (5, [])])
def test_an_echo_is_dated_by_itself_or_its_line(
    transcript: Path, projects: Path, at: object, expected: list[int]
) -> None:
    """C7: the day is that of the embedded message, else of the progress line."""
    changed = json.loads(echo("a", 50))
    changed["data"]["message"]["timestamp"] = at
    changed["timestamp"] = "2026-08-01T10:00:00.000Z" if at is None else at
    write(transcript, json.dumps(changed, separators=(",", ":")).encode() + b"\n")

    assert outputs(reading("claude-code", transcript, projects)) == expected


def test_an_echo_of_odd_types_is_read_all_the_same(transcript: Path, projects: Path) -> None:
    """Section 4: every field is optional and of any type."""
    changed = json.loads(echo("a", 50))
    changed["data"]["message"]["message"]["usage"]["input_tokens"] = "many"
    changed["data"]["agentId"] = 7
    write(transcript, json.dumps(changed, separators=(",", ":")).encode() + b"\n")

    (sighting,) = reading("claude-code", transcript, projects).sightings

    assert (sighting.input, sighting.output, sighting.scope.agent) == (0, 50, "")
