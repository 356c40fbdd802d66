"""One read of one log: where it goes on, and when it begins anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.sources.claude_lines import answer, prompt
from tests.sources.road import found_log, outputs, reading, write
from tokwatch.model.reading import Cursor
from tokwatch.sources import SOURCES, reader, source_named
from tokwatch.sources import lines as lines_module
from tokwatch.sources.reader import is_unchanged, read_log
from tokwatch.sources.source import Source

CLAUDE = "claude-code"


@pytest.fixture
def source() -> Source:
    found = source_named(CLAUDE)
    assert found is not None
    return found


def test_every_source_is_found_by_its_name() -> None:
    assert [source_named(source.name) for source in SOURCES] == list(SOURCES)
    assert source_named("another") is None


def test_sources_tell_their_title_and_how_to_resume() -> None:
    told = [(source.title, source.resume_command("s1")) for source in SOURCES[:2]]

    assert told == [
        ("Claude Code", "claude --resume s1"),
        ("Codex CLI", "codex resume s1"),
    ]


def test_a_hostile_session_cannot_end_the_command() -> None:
    """4.7: what is copied may be pasted into a shell."""
    assert [source.resume_command("s; rm -rf ~") for source in SOURCES[:2]] == [
        "claude --resume 's; rm -rf ~'",
        "codex resume 's; rm -rf ~'",
    ]


def test_a_read_goes_on_behind_the_last_complete_line(transcript: Path, projects: Path) -> None:
    """4.2: the offset is what was consumed, not the size seen before reading."""
    lines = [answer("a", 5), answer("b", 7)]
    first = reading(CLAUDE, write(transcript, lines[0], lines[1][:40]), projects)
    then = reading(CLAUDE, write(transcript, *lines), projects, first.cursor)

    assert first.cursor.offset == len(lines[0])
    assert (outputs(then), then.from_start) == ([7], False)
    assert then.sightings[0].offset == len(lines[0])


@pytest.mark.parametrize("is_shorter", [True, False])
def test_a_file_that_is_another_is_read_from_its_start(
    transcript: Path, projects: Path, *, is_shorter: bool
) -> None:
    """4.2: size and inode do not tell; what was read does."""
    first = reading(CLAUDE, write(transcript, answer("a", 5), answer("b", 7)), projects)
    lines = [answer("c", 9)] if is_shorter else [answer("c", 9), answer("d", 11), answer("e", 13)]
    then = reading(CLAUDE, write(transcript, *lines), projects, first.cursor)

    assert then.from_start
    assert len(outputs(then)) == len(lines)


def test_a_file_replaced_by_a_longer_self_goes_on(transcript: Path, projects: Path) -> None:
    """4.2: editors and sync tools replace by rename: a new inode, the same log."""
    first = reading(CLAUDE, write(transcript, answer("a", 5)), projects)
    beside = write(transcript.with_suffix(".tmp"), answer("a", 5), answer("b", 7))
    os.replace(beside, transcript)
    then = reading(CLAUDE, transcript, projects, first.cursor)

    assert (outputs(then), then.from_start) == ([7], False)


def test_a_newer_parser_reads_from_the_start(transcript: Path, projects: Path) -> None:
    """4.3: a repaired parser finds something else in the same bytes."""
    first = reading(CLAUDE, write(transcript, answer("a", 5)), projects)
    older = replace(first.cursor, version=first.cursor.version - 1)

    assert outputs(reading(CLAUDE, transcript, projects, older)) == [5]


def test_a_large_log_is_read_in_pieces(
    transcript: Path, projects: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.4: no read holds more than its share, and none is left out."""
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 2_000)
    lines = [answer(f"m{number}", 1) for number in range(20)] + [prompt()[:50]]
    log = write(transcript, *lines)
    cursor: Cursor | None = None
    pieces, more = [], True
    while more:
        found, more = read_log(source, found_log(log, projects), cursor, 1 << 20, 3_000)
        cursor = found.cursor
        pieces.append(len(found.sightings))
        assert is_unchanged(found_log(log, projects), cursor, cursor.version) is not more

    assert sum(pieces) == 20
    assert len(pieces) > 3


def test_a_log_whose_status_is_the_same_has_nothing_new(transcript: Path, projects: Path) -> None:
    """4.4: unchanged logs are never opened."""
    log = write(transcript, answer())
    found = found_log(log, projects)
    cursor = reading(CLAUDE, log, projects).cursor

    now = cursor.version
    assert is_unchanged(found, cursor, now)
    assert not is_unchanged(found, None, now)
    assert not is_unchanged(found._replace(size=1), cursor, now)
    assert not is_unchanged(found._replace(mtime_ns=1), cursor, now)
    assert not is_unchanged(found._replace(inode=1), cursor, now)
    assert not is_unchanged(found, cursor, now + 1), "a newer parser reads the log again"


def test_a_log_that_is_gone_is_an_error_of_the_system(projects: Path, source: Source) -> None:
    """4.2: the caller shows it; nothing is lost."""
    log = write(projects / "p" / "s.jsonl")
    found = found_log(log, projects)
    log.unlink()

    with pytest.raises(FileNotFoundError):
        read_log(source, found, None, 1 << 20, 1 << 20)


def test_a_log_outside_any_projects_folder_is_named_by_its_place(tmp_path: Path) -> None:
    """2.1: folders that the user adds need not look like the tool's."""
    log = write(tmp_path / "extra" / "shop" / "s9.jsonl", answer(cwd=None))
    nested = write(tmp_path / "extra" / "shop" / "s9" / "subagents" / "agent-a1.jsonl", answer())

    own = reading(CLAUDE, log, tmp_path / "extra").sightings[0].scope
    agents = reading(CLAUDE, nested, tmp_path / "extra").sightings[0].scope
    elsewhere = reading(CLAUDE, log, tmp_path / "other").sightings[0].scope

    assert (own.session, own.project) == ("s9", "shop")
    assert (agents.session, agents.agent) == ("s9", "a1")
    assert elsewhere.session == "s9"


def test_unread_is_no_size_of_a_file() -> None:
    """4.4: a log of which a part is left is never taken for an unchanged one."""
    assert reader.UNREAD < 0
