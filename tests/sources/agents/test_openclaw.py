"""OpenClaw: transcripts as files and, since 2026.7.2, as rows of a database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given

from tests.sources.agents.pi_logs import (
    AT,
    AT_MS,
    BEGUN_MS,
    OTHER,
    PROJECT,
    SESSION,
    answer,
    append,
    entry,
    header,
    openclaw_database,
    openclaw_log,
    prompt,
    usage,
)
from tests.sources.agents.spoilt import bytes_of, spoilt
from tests.sources.agents.test_pi import classes, folders
from tests.sources.road import CANARY, Fields, Road, found_log, reading, spelt
from tokwatch.model.event import Sighting
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources import source_named
from tokwatch.sources.agents import openclaw_tables
from tokwatch.sources.reader import read_log

SOURCE = "openclaw"
ARCHIVE = "2026-08-02T10-00-00.000Z"


def agents(home: Path) -> Path:
    """Return the folder of agents."""
    return home / ".openclaw" / "agents"


def database(home: Path) -> Path:
    """Return the database of the usual agent."""
    return agents(home) / "main" / "agent" / "openclaw-agent.sqlite"


def read(home: Path, *entries: Fields) -> Reading:
    """Return a reading of these entries as one transcript."""
    return reading(SOURCE, openclaw_log(home, header(), *map(spelt, entries)), agents(home))


def read_rows(home: Path, cursor: Cursor | None = None) -> Reading:
    """Return one read of the usual agent's database."""
    return reading(SOURCE, database(home), agents(home), cursor)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file in a folder; of a shared index only that it is there."""
    return {
        path.name: b"" if path.name.endswith("-shm") else path.read_bytes()
        for path in folder.iterdir()
    }


def test_a_transcript_is_read_as_pis_is(home: Path) -> None:
    """2.10: the same entries; here the time may stand in the message, as milliseconds."""
    (found,) = read(home, answer(at=None, begun=AT_MS)).sightings

    assert found.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert classes(found) == (12, 15_000, 300, 0, 200, None)
    assert found.instant_ms == AT_MS


def test_a_model_may_stand_before_the_answer_only(home: Path) -> None:
    """2.10: a model-snapshot or a model_change names it."""
    shot = {"provider": "ollama", "modelApi": "ollama", "modelId": "gemma4"}
    told = entry("custom", customType="model-snapshot", data=shot)
    other = entry("custom", customType="openclaw:prompt-error", data={"modelId": "no"})
    bare = entry("message", message={"role": "assistant", "usage": usage()})

    (found,) = read(home, told, other, bare).sightings

    assert found.model[:2] == ("ollama", "gemma4")


def test_usage_and_model_may_stand_beside_the_message(home: Path) -> None:
    beside: Fields = {"usage": usage(), "provider": "openai", "model": "gpt-5.6"}
    bare = entry("message", message={"role": "assistant", "content": CANARY}, **beside)

    (found,) = read(home, bare).sightings

    assert found.model[:2] == ("openai", "gpt-5.6")


def test_turns_of_command_line_agents_count_where_these_log_them(home: Path) -> None:
    """4.1: Claude Code's own log has what a turn of `claude-cli` cost."""
    cli = answer(None, api="cli", provider="claude-cli", model="default")

    assert read(home, cli, answer()).sightings[0].model.provider == "anthropic"
    assert len(read(home, cli, answer()).sightings) == 1


def test_texts_that_the_gateway_wrote_are_no_requests(home: Path) -> None:
    """Mirrors of what was delivered carry zeros."""
    nothing = {**usage(0, 0, 0, 0), "cost": {"total": 0}}
    mirror = answer(None, nothing, provider="openclaw", model="delivery-mirror")

    assert read(home, mirror).tally.synthetic == 1


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("s.jsonl", True),
        ("s-topic-7.jsonl", True),
        (f"s.jsonl.reset.{ARCHIVE}", True),
        (f"s.jsonl.deleted.{ARCHIVE}", True),
        ("s.checkpoint.0a6b3c1e-51f8-4f4e-9d64-1b7d1a7a5c11.jsonl", True),
        (f"s.jsonl.deleted.{ARCHIVE}.zst", False),
        (f"s.jsonl.bak.{ARCHIVE}", False),
        ("s.trajectory.jsonl", False),
        ("sessions.json", False),
    ],
)
def test_transcripts_are_known_by_their_names(name: str, wanted: bool) -> None:
    source = source_named(SOURCE)
    assert source is not None

    assert source.wants(f"/a/.openclaw/agents/main/sessions/{name}") == wanted
    assert not source.wants(f"/a/.openclaw/agents/main/agent/codex-home/{name}")


def test_a_transcript_that_was_reset_is_the_same_log(home: Path, road: Road) -> None:
    """4.3: a reset renames the transcript; its checkpoint repeats it."""
    log = openclaw_log(home, header(), spelt(answer()))
    road.read()
    os.rename(log, f"{log}.reset.{ARCHIVE}")
    openclaw_log(home, header(), spelt(answer()), name=f"{SESSION}.checkpoint.x.jsonl")
    road.read()

    assert road.total().requests == 1


@pytest.mark.parametrize("wal", [True, False])
def test_rows_are_read_and_appended_ones_seen(home: Path, road: Road, wal: bool) -> None:
    """Both journal modes; the next sweep sees what was appended."""
    tables = openclaw_database(home, wal=wal)
    append(tables, header(), prompt(), spelt(answer()))
    road.read()
    append(tables, spelt(answer("msg_b_0000000001")))
    append(tables, header(OTHER), spelt(answer("msg_c_0000000001")), session=OTHER)
    road.read()
    road.read()
    tables.close()

    sums = {group[:2]: spent.requests for group, spent in road.sums().items()}
    assert sums == {(SOURCE, SESSION): 2, (SOURCE, OTHER): 1}
    assert {event.scope.project for event in road.events()} == {PROJECT}


@pytest.mark.parametrize("wal", [True, False])
def test_a_writer_is_never_held_up_and_nothing_is_written(home: Path, wal: bool) -> None:
    """4.2: a read locks nobody out and leaves every byte of the folder as it was."""
    tables = openclaw_database(home, wal=wal)
    append(tables, header(), spelt(answer()))
    tables.execute("PRAGMA busy_timeout = 0")
    before = snapshot(database(home).parent)
    tables.execute("BEGIN IMMEDIATE")

    found = read_rows(home)

    assert snapshot(database(home).parent) == before
    append(tables, spelt(answer("msg_b_0000000001")))
    tables.execute("COMMIT")
    tables.close()
    assert len(found.sightings) == 1


def test_a_database_without_transcripts_is_no_fault(home: Path) -> None:
    """Between 2026.6.5 and 2026.7.1 it held no sessions."""
    tables = openclaw_database(home)
    tables.execute("DROP TABLE transcript_events")
    tables.close()

    assert read_rows(home).sightings == []


def test_a_database_that_is_none_is_an_error_of_reading(home: Path) -> None:
    path = database(home)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)

    with pytest.raises(OSError, match="SQLite"):
        read_rows(home)


def test_rows_that_were_read_are_told_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read goes on behind the mark, in pieces; what it looks at again is not tallied again."""
    monkeypatch.setattr(openclaw_tables, "_AT_ONCE_BYTES", 1)
    tables = openclaw_database(home)
    bad = answer(counts={"prompt_tokens": 1})
    append(tables, header(), spelt(bad), b"{", spelt(answer()))
    append(tables, spelt(answer("msg_b_0000000001")))
    tables.close()
    source = source_named(SOURCE)
    assert source is not None

    cursor: Cursor | None = None
    told: list[Sighting] = []
    tallies = []
    more = True
    while more:
        found, more = read_log(
            source, found_log(database(home), agents(home)), cursor, 1 << 20, 1 << 20
        )
        cursor = found.cursor
        told += found.sightings
        tallies.append(found.tally)

    assert len(tallies) == 5
    assert len({sighting.key for sighting in told}) == 2
    assert sum(tally.lines for tally in tallies) == 5
    assert sum(tally.bad_lines for tally in tallies) == 1
    assert sum(tally.unknown for tally in tallies) == 1


def test_a_replaced_row_is_read_again(home: Path, road: Road) -> None:
    """A transcript's end may be written anew under the same row ids."""
    tables = openclaw_database(home)
    append(tables, header(), spelt(answer("msg_a_0000000001")), spelt(answer("msg_b_0000000001")))
    road.read()
    tables.execute("DELETE FROM transcript_events WHERE seq = 2")
    append(tables, spelt(answer("msg_c_0000000001")))
    tables.close()
    road.read()

    assert road.total().requests == 3


@pytest.mark.parametrize("copy_first", [True, False])
def test_a_fork_in_the_database_counts_for_its_origin(
    home: Path, road: Road, copy_first: bool
) -> None:
    """4.1: a fork's window begins with copies of its parent's entries."""
    tables = openclaw_database(home)
    told = spelt(answer())
    fork = header(OTHER, timestamp="2026-08-01T11:00:00Z", parentSession=SESSION)
    windows = [(OTHER, fork), (SESSION, header())]
    for session, first in windows if copy_first else reversed(windows):
        append(tables, first, told, session=session)
        if not copy_first:
            road.read()
    road.read()
    tables.close()

    assert [group[1] for group in road.sums()] == [SESSION]
    assert road.total().requests == 1


def test_a_transcript_that_was_migrated_counts_once(home: Path, road: Road) -> None:
    """The files stay behind when a transcript moves into the database."""
    lines = (header(), spelt(answer()), spelt(answer(None)))
    openclaw_log(home, *lines, name=f"{SESSION}.jsonl.deleted.{ARCHIVE}")
    tables = openclaw_database(home)
    append(tables, *lines)
    tables.close()
    road.read()

    assert road.total().requests == 2


@given(spoilt(answer()))
def test_garbage_in_a_row_costs_no_good_one(
    tmp_path_factory: pytest.TempPathFactory, record: object
) -> None:
    """4.2: whatever stands between them, good rows count; so do rows of other sessions."""
    home = tmp_path_factory.mktemp("bad")
    tables = openclaw_database(home)
    append(tables, spelt(answer("msg_a_0000000001")), bytes_of(record), b"", b'{"type":')
    append(tables, spelt(answer("msg_b_0000000001", begun=BEGUN_MS)), session="\x1b[1mx")
    tables.close()

    found = read_rows(home)

    assert {sighting.output for sighting in found.sightings} >= {200}
    assert len(found.sightings) >= 2
    assert all("\x1b" not in sighting.scope.session for sighting in found.sightings)


def test_titles_and_folders(home: Path) -> None:
    """Titles are first words; overrides replace the folders at home; profiles are found."""
    source = source_named(SOURCE)
    assert source is not None
    tables = openclaw_database(home)
    append(tables, header(), prompt("fix the build"), spelt(answer(at=AT)))
    tables.close()
    (home / ".openclaw-work").mkdir()

    assert source.title_of(database(home), SESSION) == "fix the build"
    assert source.title_of(database(home), "none") == ""
    assert source.title_of(home / "openclaw-agent.sqlite", SESSION) == ""
    assert source.title_of(openclaw_log(home, prompt("go on")), SESSION) == "go on"
    assert "30 days" in source.retention(None)  # type: ignore[arg-type]  # it looks nowhere
    assert folders(SOURCE, home)[0] == ".openclaw/agents"
    assert folders(SOURCE, home)[-1] == ".openclaw-work/agents"
    for name in ("OPENCLAW_STATE_DIR", "OPENCLAW_DIR"):
        assert folders(SOURCE, home, **{name: str(home / "claw")}) == ["claw/agents"]
