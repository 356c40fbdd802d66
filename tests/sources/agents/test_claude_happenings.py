"""What happened in a session of Claude Code: compactions, failures, delegations, flights."""

from __future__ import annotations

import json

from tests.sources.agents.claude_talk import (
    call,
    compacted,
    request,
    result,
    said,
    shape,
    text,
)
from tests.sources.claude_lines import AT, answer, cost_state, line, prompt
from tests.sources.detail_road import only, parts, told
from tokwatch.model.detail import Delegation, Detail, Incident, Part
from tokwatch.sources.conversation import hash_of

NOON = 1_785_578_400_000
AGENT = "projects/p/5f0c2b6e/subagents/agent-a1b2.jsonl"


def claude(*lines: bytes, name: str = "", beside: str = "") -> Detail:
    """Return the detail of a transcript."""
    if name:
        return told("claude-code", *lines, name=name, beside=beside)
    return told("claude-code", *lines, beside=beside)


def test_retries_and_failures_are_incidents() -> None:
    retry = {
        "type": "system",
        "subtype": "api_error",
        "timestamp": AT,
        "error": {"status": 529, "message": "529 overloaded_error"},
        "retryAttempt": 2,
    }
    cut = retry | {"error": {"message": "Connection error."}, "cause": {"code": "ECONNRESET"}}
    limit = answer(
        "x",
        model="<synthetic>",
        text="You've hit your limit \u00b7 resets 1am",
        isApiErrorMessage=True,
        error="rate_limit",
    )
    broken = answer("y", model="<synthetic>", text="API Error: 500 {...}", isApiErrorMessage=True)
    found = claude(
        *(prompt("go"), line(retry), line(cut), limit),
        *(prompt("again", uuid="2"), broken),
    )
    assert [incident[2:5] for incident in found.incidents] == [
        ("overloaded", 529, 2),
        ("connection", 0, 2),
        ("rate limit", 0, 0),
        ("server", 500, 0),
    ]
    assert parts(found) == [Part.USER, Part.USER]
    assert [(turn.requests, turn.finished) for turn in found.turns] == [(0, False), (0, False)]


def test_refusals_and_full_windows_are_incidents() -> None:
    found = claude(
        said(text(), name="msg_1", stop="refusal"),
        prompt("again", uuid="2"),
        said(text(), name="msg_2", stop="model_context_window_exceeded"),
        line({"type": "system", "subtype": "model_refusal_fallback", "timestamp": AT}),
    )
    assert [(one.kind, one.attempt) for one in found.incidents] == [
        ("refused", 0),
        ("context length", 0),
        ("refused", 1),
    ]


def test_a_compaction_tells_its_sizes_its_cause_and_what_stays() -> None:
    lines = [
        prompt("old", uuid="1"),
        said(text("old answer"), uuid="2"),
        said(text("kept"), name="msg_2", uuid="3"),
        prompt("kept too", uuid="4"),
    ]
    segment = {"headUuid": "3", "tailUuid": "4"}
    boundary = compacted(
        trigger="auto", preTokens=160_000, postTokens=3_000, preservedSegment=segment
    )
    summary = prompt("s" * 400, uuid="5", isCompactSummary=True)
    found = claude(*lines, boundary, summary, compacted(trigger="manual", preTokens=9))
    auto, manual = found.compactions
    assert (auto.before, auto.after, auto.trigger, auto.keeps_from) == (160_000, 3_000, "auto", 2)
    assert auto.offset == sum(map(len, lines))
    assert only(found, Part.SUMMARY).tokens == 100
    assert only(found, Part.SUMMARY).offset > auto.offset
    assert (manual.before, manual.after, manual.keeps_from) == (9, None, None)


def test_a_delegation_knows_its_child_and_what_came_back() -> None:
    found = claude(
        said(call("Task", subagent_type="Explore", prompt="look")),
        result([text("r" * 400)], toolUseResult={"status": "completed", "agentId": "a1b2"}),
    )
    [one] = found.delegations
    assert one == Delegation(NOON, "", "a1b2", "Explore", 100, 0, hash_of("toolu_1"))


def test_an_old_delegation_names_its_child_in_its_text() -> None:
    found = claude(
        said(call("Task", prompt="look")),
        result([text("report"), text("agentId: a99 (for resuming to continue)")]),
    )
    assert found.delegations[0].child == "a99"


def test_a_delegation_in_the_background_comes_back_by_a_notice() -> None:
    launched = [text("Async agent launched successfully.\nagentId: a7 (internal ID)")]
    begin = [
        said(call("Agent", subagent_type="Plan")),
        result(launched, toolUseResult={"isAsync": True, "agentId": "a7"}),
    ]
    notice = "<task-notification>\n<tool-use-id>toolu_1</tool-use-id>\n<result>" + "x" * 300
    assert [(one.child, one.tokens) for one in claude(*begin).delegations] == [("a7", 0)]
    [one] = claude(*begin, prompt(notice, uuid="2")).delegations
    assert (one.child, one.kind) == ("a7", "Plan")
    assert one.tokens == -(-len(notice) // 4)


def test_a_sub_agents_log_tells_which_call_set_it_to_work() -> None:
    meta = json.dumps({"agentType": "Explore", "toolUseId": "toolu_1"})
    found = claude(prompt("look", isSidechain=True), said(text()), name=AGENT, beside=meta)
    assert found.delegations == (
        Delegation(NOON, "a1b2", "a1b2", "Explore", 0, 0, hash_of("toolu_1")),
    )
    assert {block.agent for block in found.blocks} == {"a1b2"}
    assert found.turns[0].agent == "a1b2"


def test_side_chains_in_the_main_log_are_an_agent_of_their_own() -> None:
    found = claude(
        prompt("main"),
        prompt("side", uuid="2", isSidechain=True),
        prompt("named", uuid="3", isSidechain=True, agentId="a5"),
    )
    assert [block.agent for block in found.blocks] == ["", "sidechain", "a5"]


def test_a_request_is_in_flight_until_its_answer() -> None:
    found = claude(prompt("go"), request("r1"))
    assert [(one.instant_ms, one.agent, one.model) for one in found.flights] == [
        (NOON, "", "claude-opus-4-8")
    ]
    assert claude(request("r1"), said(text(), requestRef="r1")).flights == ()


def test_an_agent_has_one_request_of_a_kind_in_flight() -> None:
    found = claude(
        request("r1"),
        request("r2", source="agent:builtin:Explore", agentId="a1"),
        request("r3", source="title"),
        request("r4"),
    )
    assert {one.identity for one in found.flights} == {hash_of(name) for name in ("r2", "r3", "r4")}


def test_what_is_in_flight_ends_with_its_process_and_after_an_hour() -> None:
    assert claude(request("r1"), cost_state({})).flights == ()
    late = prompt("later", at="2026-08-01T11:00:01.000Z")
    assert claude(request("r1"), late).flights == ()
    failed = answer("x", model="<synthetic>", isApiErrorMessage=True, text="API Error: 500")
    assert claude(request("r1"), failed).flights == ()


def test_the_system_prompt_is_told_by_tool_and_when_it_changes() -> None:
    found = claude(
        shape("s" * 400, "Bash", "mcp__github__search"),
        shape("s" * 400, "Bash", "mcp__github__search"),
        shape("t" * 400, "Bash"),
    )
    told = [(block.tool, block.tokens > 0) for block in found.blocks]
    assert told == [
        *(("", True), ("Bash", True), ("mcp__github__search", True)),
        *(("", True), ("mcp__github__search", False)),
    ]
    assert {block.part for block in found.blocks} == {Part.SYSTEM}
    assert found.blocks[0].tokens == 100


def test_an_incident_stands_where_its_record_does() -> None:
    first = prompt("go")
    told = {"type": "system", "subtype": "api_error", "timestamp": AT, "error": {"status": 429}}
    assert claude(first, line(told)).incidents == (
        Incident(NOON, "", "rate limit", 429, 1, len(first)),
    )
