"""Titles of sessions, read from the log for visible rows and never stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources import codex_lines
from tests.sources.claude_lines import answer, prompt
from tests.sources.road import CANARY, write
from tokwatch.sources import source_named
from tokwatch.sources.agents import claude_titles, codex_titles


def title(source: str, path: Path) -> str:
    """Return the title of the session in a log."""
    found = source_named(source)
    assert found is not None
    return found.title_of(path, "")


def titled(kind: str, **fields: object) -> bytes:
    """Return a line that names its session."""
    return json.dumps({"type": kind, **fields}).encode() + b"\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([prompt("Fix the tax"), titled("ai-title", aiTitle="Tax fixed")], "Tax fixed"),
        ([titled("summary", summary="Old"), titled("summary", summary="New")], "New"),
        ([titled("ai-title", aiTitle="A"), titled("custom-title", customTitle="Mine")], "Mine"),
        ([titled("ai-title", aiTitle=""), prompt("Fix\n the  tax")], "Fix the tax"),
        ([prompt("Caveat", isMeta=True), prompt("Fix the tax")], "Fix the tax"),
        ([prompt("<command-name>/clear</command-name>"), prompt("Fix the tax")], "Fix the tax"),
        ([answer(), b'{"user"\n', b'"user"\n', prompt("Fix the tax")], "Fix the tax"),
        ([b'{"type":"user","message":null}\n', b'{"type":"user","message":{}}\n'], ""),
        ([prompt("x" * 500)], "x" * 120),
        ([titled("ai-title", aiTitle="x" * 500)], "x" * 120),
        ([b'{"summary"' + b"[" * 100_000 + b"\n", prompt("Fix the tax")], "Fix the tax"),
        ([], ""),
    ],
)
def test_the_title_of_a_transcript(transcript: Path, lines: list[bytes], expected: str) -> None:
    """The tool's own, the newest first; else the first words."""
    assert title("claude-code", write(transcript, *lines)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{"type": "tool_result", "content": "x"}, {"type": "text", "text": "Fix it"}], "Fix it"),
        ([{"type": "image"}, 5, {"text": 7}], ""),
        (7, ""),
        (None, ""),
    ],
)
def test_first_words_of_content_in_blocks(transcript: Path, content: object, expected: str) -> None:
    """A prompt is a text, or blocks with a text among them."""
    line = prompt(message={"role": "user", "content": content})

    assert title("claude-code", write(transcript, line)) == expected


def test_only_the_ends_of_a_large_transcript_are_read(
    transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.4: a title is worth a quarter of a megabyte, not more."""
    monkeypatch.setattr(claude_titles, "_WINDOW", 600)
    lines = [prompt("Fix the tax"), *[answer(text="x" * 900)] * 3]
    middle = [*lines, titled("ai-title", aiTitle="In the middle"), *[answer(text="x" * 900)] * 3]
    last = [*lines, titled("ai-title", aiTitle="At the end")]

    assert title("claude-code", write(transcript, *middle)) == "Fix the tax"
    assert title("claude-code", write(transcript, *last)) == "At the end"


ASKED = {"type": "UserMessage", "content": [{"type": "text", "text": "Fix it"}]}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([codex_lines.meta(), codex_lines.prompt()], CANARY),
        ([codex_lines.event("user_message", message="Fix\n  it")], "Fix it"),
        ([b'{"user_message"\n', codex_lines.event("user_message", message="Fix it")], "Fix it"),
        ([codex_lines.item('"user_message"'), codex_lines.event("x", note="user_message")], ""),
        ([codex_lines.event("user_message", message=5)], ""),
        ([codex_lines.event("item_completed", item=ASKED)], "Fix it"),
        ([codex_lines.event("item_completed", item={"type": "Reasoning"})], ""),
        ([], ""),
    ],
)
def test_the_title_of_a_rollout(rollout: Path, lines: list[bytes], expected: str) -> None:
    """The first words of the first prompt."""
    assert title("codex", write(rollout, *lines)) == expected


@pytest.mark.parametrize("source", ["claude-code", "codex"])
def test_a_log_that_is_gone_has_no_title(source: str, tmp_path: Path) -> None:
    """4.3: the stored facts outlive the log."""
    assert title(source, tmp_path / "gone.jsonl") == ""


def test_a_prompt_cut_by_the_window_is_no_title(
    rollout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.4: what is not whole is not read."""
    monkeypatch.setattr(codex_titles, "_WINDOW", 40)

    assert title("codex", write(rollout, codex_lines.prompt())) == ""


@pytest.mark.parametrize("source", ["claude-code", "codex"])
def test_a_title_has_no_control_characters(source: str, tmp_path: Path) -> None:
    """4.7: escapes are taken out; markup is only text."""
    words = "\u001b[31m[b]Fix\u0007\r\n it\u202e"
    line = (
        prompt(words)
        if source == "claude-code"
        else codex_lines.event("user_message", message=words)
    )

    assert title(source, write(tmp_path / "s.jsonl", line)) == "[31m[b]Fix it"
