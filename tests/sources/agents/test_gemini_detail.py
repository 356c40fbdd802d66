"""What Gemini CLI's and Qwen Code's chats tell beyond the ordinary."""

from __future__ import annotations

from pathlib import Path

from tests.sources.agents import gemini_logs as gemini
from tests.sources.agents import qwen_logs as qwen
from tests.sources.agents.talk import stamp
from tests.sources.detail_road import in_pieces, parts
from tests.sources.road import Fields, spelt
from tokwatch.model.detail import Detail, Part
from tokwatch.sources.conversation import hash_of


def chat(home: Path, *lines: bytes) -> Detail:
    """Return the detail of a chat."""
    return in_pieces("gemini-cli", gemini.chat(home, gemini.header(), *lines), 1 << 30)


def call(name: str = "c1", **more: object) -> Fields:
    """Return a call of a tool."""
    return {"id": name, "name": "read_file", "args": {"file_path": "/a.py"}, **more}


def test_a_message_that_grows_counts_once(home: Path) -> None:
    first = gemini.message(1, thoughts=[{"subject": "A", "description": "b" * 40}])
    result = {"functionResponse": {"id": "c1", "response": {"output": "x" * 40}}}
    found = chat(
        home,
        *(spelt(first), spelt(first | {"toolCalls": [call()]})),
        spelt(first | {"toolCalls": [call(result=[result], status="success")]}),
    )
    assert parts(found) == [Part.THINKING, Part.ASSISTANT, Part.TOOL_CALL, Part.TOOL_RESULT]
    [turn] = found.turns
    assert (turn.requests, turn.tool_calls, turn.finished) == (1, 1, False)
    assert found.blocks[0].tokens == 200  # as the usage tells


def test_a_resume_writes_the_history_again_and_nothing_counts_twice(home: Path) -> None:
    asked, answered = gemini.prompt(), gemini.message(1)
    again = [asked, {**answered, "tokens": None}]
    found = chat(
        home,
        *(spelt(asked), spelt(answered), gemini.header("other"), gemini.patch(messages=again)),
        *(spelt(gemini.prompt(name="u2")), gemini.answer(2)),
    )
    assert parts(found) == [Part.USER, Part.ASSISTANT] * 2
    assert found.compactions == ()
    assert len({block.request for block in found.blocks} - {0}) == 2


def test_a_history_that_begins_with_a_summary_was_compressed(home: Path) -> None:
    summary = gemini.prompt("<state_snapshot>what was", name="s")
    found = chat(
        home,
        *(spelt(gemini.prompt()), gemini.answer(1), spelt(gemini.prompt(name="u2"))),
        *(gemini.answer(2), gemini.patch(messages=[summary, gemini.prompt(name="u2")])),
    )
    [compaction] = found.compactions
    assert compaction.keeps_from == 2
    assert [block.offset >= compaction.offset for block in found.blocks] == [False] * 4 + [True]
    assert found.blocks[-1].part is Part.SUMMARY


def test_a_cancelled_request_interrupts_the_turn(home: Path) -> None:
    notice = {"id": "i", "timestamp": stamp(1), "type": "info", "content": "Request cancelled."}
    found = chat(home, spelt(gemini.prompt()), spelt(notice))
    assert [one.kind for one in found.incidents] == ["interrupted"]
    assert found.turns[0].interrupted


def test_an_agents_chat_is_its_own_and_its_call_tells_what_came_back(home: Path) -> None:
    started = gemini.call() | {"result": [{"functionResponse": {"response": {"output": "x" * 40}}}]}
    parent = chat(home, spelt(gemini.message(1, toolCalls=[started])))
    [told] = parent.delegations
    assert (told.parent, told.child, told.kind, told.tokens) == ("", gemini.AGENT, "generalist", 10)
    assert told.call == hash_of("c1")
    path = gemini.agents_chat(home, gemini.header(gemini.AGENT, kind="subagent"), gemini.answer(2))
    found = in_pieces("gemini-cli", path, 1 << 30)
    assert {block.agent for block in found.blocks} == {gemini.AGENT}


def test_qwens_notices_begin_no_turn(home: Path) -> None:
    notice = qwen.record("user", "n", subtype="notification",
                         message={"role": "user", "parts": [{"text": "done"}]})  # fmt: skip
    meanwhile = {**qwen.record("user", "m", subtype="mid_turn_user_message"),
                 "message": {"role": "user", "parts": [{"text": "and this"}]}}  # fmt: skip
    path = qwen.transcript(home, qwen.prompt(), spelt(notice), spelt(meanwhile), qwen.answer())
    found = in_pieces("qwen-code", path, 1 << 30)
    assert parts(found) == [Part.USER, Part.ATTACHMENT, Part.USER, Part.ASSISTANT]
    assert len(found.turns) == 1


def test_qwens_compression_leaves_its_summary_and_tail(home: Path) -> None:
    said = (("user", "sum"), ("model", "ok"), ("user", "last"))
    kept = [{"role": role, "parts": [{"text": text}]} for role, text in said]
    payload = {"info": {"originalTokenCount": 90, "newTokenCount": 9}, "compressedHistory": kept}
    line = qwen.record("system", "s", subtype="chat_compression", systemPayload=payload)
    found = in_pieces("qwen-code", qwen.transcript(home, qwen.prompt(), spelt(line)), 1 << 30)
    assert parts(found)[1:] == [Part.SUMMARY, Part.ASSISTANT, Part.USER]
    [compaction] = found.compactions
    assert (compaction.before, compaction.after) == (90, 9)
