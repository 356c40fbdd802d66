"""What Codex rollouts tell of a session's requests, by the rules of docs/detail.md."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.agents.codex_talk import (
    OWN_TURN,
    call,
    output,
    reasoning,
    response,
    said,
    started,
)
from tests.sources.codex_lines import THREAD, event, item, line, meta, record, totals
from tests.sources.detail_road import only, parts, told
from tests.sources.road import reading, write
from tokwatch.model.detail import Delegation, Detail, Part
from tokwatch.sources.conversation import hash_of

NAME = "sessions/2026/08/01/rollout-2026-08-01T10-00-00-01a1f87c.jsonl"
NOON = 1_785_578_400_000
OLDER_TURN = "01a1f87b-0000-7000-8000-000000000001"
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAA+gAAAMgCAYAAAA="


def codex(*lines: bytes) -> Detail:
    """Return the detail of a rollout."""
    return told("codex", *lines, name=NAME)


def test_an_answer_learns_its_request_from_the_record_behind_it() -> None:
    found = codex(
        *(said("user", "go"), reasoning(), item("done"), call(cmd="make")),
        *(record("resp_1", (1000, 0, 300, 120)), output("x" * 400)),
        *(reasoning(), item("end"), record("resp_2", (1100, 1000, 20, 7))),
    )
    first, second = found.blocks[1].request, found.blocks[-1].request
    assert [block.request for block in found.blocks] == [
        *(0, first, first, first),
        *(0, second, second),
    ]
    assert [block.tokens for block in found.blocks if block.part is Part.THINKING] == [120, 7]


def test_a_total_behind_the_outputs_is_of_the_answer_before_them() -> None:
    found = codex(
        *(said("user", "go"), reasoning(), call(cmd="ls"), output()),
        totals((1000, 0, 50, 30), (1000, 0, 50, 30)),
        *(call("exec_command", "call_2", cmd="ls"), output("ok", "call_2")),
        *(totals((1000, 0, 50, 30)), totals((2100, 900, 90, 40), (1100, 900, 40, 10))),
    )
    asked = [block.request for block in found.blocks if block.part is Part.TOOL_CALL]
    assert 0 not in asked
    assert len(set(asked)) == 2
    assert only(found, Part.THINKING).tokens == 30
    assert found.turns[0].requests == 2


def test_requests_are_those_that_the_fast_pass_counts(tmp_path: Path) -> None:
    chained = (
        *(meta(), item("a"), totals((10, 0, 5, 1), (10, 0, 5, 1))),
        *(item("b"), totals((30, 10, 9, 2), (20, 10, 4, 1))),
    )
    named = (
        meta(),
        item("a"),
        record("resp_1", (10, 0, 5, 1)),
        item("b"),
        record(None, (9, 0, 1, 0)),
    )
    for lines in (chained, named):
        path = write(tmp_path / NAME, *lines)
        events = {one.key for one in reading("codex", path, tmp_path).sightings}
        asked = {block.request for block in codex(*lines).blocks if block.part is Part.ASSISTANT}
        assert asked == events
        assert len(asked) == 2


def test_an_answer_that_broke_off_belongs_to_no_request() -> None:
    found = codex(
        *(said("user", "go"), reasoning("cut"), totals(None)),
        *(reasoning(), item("done"), record("resp_1", (10, 0, 5, 1))),
    )
    assert [block.request > 0 for block in found.blocks] == [False, False, True, True]


def test_results_know_their_tools_and_failures() -> None:
    found = codex(
        *(call(cmd="make"), output("Chunk ID: 1\nProcess exited with code 2\nOutput:\nno")),
        *(
            call("shell", "call_2", command=["bash", "-lc", "make"]),
            output("Exit code: 0", "call_2"),
        ),
    )
    make, failed, shell, fine = found.blocks
    assert (failed.tool, failed.is_error, failed.subject) == ("exec_command", True, hash_of("make"))
    assert (fine.tool, fine.is_error, fine.call) == ("shell", False, shell.call)
    assert shell.subject == hash_of("bash -lc make")
    assert make.tokens == len(b'{"cmd": "make"}') // 4 + 1


def test_commands_inside_of_code_and_patched_files_are_subjects() -> None:
    code = 'const r = await tools.exec_command({"cmd": "make"}); text(r.output);'
    patch = "*** Begin Patch\n*** Update File: /home/ana/a.py\n@@\n-x\n"
    found = codex(
        response("custom_tool_call", name="exec", input=code, call_id="call_1"),
        response("custom_tool_call", name="apply_patch", input=patch, call_id="call_2"),
    )
    assert [block.subject for block in found.blocks] == [hash_of("make"), hash_of("/home/ana/a.py")]


def test_mcp_tools_have_their_servers_name() -> None:
    ended = {"server": "linear", "tool": "list\x1b_issues"}
    found = codex(
        call("_search", namespace="mcp__codex_apps__github", query="bug"),
        call("list_issues", "call_2"),
        event("mcp_tool_call_end", call_id="call_2", invocation=ended),
        output("found", "call_2"),
    )
    assert [block.tool for block in found.blocks] == [
        "mcp__codex_apps__github__search",
        "mcp__linear__list_issues",
        "mcp__linear__list_issues",
    ]


def test_messages_are_told_apart() -> None:
    found = codex(
        meta(base_instructions={"text": "s" * 400}),
        said("developer", "<permissions instructions>"),
        said("user", "# AGENTS.md instructions for /home", "<environment_context>", "go"),
        response("message", role="user", content=[{"type": "input_image", "image_url": PNG}]),
        response("additional_tools", role="developer", tools=[{"name": "exec", "x": "y" * 90}]),
    )
    assert parts(found) == [
        *(Part.SYSTEM, Part.ATTACHMENT, Part.MEMORY, Part.ATTACHMENT, Part.USER),
        *(Part.IMAGE, Part.SYSTEM),
    ]
    assert found.blocks[0].tokens == 100
    assert found.blocks[5].tokens == 1066
    assert found.blocks[6].tool == "exec"


def test_a_compaction_tells_what_it_left() -> None:
    history = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "kept"}]},
        {"type": "additional_tools", "tools": []},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "the sum"}]},
    ]
    before = (said("user", "go"), item("done"), record("resp_1", (900, 0, 100, 0)))
    compacted = line("compacted", {"message": "the sum", "replacement_history": history})
    estimate = event("token_count", info=json.loads(totals((900, 0, 100, 0)))["payload"]["info"])
    left = json.loads(estimate)
    left["payload"]["info"]["last_token_usage"] = {"total_tokens": 77}
    found = codex(*before, compacted, line("event_msg", left["payload"]))
    [one] = found.compactions
    assert (one.before, one.after, one.offset) == (1000, 77, sum(map(len, before)))
    assert parts(found)[2:] == [Part.USER, Part.SUMMARY]
    assert {block.offset for block in found.blocks[2:]} == {one.offset}


def test_a_compaction_without_a_history_is_its_message() -> None:
    found = codex(line("compacted", {"message": "s" * 40}))
    assert only(found, Part.SUMMARY).tokens == 10
    assert found.compactions[0].before is None


def test_a_task_is_a_turn() -> None:
    found = codex(
        *(meta(), started(), said("user", "go"), event("user_message", message="go")),
        *(call(cmd="ls"), record("r1", (1, 0, 1, 0)), output(), item("done")),
        record("r2", (2, 0, 1, 0)),
        event("task_complete", "2026-08-01T10:00:07.000Z"),
        *(
            started("01a1f87e-0000-7000-8000-000000000001"),
            event("turn_aborted", reason="interrupted"),
        ),
    )
    first, second = found.turns
    assert (first.requests, first.tool_calls, first.finished) == (2, 1, True)
    assert first.end_ms == NOON + 7000
    assert (second.requests, second.interrupted) == (0, True)
    assert [one.kind for one in found.incidents] == ["interrupted"]


def test_in_old_rollouts_a_message_of_the_user_begins_a_turn() -> None:
    ask = event("user_message", message="go")
    answered = (item("done"), totals((10, 0, 5, 0), (10, 0, 5, 0)))
    found = codex(ask, *answered, ask, item("more"), totals((20, 0, 9, 0)))
    assert [(turn.requests, turn.finished) for turn in found.turns] == [(1, True), (1, True)]


def test_what_was_inherited_is_no_turn_of_its_own() -> None:
    inherited = (
        *(meta("01a1f87a-0000-7000-8000-000000000009"), started(OLDER_TURN)),
        *(call("spawn_agent"), event("turn_aborted", reason="interrupted")),
    )
    own = (started(OWN_TURN), item("done"), record("r1", (1, 0, 1, 0)))
    found = codex(meta(), *inherited, *own)
    assert [turn.requests for turn in found.turns] == [1]
    assert found.incidents == ()
    assert found.delegations == ()


def test_what_was_inherited_is_known_by_its_ordinal_too() -> None:
    spawn = response("function_call", name="spawn_agent", call_id="c", arguments="{}", ordinal=3)
    found = codex(meta(subagent_history_start_ordinal=5), spawn)
    assert found.delegations == ()


def test_failures_and_limits_are_incidents() -> None:
    limits = {"rate_limit_reached_type": "primary"}
    failure = {"message": "exceeded retry limit, last status: 429 Too Many Requests"}
    found = codex(
        *(started(), event("stream_error", message="stream disconnected before completion")),
        event("task_complete", error=failure),
        started(),
        event("token_count", info=None, rate_limits=limits),
        event("token_count", info=None, rate_limits=limits),
    )
    assert [(one.kind, one.status, one.attempt) for one in found.incidents] == [
        ("connection", 0, 1),
        ("rate limit", 429, 0),
        ("rate limit", 0, 0),
    ]
    assert not any(turn.finished for turn in found.turns)


def test_a_spawned_thread_is_a_delegation_with_its_session() -> None:
    child = "01a1f87d-1669-7e82-942e-4318be4a0ecc"
    started_child = {
        "type": "SubAgentActivity",
        "id": "call_1",
        "agent_thread_id": child,
        "agent_path": "/main/helper",
    }
    found = codex(
        call("spawn_agent", message="look", agent_type="explorer"),
        event("item_completed", item=started_child),
        output('{"task_name":"helper"}'),
        response(
            "agent_message",
            author="/main/helper",
            content=[{"type": "input_text", "text": "r" * 400}],
        ),
    )
    assert found.delegations == (
        Delegation(NOON, "", child, "explorer", 100, 0, hash_of("call_1")),
    )
    assert parts(found)[-1] is Part.ATTACHMENT


def test_an_older_spawn_names_its_thread_and_reports_when_waited_for() -> None:
    child = "01a1f87d-1669-7e82-942e-4318be4a0ecc"
    report = json.dumps({"status": {child: {"completed": "done"}}, "timed_out": False})
    found = codex(
        *(call("spawn_agent", message="look"), output(json.dumps({"agent_id": child}))),
        *(call("wait_agent", "call_2"), output(report, "call_2")),
    )
    [one] = found.delegations
    assert (one.child, one.tokens) == (child, -(-len(report) // 4))


def test_images_of_results_are_blocks() -> None:
    told = [{"type": "input_text", "text": "seen"}, {"type": "input_image", "image_url": PNG}]
    found = codex(call("view_image", path="a.png"), output(told))
    assert parts(found) == [Part.TOOL_CALL, Part.TOOL_RESULT, Part.IMAGE]
    assert found.blocks[2].tool == "view_image"
    assert found.blocks[2].subject == hash_of("a.png")


def test_all_blocks_are_the_main_agents_of_the_logs_own_session() -> None:
    found = codex(meta(), said("user", "go"))
    assert {(block.agent, block.session) for block in found.blocks} == {("", "")}
    assert THREAD not in repr(found)
