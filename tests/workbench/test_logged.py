"""Texts of logged sessions: whole contexts in their shapes, and single blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tokwatch.compress.nouns import Shape
from tokwatch.compress.shapes import read_prompt
from tokwatch.errors import TokwatchError
from tokwatch.workbench.logged import block_text, context_text
from tokwatch.workbench.parts import part_text, said, with_part

CLAUDE = (
    {"type": "user", "message": {"role": "user", "content": "Look at it"}},
    {"type": "assistant", "message": {"id": "m1", "role": "assistant", "usage": {},
                                      "content": [{"type": "text", "text": "I look"}]}},
    {"type": "assistant", "message": {"id": "m1", "role": "assistant", "content": [
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}]}},
    {"type": "user", "message": {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t1", "content": "a long result " * 300},
        {"type": "text", "text": "and this"}]}},
)  # fmt: skip
CODEX = (
    {"type": "response_item", "payload": {"type": "message", "role": "user",
                                          "content": [{"type": "input_text", "text": "Go"}]}},
    {"type": "response_item", "payload": {"type": "function_call", "name": "shell",
                                          "arguments": "{}", "call_id": "c1"}},
    {"type": "response_item", "payload": {"type": "function_call_output", "call_id": "c1",
                                          "output": "done"}},
    {"type": "event_msg", "payload": {"type": "token_count"}},
)  # fmt: skip


def written(folder: Path, records: Sequence[Mapping[str, object]]) -> tuple[str, list[int]]:
    """Return a log's path and the offsets of its records."""
    lines = [json.dumps(one) + "\n" for one in records]
    file = folder / "log.jsonl"
    file.write_text("".join(lines))
    return str(file), [sum(map(len, lines[:number])) for number in range(len(lines))]


def test_a_claude_context_is_a_chat_with_its_pairs(tmp_path: Path) -> None:
    path, offsets = written(tmp_path, CLAUDE)
    chat = json.loads(context_text(path, offsets, None))
    assert [one["role"] for one in chat["messages"]] == ["user", "assistant", "user"]
    assert [one["type"] for one in chat["messages"][1]["content"]] == ["text", "tool_use"]
    prompt = read_prompt(json.dumps(chat))
    assert prompt.shape is Shape.ANTHROPIC
    assert prompt.messages[1].calls == prompt.messages[2].calls == ("t1",)


def test_a_codex_context_is_a_chat_with_its_pairs(tmp_path: Path) -> None:
    path, offsets = written(tmp_path, CODEX)
    prompt = read_prompt(context_text(path, offsets, None))
    assert prompt.shape is Shape.OPENAI
    assert [one.role for one in prompt.messages] == ["user", "assistant", "tool"]
    assert prompt.messages[1].calls == prompt.messages[2].calls == ("c1",)


def test_of_a_records_texts_the_one_of_the_blocks_length_is_taken(tmp_path: Path) -> None:
    path, offsets = written(tmp_path, CLAUDE)
    assert block_text(path, offsets[3], 4200, None) == "a long result " * 300
    assert block_text(path, offsets[3], 8, None) == "and this"


def test_a_log_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(TokwatchError, match="gone"):
        context_text(str(tmp_path / "none.jsonl"), [0], None)
    path, offsets = written(tmp_path, CODEX)
    with pytest.raises(TokwatchError, match="No message"):
        context_text(path, offsets[3:], None)


def test_one_message_is_edited_and_the_others_stay(tmp_path: Path) -> None:
    path, offsets = written(tmp_path, CLAUDE)
    text = context_text(path, offsets, None)
    number, found = part_text(text, None)
    assert found == "and this"
    changed = json.loads(with_part(text, number, "and that"))
    before = json.loads(text)
    assert changed["messages"][2]["content"][1]["text"] == "and that"
    assert changed["messages"][:2] == before["messages"][:2]


def test_of_a_chat_the_texts_are_what_it_says(tmp_path: Path) -> None:
    path, offsets = written(tmp_path, CODEX)
    words = said(context_text(path, offsets, None)).split()
    assert words == ["Go", "shell", "{}", "done"]
    assert said('{"no": "chat"}') == '{"no": "chat"}'


def test_a_line_too_long_for_the_screen_is_told() -> None:
    with pytest.raises(TokwatchError, match="too long"):
        part_text("x" * 30_000, None)
    assert part_text("short", 0) == (0, "short")
