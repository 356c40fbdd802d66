"""Chat JSON of both kinds and plain text: read, changed, written in the same shape."""

from __future__ import annotations

import json

import pytest

from tokwatch.compress import compress
from tokwatch.compress.billed import Wrapping, tokens_of
from tokwatch.compress.nouns import Kind, Shape
from tokwatch.compress.shapes import read_prompt, written
from tokwatch.errors import TokwatchError

ANTHROPIC = {
    "model": "m",
    "system": "Be brief.",
    "messages": [
        {"role": "user", "content": "Read the file."},
        {"role": "assistant", "content": [
            {"type": "text", "text": "I read it."},
            {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "a.py"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": [
                {"type": "text", "text": "x = 1"}]}]},
    ],
}  # fmt: skip
OPENAI = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Read."}]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "x = 1"},
    ],
}  # fmt: skip


def test_anthropic_messages_keep_roles_and_pairs() -> None:
    prompt = read_prompt(json.dumps(ANTHROPIC))

    assert prompt.shape is Shape.ANTHROPIC
    assert [part.kind for part in prompt.parts] == [
        Kind.SYSTEM, Kind.USER, Kind.ASSISTANT, Kind.CALL, Kind.RESULT]  # fmt: skip
    assert prompt.messages[2].calls == prompt.messages[3].calls == ("t1",)
    assert prompt.messages[3].answers
    assert "a.py" in prompt.parts[4].about


def test_openai_messages_keep_roles_and_pairs() -> None:
    prompt = read_prompt(json.dumps(OPENAI))

    assert prompt.shape is Shape.OPENAI
    assert [m.role for m in prompt.messages] == ["system", "user", "assistant", "tool"]
    assert prompt.messages[2].calls == prompt.messages[3].calls == ("c1",)


@pytest.mark.parametrize("chat", [ANTHROPIC, OPENAI])
def test_a_changed_chat_keeps_its_shape(chat: dict[str, object]) -> None:
    prompt = read_prompt(json.dumps(chat))
    texts = [p.text if p.kind is Kind.CALL else p.text.upper() for p in prompt.parts]
    found = json.loads(written(prompt, texts))

    assert json.dumps(found).replace("X = 1", "x = 1").count("x = 1") == 1
    again = read_prompt(json.dumps(found))
    assert [part.text for part in again.parts] == texts
    assert [part.path for part in again.parts] == [part.path for part in prompt.parts]


def test_nothing_changed_is_the_text_itself() -> None:
    text = json.dumps(ANTHROPIC, indent=4)
    prompt = read_prompt(text)

    assert written(prompt, [part.text for part in prompt.parts]) == text


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"])
@pytest.mark.parametrize("marks", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_changed_chat_keeps_its_layout(
    indent: int | str | None, marks: tuple[str, str], is_ascii: bool
) -> None:
    def text(said: str) -> str:
        chat = [{"role": "user", "content": said}, {"role": "user", "content": "ä: 1, 2", "n": 1.5}]
        given = {"messages": chat, "max_tokens": 9}
        marked = (",", marks[1]) if indent is not None else marks
        return json.dumps(given, indent=indent, separators=marked, ensure_ascii=is_ascii) + "\n"

    prompt = read_prompt(text("one, two: three"))

    assert written(prompt, ["two", "ä: 1, 2"]) == text("two")


def test_dropped_messages_are_gone() -> None:
    prompt = read_prompt(json.dumps(OPENAI))
    found = json.loads(written(prompt, [part.text for part in prompt.parts], dropped=(2, 3)))

    assert [one["role"] for one in found["messages"]] == ["system", "user"]


def test_tools_and_wrapping_are_counted_though_never_changed() -> None:
    tools = [{"name": "read", "input_schema": {"type": "object", "description": "please " * 9}}]
    bare, prompt = (
        read_prompt(json.dumps(one)) for one in (ANTHROPIC, {**ANTHROPIC, "tools": tools})
    )
    wrapping = Wrapping(message=3, call=50, request=3)
    told = json.dumps(tools, separators=(",", ":"))

    assert tokens_of(prompt, len) == tokens_of(bare, len) + len(told)
    assert tokens_of(bare, len, wrapping) == tokens_of(bare, len) + 3 * 3 + 50 + 3
    assert tokens_of(bare, len, wrapping, dropped=(2, 3)) == len("Be brief.Read the file.") + 3 + 3
    assert json.loads(compress(prompt.text, budget_tokens=1))["tools"] == tools
    assert tokens_of(read_prompt("some text"), len, wrapping) == len("some text")


def test_pictures_are_told_not_to_be_counted() -> None:
    picture = {"type": "image", "source": {"data": "AAAA"}}
    chat = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]

    assert "not counted" in read_prompt(json.dumps(chat)).note
    assert not read_prompt(json.dumps(ANTHROPIC)).note


def test_a_broken_chat_is_read_as_text_and_told() -> None:
    prompt = read_prompt('{"messages": [{"role": "user", "content": "x"}')

    assert prompt.shape is Shape.PLAIN
    assert "no JSON" in prompt.note


@pytest.mark.parametrize(
    "bad", ["\x00\x01\x02\x03", "half \ud800 of it", '[{"role": "user", "content": "\\ud800"}]']
)
def test_what_is_no_text_is_refused_in_words(bad: str) -> None:
    with pytest.raises(TokwatchError, match="text"):
        read_prompt(bad)


def test_other_json_is_plain_text() -> None:
    assert read_prompt('{"role": "admin", "messages": 3}').shape is Shape.PLAIN
