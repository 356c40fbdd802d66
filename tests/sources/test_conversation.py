"""Blocks and turns, whatever tool they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.model.detail import Part, server_of
from tokwatch.sources.conversation import (
    At,
    Conversation,
    Memory,
    encoded,
    hash_of,
    keep,
    shares,
    tokens_of,
)
from tokwatch.sources.subjects import subject_of

HERE = At(1000, "", 0)


def test_tokens_are_a_quarter_of_the_bytes() -> None:
    assert [tokens_of(b"x" * count) for count in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert tokens_of("語".encode() * 4) == 3


@given(total=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**6), max_size=9))
def test_shares_add_up_to_the_total(total: int, weights: list[int]) -> None:
    found = shares(total, weights)
    assert len(found) == len(weights)
    assert all(share >= 0 for share in found)
    assert sum(found) == (total if sum(weights) else 0)


def test_only_so_many_are_kept_the_newest() -> None:
    kept: dict[int, object] = {}
    for number in (1, 2, 3, 1, 4):
        keep(kept, number, str(number), 3)
    assert list(kept) == [3, 1, 4]


def test_a_result_after_many_other_calls_has_no_tool() -> None:
    talk = Conversation(Memory())
    for number in range(80):
        talk.call(HERE, "Bash", {}, f"call {number}", 0)
    late = talk.result(HERE, ["x"], [], "call 1", is_error=False)
    known = talk.result(HERE, ["x"], [], "call 79", is_error=False)
    assert late is not None
    assert known is not None
    assert (late.tool, known.tool) == ("", "Bash")


def test_a_result_of_nothing_is_an_empty_block() -> None:
    found = Conversation(Memory()).result(HERE, [], [], "", is_error=True)
    assert found is not None
    assert (found.tokens, found.chars, found.is_error) == (0, 0, True)


def test_a_conversation_of_one_of_many_sessions_says_which() -> None:
    talk = Conversation(Memory(), "s1")
    talk.text(HERE, Part.USER, "go")
    talk.turns.answered(HERE)
    talk.failed(HERE, "server", 500, 1)
    detail = talk.detail(b"")
    told = {one.session for one in detail.blocks}
    told |= {one.session for one in detail.turns} | {one.session for one in detail.incidents}
    assert told == {"s1"}


@pytest.mark.parametrize(
    "value", [None, {}, {"a": [1, 2.5, None]}, {"a": float("nan")}, {1: object()}, 2**70]
)
def test_any_value_can_be_weighed(value: object) -> None:
    assert isinstance(encoded(value), bytes)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"file_path": "/a.py", "command": "x"}, "/a.py"),
        ({"notebook_path": "/a.ipynb"}, "/a.ipynb"),
        ({"path": "/a.py"}, "/a.py"),
        ({"command": ["bash", "-lc", "make"]}, "bash -lc make"),
        ({"url": "https://example.org"}, "https://example.org"),
        ({"pattern": "x", "path": "/src"}, "x\0/src"),
        ({"query": "bug"}, "bug\0"),
        ({"todos": []}, ""),
        ({"file_path": 7, "command": None}, ""),
        (None, ""),
        ("make", ""),
    ],
)
def test_a_call_is_about_what_its_arguments_name(arguments: object, named: str) -> None:
    assert subject_of(arguments) == hash_of(named)


@pytest.mark.parametrize(
    ("tool", "server"),
    [
        ("mcp__github__search", "github"),
        ("mcp__codex_apps__github__search", "codex_apps"),
        ("mcp__broken", ""),
        ("Bash", ""),
        ("", ""),
    ],
)
def test_an_mcp_tools_name_begins_with_its_server(tool: str, server: str) -> None:
    assert server_of(tool) == server
