"""What Claude Code's transcripts tell of a session's requests, by the rules of docs/detail.md."""

from __future__ import annotations

import json

from tests.sources.agents.claude_talk import (
    asked,
    call,
    result,
    said,
    text,
    thinking,
)
from tests.sources.claude_lines import attachment, line, prompt, usage
from tests.sources.detail_road import only, parts, told
from tokwatch.model.detail import Detail, Part
from tokwatch.model.event import response_key
from tokwatch.sources.conversation import hash_of

NOON = 1_785_578_400_000
AGENT = "projects/p/5f0c2b6e/subagents/agent-a1b2.jsonl"


def claude(*lines: bytes, name: str = "", beside: str = "") -> Detail:
    """Return the detail of a transcript."""
    if name:
        return told("claude-code", *lines, name=name, beside=beside)
    return told("claude-code", *lines, beside=beside)


def test_a_response_over_several_lines_has_each_block_once() -> None:
    lines = [said(thinking()), said(text()), said(call()), said(text()), said(call())]
    found = claude(prompt("go"), *lines)
    assert parts(found) == [Part.USER, Part.THINKING, Part.ASSISTANT, Part.TOOL_CALL]
    assert {block.request for block in found.blocks[1:]} == {response_key("msg_1")}
    assert found.blocks[0].request == 0
    assert [turn.requests for turn in found.turns] == [1]


def test_lines_of_responses_may_alternate() -> None:
    first, second = "msg_1", "msg_2"
    found = claude(
        *(said(text("a"), name=first), said(text("b"), name=second)),
        *(said(text("a"), name=first), said(call(), name=first), said(text("b"), name=second)),
    )
    assert parts(found) == [Part.ASSISTANT, Part.ASSISTANT, Part.TOOL_CALL]
    assert found.turns[0].requests == 2


def test_equal_blocks_of_two_responses_are_two_with_one_digest() -> None:
    found = claude(said(text("same"), name="msg_1"), said(text("same"), name="msg_2"))
    one, other = found.blocks
    assert one.digest == other.digest
    assert (one.number, other.number) == (0, 1)


def test_a_result_knows_its_tool_its_subject_and_its_call() -> None:
    found = claude(
        said(call("Read", file_path="/home/ana/a.py")),
        result("x" * 4000),
        said(call("Edit", "toolu_2", file_path="/home/ana/a.py", old_string="x"), name="msg_2"),
        result("no", "toolu_2", is_error=True),
    )
    read, content, edit, refused = found.blocks
    assert (content.part, content.tool) == (Part.TOOL_RESULT, "Read")
    assert (content.chars, content.tokens, content.is_error) == (4000, 1000, False)
    assert content.call == read.call == hash_of("toolu_1")
    assert {block.subject for block in found.blocks} == {hash_of("/home/ana/a.py")}
    assert (refused.tool, refused.is_error, refused.call) == ("Edit", True, edit.call)
    assert edit.tokens == len(b'{"file_path":"/home/ana/a.py","old_string":"x"}') // 4 + 1


def test_a_command_is_a_subject_and_mcp_tools_keep_their_names() -> None:
    found = claude(
        said(call("Bash", command="make"), call("mcp__github__search", "toolu_2", query="bug"))
    )
    make, search = found.blocks
    assert make.subject == hash_of("make")
    assert search.tool == "mcp__github__search"


def test_a_tools_name_is_made_safe() -> None:
    found = claude(said(call("Ba\x1b[2Jsh\u202e")))
    assert found.blocks[0].tool == "Ba[2Jsh"


def test_a_result_of_a_call_that_nobody_saw_has_no_tool() -> None:
    found = claude(result("late", "toolu_9"))
    assert (found.blocks[0].tool, found.blocks[0].subject) == ("", 0)


def test_thinking_has_the_tokens_that_usage_tells() -> None:
    told = usage(out=900, output_tokens_details={"thinking_tokens": 700})
    found = claude(said(thinking(), counts=told), said(text(), counts=told))
    assert only(found, Part.THINKING).tokens == 700
    assert only(found, Part.THINKING).chars == 0


def test_else_thinking_has_what_the_visible_answer_leaves_of_the_output() -> None:
    found = claude(
        said(thinking(), counts=usage(out=1000)),
        said(text("x" * 400), counts=usage(out=1000)),
        said(call(command="y" * 200), counts=usage(out=1000)),
    )
    visible = sum(block.tokens for block in found.blocks if block.part is not Part.THINKING)
    assert only(found, Part.THINKING).tokens == 1000 - visible


def test_an_answer_that_was_cut_says_nothing_of_its_thinking_but_its_text() -> None:
    cut = usage(out=3)
    found = claude(said(thinking("w" * 40), counts=cut), said(text("x" * 400), counts=cut))
    assert only(found, Part.THINKING).tokens == 10


def test_several_thoughts_share_by_the_length_of_their_signatures() -> None:
    told = usage(out=500, output_tokens_details={"thinking_tokens": 400})
    pieces = (thinking(signature="a" * 30), thinking(signature="b" * 10))
    found = claude(said(*pieces, counts=told))
    assert [block.tokens for block in found.blocks] == [300, 100]


def test_images_weigh_by_their_size_and_tools_may_return_them() -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAA+gAAAMgCAYAAAA="  # 1,000 x 800
    source = {"type": "base64", "media_type": "image/png", "data": png}
    image = {"type": "image", "source": source}
    found = claude(
        asked([image, {"type": "text", "text": "what is it?"}]),
        said(call("Read", file_path="a.png")),
        result([image, {"type": "text", "text": "seen"}]),
    )
    assert parts(found) == [
        *(Part.IMAGE, Part.USER, Part.TOOL_CALL),
        *(Part.TOOL_RESULT, Part.IMAGE),
    ]
    assert {block.tokens for block in found.blocks if block.part is Part.IMAGE} == {1066}
    assert found.blocks[-1].tool == "Read"
    assert found.blocks[-1].chars == 0


def test_attachments_are_what_was_rendered_of_them() -> None:
    told = json.loads(attachment("x" * 400)) | {"rendered": [{"content": "y" * 40}]}
    hidden = told | {"rendered": None, "attachment": {"type": "prompt_snapshot", "text": "z"}}
    found = claude(attachment("x" * 400), line(told, uuid="2"), line(hidden, uuid="3"))
    assert [(block.part, block.chars) for block in found.blocks] == [
        (Part.ATTACHMENT, 400),
        (Part.ATTACHMENT, 40),
    ]
    assert found.blocks[0].tool == "skill_listing"


def test_memory_files_are_told_apart() -> None:
    nested = {
        "type": "nested_memory",
        "path": "/home/ana/CLAUDE.md",
        "content": {"path": "/home/ana/CLAUDE.md", "content": "m" * 80, "rawContent": "m" * 80},
    }
    context = {"type": "session_context", "context": {"claudeMd": "n" * 40}}
    reminder = "<system-reminder>\n# claudeMd\nContents of /home/ana/CLAUDE.md"
    record = json.loads(attachment())
    found = claude(
        line(record | {"attachment": nested}, uuid="1"),
        line(record | {"attachment": context}, uuid="2"),
        prompt(reminder, isMeta=True),
    )
    assert parts(found) == [Part.MEMORY] * 3
    assert [block.chars for block in found.blocks[:2]] == [80, 40]
    assert found.blocks[0].subject == hash_of("/home/ana/CLAUDE.md")


def test_what_the_tool_says_in_the_users_place_is_an_attachment_and_no_turn() -> None:
    found = claude(
        prompt("<local-command-stdout>ok</local-command-stdout>"),
        prompt("<task-notification>done", uuid="2", origin={"kind": "task-notification"}),
        prompt("Caveat: ...", uuid="3", isMeta=True),
        prompt("later", uuid="4", promptSource="system"),
        said(text()),
    )
    assert parts(found)[:3] == [Part.ATTACHMENT] * 3
    assert [(turn.number, turn.requests) for turn in found.turns] == [(0, 1)]


def test_a_message_that_was_queued_is_the_users() -> None:
    record = json.loads(attachment())
    queued = {"type": "queued_command", "prompt": "also this", "commandMode": "prompt"}
    notice = queued | {"commandMode": "task-notification"}
    found = claude(
        line(record | {"attachment": queued}, uuid="1"),
        line(record | {"attachment": notice}, uuid="2"),
    )
    assert parts(found) == [Part.USER, Part.ATTACHMENT]


def test_turns_count_requests_and_calls_and_end_with_an_answer() -> None:
    found = claude(
        prompt("first", at="2026-08-01T10:00:00.000Z", uuid="1"),
        said(call("Bash", command="ls"), at="2026-08-01T10:00:02.000Z", stop="tool_use"),
        result(at="2026-08-01T10:00:05.000Z"),
        said(text(), name="msg_2", at="2026-08-01T10:00:09.000Z"),
        prompt("second", at="2026-08-01T10:01:00.000Z", uuid="2"),
        said(call("Bash", "toolu_2"), name="msg_3", at="2026-08-01T10:01:02.000Z", stop=None),
    )
    first, second = found.turns
    assert (first.requests, first.tool_calls, first.finished, first.interrupted) == (
        2,
        1,
        True,
        False,
    )
    assert (first.begin_ms, first.end_ms) == (NOON, NOON + 9000)
    assert (second.number, second.requests, second.finished) == (1, 1, False)


def test_an_answer_without_a_stop_reason_ends_a_turn_all_the_same() -> None:
    found = claude(prompt("go"), said(text(), stop=None))
    assert found.turns[0].finished


def test_a_prompt_that_set_nothing_off_is_no_turn() -> None:
    assert claude(prompt("<command-name>/clear</command-name>")).turns == ()


def test_an_interruption_is_told_once() -> None:
    found = claude(
        prompt("go"),
        said(text(), stop=None, isAbortedMidStream=True),
        asked([{"type": "text", "text": "[Request interrupted by user]"}], uuid="2"),
    )
    assert [(turn.interrupted, turn.finished) for turn in found.turns] == [(True, False)]
    assert [incident.kind for incident in found.incidents] == ["interrupted"]


def test_what_a_crash_wrote_twice_is_one() -> None:
    ask = prompt("go")
    assert parts(claude(ask, ask, said(text()))) == [Part.USER, Part.ASSISTANT]


def test_blobs_snapshots_and_progress_are_passed_over() -> None:
    blob = {"type": "api-request-blob", "hash": "h", "message": {"role": "user", "content": "x"}}
    history = {"type": "file-history-snapshot", "snapshot": {"a": "x" * 100}}
    found = claude(line(blob), line(history), prompt("go"))
    assert parts(found) == [Part.USER]


def test_glued_and_torn_lines_give_what_they_hold() -> None:
    ask, reply = prompt("go").rstrip(b"\n"), said(text())
    blob = line({"type": "api-request-blob", "message": {}}).rstrip(b"\n")
    found = claude(ask + reply, blob + prompt("behind", uuid="2"), ask[:40] + b"\n")
    assert parts(found) == [Part.USER, Part.ASSISTANT, Part.USER]
    assert found.blocks[1].offset == len(ask)
