"""A whole conversation of every source with detail, told as a slow second reader finds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources.agents.talk import MARK
from tests.sources.agents.talk_databases import DATABASES
from tests.sources.agents.talk_documents import DOCUMENTS, gemini_document, opencode_files
from tests.sources.agents.talk_lines import LINES
from tests.sources.detail_road import detailed, in_pieces, read
from tests.sources.reference_talk import calls, characters, pictures
from tests.sources.road import reading
from tokwatch.model.detail import Detail, Part
from tokwatch.model.event import Grade
from tokwatch.sources import SOURCES
from tokwatch.sources.source import can_show, is_detailed

TALKS: dict[str, Callable[[Path], Path]] = {**LINES, **DOCUMENTS, **DATABASES}
OLDER: dict[str, Callable[[Path], Path]] = {
    "gemini-cli": gemini_document,
    "opencode": opencode_files,
}
"""Forms that older versions wrote."""
KIN = ("omp", "prime-agent", "roo-code", "kilo-code", "kilo-cli", "mimo-code", "icodemate")
"""Read by the same lines as another tool."""
EVERY = [*(item for item in TALKS.items() if item[0] not in KIN), *OLDER.items()]
NAMED = [*(name for name in TALKS if name not in KIN), *(f"older {name}" for name in OLDER)]
ELSEWHERE = ("claude-code", "codex")
"""Their conversations have tests of their own."""
TEXTS = [part for part in Part if part not in (Part.TOOL_CALL, Part.IMAGE)]
every_talk = pytest.mark.parametrize(("source", "written"), EVERY, ids=NAMED)


def logs_of(path: Path) -> list[Path]:
    """Return all files of a conversation."""
    if path.suffix == ".json" and path.parent.parent.name == "message":
        return [*path.parent.glob("*.json"), *path.parents[2].glob("part/*/*.json")]
    if path.suffix in (".db", ".sqlite"):
        return [path]
    return [one for one in path.parent.glob("*") if one.suffix in (".json", ".jsonl")]


def told(source: str, path: Path) -> Detail:
    """Return the whole detail of a log."""
    return in_pieces(source, path, 1 << 30)


def test_every_source_with_detail_has_a_talk() -> None:
    named = {source.name for source in SOURCES if is_detailed(source)}
    assert named == {*TALKS, *ELSEWHERE}


@every_talk
def test_blocks_weigh_what_a_second_reader_finds(
    source: str, written: Callable[[Path], Path], home: Path
) -> None:
    path = written(home)
    found, logs = told(source, path), logs_of(path)

    expected = characters(*logs)
    sums = {part: sum(b.chars for b in found.blocks if b.part is part) for part in TEXTS}
    assert sums == {part: expected[part.value] for part in TEXTS}
    assert sum(b.part is Part.TOOL_CALL for b in found.blocks) == calls(*logs)
    assert sum(b.part is Part.IMAGE for b in found.blocks) == pictures(*logs)


@pytest.mark.parametrize("source", TALKS)
def test_the_parts_that_are_promised_are_told(source: str, home: Path) -> None:
    found, promised = told(source, TALKS[source](home)), detailed(source).conversations

    assert {block.part.value for block in found.blocks} == set(promised.parts.split(", "))
    kinds = {one.kind for one in found.incidents}
    has = {
        "turns": bool(found.turns),
        "compactions": bool(found.compactions),
        "failures": bool(kinds - {"interrupted"}),
        "interruptions": kinds == {"interrupted"},
        "delegations": bool(found.delegations),
    }
    assert [name for name in has if has[name]] == [*filter(None, promised.events.split(", "))]


@every_talk
def test_results_know_their_tools(source: str, written: Callable[[Path], Path], home: Path) -> None:
    blocks = told(source, written(home)).blocks
    asked = {block.call: block for block in blocks if block.part is Part.TOOL_CALL}
    results = [block for block in blocks if block.part is Part.TOOL_RESULT]

    assert results
    for result in results:
        call = asked[result.call]
        assert (result.tool, result.subject) == (call.tool, call.subject)
        assert result.tool
        assert result.subject
        assert result.number > call.number


@every_talk
def test_requests_are_those_that_the_fast_pass_counts(
    source: str, written: Callable[[Path], Path], home: Path
) -> None:
    path = written(home)
    events = {
        one.key
        for log in logs_of(path)
        if detailed(source).wants(str(log))
        for one in reading(source, log, log.parent).sightings
        if one.grade == Grade.RECORD and one.requests == 1
    }
    asked = {block.request for block in told(source, path).blocks} - {0}

    if detailed(source).conversations.requests == "none":
        assert asked == set()
    elif source == "copilot-cli":
        store = path.parents[2] / "session-store.db"
        assert asked == {one.key for one in reading(source, store, store.parent).sightings}
    else:
        assert asked <= events
        assert len(asked) >= min(2, len(events))


@every_talk
def test_turns_tell_what_a_prompt_set_off(
    source: str, written: Callable[[Path], Path], home: Path
) -> None:
    found = told(source, written(home))
    if "turns" not in detailed(source).conversations.events:
        assert found.turns == ()
        return
    first = min(found.turns, key=lambda turn: turn.begin_ms)
    assert first.requests >= 1
    assert first.end_ms > first.begin_ms
    assert sum(turn.tool_calls for turn in found.turns) == sum(
        block.part is Part.TOOL_CALL for block in found.blocks
    )


@pytest.mark.parametrize("source", [name for name in LINES if name not in KIN])
@pytest.mark.parametrize("piece", [1, 300, 1500])
def test_a_log_in_pieces_is_the_log_whole(source: str, piece: int, home: Path) -> None:
    path = LINES[source](home)
    assert in_pieces(source, path, piece) == told(source, path)


@every_talk
def test_no_text_is_kept(source: str, written: Callable[[Path], Path], home: Path) -> None:
    path = written(home)
    found = read(source, path)
    assert found.detail.blocks
    for place in (repr(found.detail), repr(found.cursor)):
        assert MARK not in place
        assert "words" not in place
    assert MARK.encode() not in found.cursor.state
    assert b"words" not in found.cursor.state


@every_talk
def test_the_record_of_a_block_is_shown(
    source: str, written: Callable[[Path], Path], home: Path
) -> None:
    path = written(home)
    reader = detailed(source)
    if path.suffix == ".jsonl":
        return  # a line is found by its byte
    assert can_show(reader)
    for block in told(source, path).blocks:
        if block.part not in (Part.IMAGE, Part.SYSTEM):
            assert block.part.value in repr(reader.record_at(path, block.offset))
    for one in reading(source, path, path.parent).sightings:
        assert reader.record_at(path, one.offset)
    assert reader.record_at(path, (1 << 40) + 999) is None
