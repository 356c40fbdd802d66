"""The detail of a log is the same however it is read, whatever bytes it holds."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.sources import claude_lines, codex_lines, detail_road
from tests.sources.agents import claude_talk as claude
from tests.sources.agents import codex_talk as codex
from tests.sources.claude_lines import answer, prompt
from tests.sources.codex_lines import item, meta, record, totals
from tests.sources.detail_road import in_pieces, read
from tests.sources.road import CANARY, FIXTURES, spelt, write
from tests.sources.test_fuzz import JUNK, LOGS, SPICES

TALK = (
    *(claude.shape("s" * 90, "Bash", "Read"), prompt("go", uuid="1"), claude.request("r1")),
    claude.said(claude.thinking(), counts={"output_tokens": 500}, requestRef="r1"),
    claude.said(claude.text(), counts={"output_tokens": 500}),
    claude.said(claude.call("Task", subagent_type="Explore"), counts={"output_tokens": 500}),
    claude.request("r2", source="agent:Explore", agentId="a1"),
    claude.result([claude.text("report")], toolUseResult={"agentId": "a1"}),
    claude.said(claude.text("x" * 99), name="msg_2"),
    claude.compacted(trigger="auto", preTokens=5, preservedSegment={"headUuid": "1"}),
    *(prompt("sum", uuid="5", isCompactSummary=True), claude.shape("t", "Read")),
    *(prompt("more", uuid="6"), claude.said(claude.call("Bash", "toolu_2"), name="msg_3")),
    claude.asked([claude.text("[Request interrupted by user]")], uuid="7"),
)
THREAD = (
    *(meta(), codex.started(), codex.said("user", "go"), codex.reasoning(), item("a")),
    *(codex.call("spawn_agent", message="x"), totals((10, 0, 9, 4), (10, 0, 9, 4))),
    *(codex.output('{"agent_id": "t2"}'), codex.call("wait_agent", "call_2")),
    *(record("resp_1", (20, 0, 9, 4)), codex.output('{"status": {"t2": {}}}', "call_2")),
    *(codex_lines.line("compacted", {"message": "sum"}), totals((20, 0, 9, 4), (5, 0, 0, 0))),
    *(codex.reasoning(), item("b"), record("resp_2", (30, 0, 9, 4))),
    codex_lines.event("task_complete"),
)
WRITTEN = {"claude-code": TALK, "codex": THREAD}


def source_of(name: str) -> str:
    """Return the source of a fixture."""
    return "codex" if ".codex" in name else "claude-code"


@pytest.mark.parametrize("source", WRITTEN)
@settings(max_examples=25)
@given(piece=st.integers(min_value=1, max_value=6000))
def test_a_log_in_pieces_is_the_log_whole(source: str, piece: int) -> None:
    with TemporaryDirectory() as scratch:
        path = write(Path(scratch, "log.jsonl"), *WRITTEN[source])
        whole = in_pieces(source, path, 1 << 30)
        assert in_pieces(source, path, piece) == whole
    assert len(whole.blocks) > 8
    assert whole.turns
    assert whole.compactions
    assert whole.delegations


@pytest.mark.parametrize("name", LOGS)
def test_a_fixture_line_by_line_is_the_fixture_whole(name: str) -> None:
    path, source = FIXTURES / name, source_of(name)
    if "projects" in name or ".codex" in name:
        assert in_pieces(source, path, 1) == in_pieces(source, path, 1 << 30)


@pytest.mark.parametrize("source", WRITTEN)
@settings(max_examples=20)
@given(cut=st.integers(min_value=0, max_value=20_000))
def test_a_log_that_grows_ends_as_one_that_was_whole(source: str, cut: int) -> None:
    content = b"".join(WRITTEN[source])
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "log.jsonl")
        path.write_bytes(content[:cut])
        first = read(source, path)
        path.write_bytes(content)
        second = read(source, path, first.cursor)
        whole = in_pieces(source, path, 1 << 30)
        details = [second.detail] if second.from_start else [first.detail, second.detail]
        assert detail_road.joined(details) == whole
        again = read(source, path, second.cursor)
    assert (again.detail.blocks, again.detail.turns, again.more) == ((), (), False)


@pytest.mark.parametrize("source", WRITTEN)
@settings(max_examples=20)
@given(
    junk=st.lists(JUNK, max_size=3),
    spice=st.sampled_from(SPICES),
    where=st.integers(min_value=0, max_value=9000),
)
def test_junk_is_never_fatal(source: str, junk: list[bytes], spice: bytes, where: int) -> None:
    content = b"\n".join([*junk, b"".join(WRITTEN[source])])
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "log.jsonl")
        path.write_bytes(content[:where] + spice + content[where:])
        assert in_pieces(source, path, 2000) == in_pieces(source, path, 1 << 30)


WRONG = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "\ud800", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("source", WRITTEN)
@settings(max_examples=30)
@given(data=st.data(), piece=st.integers(min_value=1, max_value=4000))
def test_fields_of_any_type_are_never_fatal(source: str, data: st.DataObject, piece: int) -> None:
    lines = list(WRITTEN[source])
    place = data.draw(st.integers(0, len(lines) - 1))
    lines[place] = spelt(spoilt(json.loads(lines[place]), data))
    with TemporaryDirectory() as scratch:
        path = write(Path(scratch, "log.jsonl"), *lines)
        assert in_pieces(source, path, piece) == in_pieces(source, path, 1 << 30)


def spoilt(value: object, data: st.DataObject) -> object:
    """Return a value with one of its parts, however deep, replaced by nonsense."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 3)):
        name = data.draw(st.sampled_from(sorted(value)))
        return value | {name: spoilt(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3)):
        return [spoilt(value[0], data), *value[1:]]
    return data.draw(WRONG)


@pytest.mark.parametrize("source", WRITTEN)
def test_no_text_is_told(source: str) -> None:
    told = CANARY.encode()
    logs = {
        "claude-code": (
            *(prompt(CANARY), answer(text=CANARY), claude.said(claude.thinking(CANARY))),
            *(claude.said(claude.call(command=CANARY), name="m2"), claude.result(CANARY)),
            *(claude.shape(CANARY), claude_lines.attachment(CANARY)),
            prompt(CANARY, uuid="9", isCompactSummary=True),
        ),
        "codex": (
            *(meta(), codex.said("user", CANARY), item(CANARY), codex.call(cmd=CANARY)),
            *(codex.output(CANARY), codex_lines.line("compacted", {"message": CANARY})),
        ),
    }
    with TemporaryDirectory() as scratch:
        path = write(Path(scratch, "log.jsonl"), *logs[source])
        found = read(source, path)
    assert len(found.detail.blocks) >= len(logs[source]) - 1
    assert told not in repr(found).encode()
    assert b"CANARY" not in repr(found).encode()


def test_a_log_that_was_written_anew_is_told_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", prompt("one"), prompt("two", uuid="2"))
    first = read("claude-code", path)
    write(path, prompt("other, and longer than before"), prompt("two", uuid="2"), prompt("3"))
    second = read("claude-code", path, first.cursor)
    assert second.from_start
    assert [block.number for block in second.detail.blocks] == [0, 1]


def test_another_version_reads_a_log_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", prompt("one"))
    found = read("claude-code", path)
    cursor = replace(found.cursor, version=99)
    assert read("claude-code", path, cursor).from_start


def test_a_piece_that_is_left_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", prompt("one"), prompt("two", uuid="2"))
    found = read("claude-code", path, piece=1)
    assert found.more
    assert found.cursor.size != path.stat().st_size
    assert read("claude-code", path, found.cursor).cursor.size == path.stat().st_size
