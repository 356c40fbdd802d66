"""One whole conversation of each tool that writes lines: all that its logs can tell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.agents import (
    copilot_logs,
    gemini_logs,
    grok_logs,
    kimi_logs,
    pi_logs,
    qwen_logs,
)
from tests.sources.agents.talk import AT_S, Words, ms, stamp
from tests.sources.road import Fields, spelt


def gemini(home: Path) -> Path:
    """Write a chat: a message with calls is written twice, a compressed history again."""
    words = Words()

    def message(number: int, second: float, **fields: object) -> Fields:
        head = {"id": gemini_logs.named(number), "timestamp": stamp(second)}
        return {**head, "type": "gemini", "model": "gemini-3-pro", **fields}

    def asked(name: str, second: float, *parts: Fields) -> Fields:
        return {"id": name, "timestamp": stamp(second), "type": "user", "content": [*parts]}

    thought = {"subject": "", "description": words.of("thinking"), "timestamp": stamp(1)}
    first = message(1, 2, content="", thoughts=[thought], tokens=gemini_logs.tokens())
    response = {"output": words.of("tool result")}
    call: Fields = {"id": "c1", "name": "read_file", "args": words.arguments(), "status": "success"}
    call["result"] = [{"functionResponse": {"id": "c1", "name": "read_file", "response": response}}]
    agent: Fields = {"id": "c2", "name": "invoke_agent", "args": words.arguments()}
    agent |= {"agentId": gemini_logs.AGENT, "status": "error", "timestamp": stamp(3)}
    error = {"response": {"error": words.of("tool result")}}
    agent["result"] = [{"functionResponse": {"id": "c2", "name": "invoke_agent"} | error}]
    image = {"inlineData": {"mimeType": "image/png", "data": words.image()}}
    summary = asked("u9", 9, {"text": f"<state_snapshot>{words.of('summary')}"})
    last = message(2, 5, content=words.of("assistant"), tokens=gemini_logs.tokens(13_000))
    failure = {"id": "e1", "timestamp": stamp(8), "type": "error", "content": "[API Error: 429]"}
    return gemini_logs.chat(
        home,
        gemini_logs.header(at=stamp(0)),
        spelt(asked("u1", 0, {"text": words.of("user")}, {"text": words.aside()}, image)),
        *(spelt(first), spelt({**first, "toolCalls": [call, agent]}), spelt(last)),
        *(spelt(asked("u2", 7, {"text": words.of("user")})), spelt(failure)),
        gemini_logs.patch(messages=[summary, {**last, "tokens": None}]),
        *(spelt(message(3, 11, content=words.of("assistant"), tokens=gemini_logs.tokens(3_000))),),
    )


def qwen(home: Path) -> Path:
    """Write a transcript."""
    words = Words()

    def line(kind: str, name: str, second: float, *parts: Fields, **more: object) -> bytes:
        role = "model" if kind == "assistant" else "user"
        told = {"message": {"role": role, "parts": [*parts]}, **more}
        return spelt(qwen_logs.record(kind, name, stamp(second), **told))

    def answer(name: str, second: float, *parts: Fields) -> bytes:
        usage = qwen_logs.inside()
        return line("assistant", name, second, *parts, model="qwen3", usageMetadata=usage)

    def call(name: str, tool: str) -> Fields:
        return {"functionCall": {"id": name, "name": tool, "args": words.arguments()}}

    def result(name: str, second: float, status: str = "success") -> bytes:
        told = {"id": name, "name": "x", "response": {"output": words.of("tool result")}}
        shown = {"callId": name, "status": status, "resultDisplay": {"agentId": "a1"}}
        return line("tool_result", f"r{name}", second, {"functionResponse": told},
                    toolCallResult=shown)  # fmt: skip

    error = {"event.name": "qwen-code.api_error", "status_code": 429, "error_message": "slow down"}
    kept = [{"role": "user", "parts": [{"text": words.of("summary")}]}]
    info = {"originalTokenCount": 8_000, "newTokenCount": 900, "compressionStatus": 1}
    return qwen_logs.transcript(
        home,
        line("user", "u1", 0, {"text": words.memory()}, {"text": words.aside()},
             {"text": words.of("user")},
             {"inlineData": {"mimeType": "image/png", "data": words.image()}}),
        answer("q1", 2, {"text": words.of("thinking"), "thought": True}, call("c1", "read_file"),
               call("c2", "task")),
        *(result("c1", 3), result("c2", 4, "error")),
        answer("q2", 6, {"text": words.of("assistant")}),
        spelt(qwen_logs.record("system", "s1", stamp(7), subtype="ui_telemetry",
                               systemPayload={"uiEvent": error})),
        spelt(qwen_logs.record("system", "s2", stamp(8), subtype="chat_compression",
                               systemPayload={"info": info, "compressedHistory": kept})),
        answer("q3", 10, {"text": words.of("assistant")}),
    )  # fmt: skip


def copilot(home: Path) -> Path:
    """Write a session's events, and its requests into the store."""
    words, event = Words(), copilot_logs.event

    def request(name: str, tool: str, **more: object) -> Fields:
        return {"toolCallId": name, "name": tool, "arguments": words.arguments(), **more}

    def result(name: str, second: float, *, success: bool = True) -> bytes:
        told = {"content": words.of("tool result")}
        return event(
            "tool.execution_complete", second, toolCallId=name, success=success, result=told
        )

    copilot_logs.stored(home, 2.5, 6.5)
    blob = {"type": "blob", "mimeType": "image/png", "data": words.image()}
    started = {"toolCallId": "c2", "agentName": "explore", "agentDisplayName": "Explore"}
    calls = [request("c1", "view"), request("c2", "task"), request("c3", "list_issues")]
    server = {"mcpServerName": "github", "mcpToolName": "list_issues", "toolCallId": "c3"}
    return copilot_logs.events(
        home,
        *(copilot_logs.started(), event("system.message", 0.1, content=words.of("system"))),
        event("user.message", 0.2, content=words.of("user"), attachments=[blob]),
        copilot_logs.said(2, content="", reasoningText=words.of("thinking"), toolRequests=calls),
        *(event("tool.execution_start", 2.1, **server), event("subagent.started", 2.2, **started)),
        *(result("c1", 3), result("c3", 3.5), result("c2", 4, success=False)),
        event("system.notification", 5, content=words.of("attachment")),
        copilot_logs.said(6, content=words.of("assistant"), toolRequests=[]),
        event("session.error", 7, errorType="rate_limit", message="slow down", statusCode=429),
        event("session.compaction_complete", 8, success=True, preCompactionTokens=90_000,
              postCompactionTokens=9_000, summaryContent=words.of("summary")),
        event("abort", 9, reason="user"),
    )  # fmt: skip


def pi_entries() -> list[bytes]:
    """Return the entries of a session of pi's family."""
    words, entry = Words(), pi_logs.entry

    def message(name: str, second: float, role: str, **more: object) -> bytes:
        told = {"role": role, "timestamp": ms(second), **more}
        return spelt(entry("message", name, stamp(second), message=told))

    def answer(number: int, second: float, *content: Fields, reason: str = "stop") -> bytes:
        told = pi_logs.answer(
            *(f"msg_{number:024}", None, f"a{number}", stamp(second), ms(second - 1)),
            content=[*content],
            stopReason=reason,
            errorMessage="HTTP 529",
        )
        return spelt(told)

    def text(kind: str) -> Fields:
        return {"type": "text", "text": words.of(kind)}

    image = {"type": "image", "data": words.image(), "mimeType": "image/png"}
    call = {"type": "toolCall", "id": "c1", "name": "read", "arguments": words.arguments()}
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "thinkingSignature": "x" * 40}
    result = {"toolCallId": "c1", "toolName": "read", "content": [text("tool result")]}
    return [
        pi_logs.header(),
        message("u1", 0, "user", content=[text("user"), image]),
        answer(1, 2, thinking, call, reason="toolUse"),
        message("r1", 3, "toolResult", isError=True, **result),
        answer(2, 5, text("assistant")),
        spelt(entry("custom_message", "k1", stamp(6), content=words.of("attachment"))),
        spelt(entry("compaction", "k2", stamp(7), summary=words.of("summary"), tokensBefore=15_000,
                    firstKeptEntryId="a2")),
        answer(3, 9, reason="error"),
    ]  # fmt: skip


def pi(home: Path) -> Path:
    """Write a session of pi."""
    return pi_logs.pi_log(home, *pi_entries())


def openclaw(home: Path) -> Path:
    """Write a transcript of OpenClaw."""
    return pi_logs.openclaw_log(home, *pi_entries())


def omp(home: Path) -> Path:
    """Write a session of Oh My Pi."""
    folder = home / ".omp" / "agent" / "sessions" / "shop"
    folder.mkdir(parents=True)
    path = folder / pi_logs.name_of(pi_logs.SESSION)
    path.write_bytes(b"".join(pi_entries()))
    return path


def prime(home: Path) -> Path:
    """Write a session of Prime Agent."""
    folder = home / ".prime" / "agent" / "sessions"
    folder.mkdir(parents=True)
    path = folder / pi_logs.name_of(pi_logs.SESSION)
    path.write_bytes(b"".join(pi_entries()))
    return path


def kimi(home: Path) -> Path:
    """Write a wire log of Kimi CLI."""
    words = Words()

    def line(kind: str, second: float, **payload: object) -> bytes:
        return kimi_logs.message(kind, AT_S + second, **payload)

    def call(name: str, tool: str) -> bytes:
        told = {"name": tool, "arguments": json.dumps(words.arguments())}
        return line("ToolCall", 2, type="function", id=name, function=told)

    def result(name: str, second: float, *, is_error: bool = False) -> bytes:
        told = {"is_error": is_error, "output": words.of("tool result"), "message": ""}
        return line("ToolResult", second, tool_call_id=name, return_value=told)

    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{words.image()}"}}
    asked = [{"type": "text", "text": words.of("user")}, {"type": "text", "text": words.aside()}]
    agent = {"type": "StepBegin", "payload": {"n": 1}}
    named = {"parent_tool_call_id": "c2", "agent_id": "a1", "subagent_type": "coder"}
    return kimi_logs.cli_log(
        home,
        *(kimi_logs.header(), line("TurnBegin", 0, user_input=[*asked, image])),
        *(
            line("StepBegin", 1, n=1),
            line("ContentPart", 2, type="think", think=words.of("thinking")),
        ),
        *(call("c1", "ReadFile"), call("c2", "Task")),
        kimi_logs.status("chatcmpl-aaaaaaa1", at=AT_S + 3),
        line("SubagentEvent", 3.5, event=agent, **named),
        *(result("c1", 4), result("c2", 5, is_error=True), line("StepBegin", 6, n=2)),
        line("ContentPart", 7, type="text", text=words.of("assistant")),
        kimi_logs.status("chatcmpl-aaaaaaa2", at=AT_S + 8),
        *(line("CompactionBegin", 9), line("CompactionEnd", 10)),
        *(line("StepBegin", 11, n=3), line("StepInterrupted", 12)),
    )


def kimi_code(home: Path) -> Path:
    """Write a wire log of Kimi Code: the history repeats the prompt."""
    words, line = Words(), kimi_logs.code_line

    def event(kind: str, second: float, **fields: object) -> bytes:
        return line("context.append_loop_event", ms(second), event={"type": kind, **fields})

    def call(name: str, tool: str) -> bytes:
        return event("tool.call", 2, toolCallId=name, name=tool, args=words.arguments())

    def result(name: str, second: float, **more: object) -> bytes:
        told = {"output": f"agent_id: a1 {words.of('tool result')}", **more}
        return event("tool.result", second, toolCallId=name, result=told)

    def history(second: float, text: str, kind: str) -> bytes:
        told = {"role": "user", "content": [{"type": "text", "text": text}], "toolCalls": []}
        return line("context.append_message", ms(second), message=told | {"origin": {"kind": kind}})

    asked: list[Fields] = [{"type": "text", "text": words.of("user")}]
    asked += [{"type": "image_url", "image_url": {"url": words.image()}}]
    repeated = {"role": "user", "content": asked, "origin": {"kind": "user"}}
    return kimi_logs.code_log(
        home,
        kimi_logs.created(ms(0) - 5_000),
        line("config.update", ms(0), cwd="/home/ana/shop", systemPrompt=words.of("system")),
        line("turn.prompt", ms(0), input=asked, origin={"kind": "user"}),
        line("context.append_message", ms(0), message=repeated),
        history(0.2, words.of("attachment"), "injection"),
        history(0.3, words.memory(), "user"),
        *(event("step.begin", 1, uuid="s1"),
          event("content.part", 2, part={"type": "think", "think": words.of("thinking")})),
        *(call("c1", "Read"), call("c2", "Agent"), kimi_logs.used(at=ms(3))),
        kimi_logs.ended(at=ms(3)),
        *(result("c1", 4), result("c2", 5, isError=True), event("step.begin", 6, uuid="s2")),
        event("content.part", 7, part={"type": "text", "text": words.of("assistant")}),
        *(kimi_logs.used(at=ms(8)), kimi_logs.ended(at=ms(8)), line("full_compaction.begin", ms(9),
                                                                    source="manual")),
        line("context.apply_compaction", ms(10), summary=words.of("summary"), tokensBefore=25_000,
             tokensAfter=900, compactedCount=3),
        line("turn.step.retrying", ms(11), failedAttempt=1, error={"message": "HTTP 529"}),
    )  # fmt: skip


def grok(home: Path) -> Path:
    """Write a session's updates: texts come in chunks."""
    words, update = Words(), grok_logs.update

    def text(kind: str, second: float, content: str) -> bytes:
        return update(kind, AT_S + second, None, content={"type": "text", "text": content})

    image = {"type": "image", "data": words.image(), "mimeType": "image/png"}
    done = {"toolCallId": "c1", "status": "completed", "title": words.of("title")}
    output = [{"type": "content", "content": {"type": "text", "text": words.of("tool result")}}]
    started = {"toolCallId": "c1", "kind": "read", "status": "pending", "title": words.of("title")}
    usage = grok_logs.row(12_000, 300, 9_000, modelCalls=1, reasoningTokens=90)
    return grok_logs.log(
        home,
        text("user_message_chunk", 0, words.memory()),
        text("user_message_chunk", 0, words.aside()),
        text("user_message_chunk", 0, words.of("user")),
        update("user_message_chunk", AT_S, None, content=image),
        text("agent_thought_chunk", 1, words.of("thinking")),
        update("tool_call", AT_S + 2, None, rawInput=words.arguments(), **started),
        update("tool_call_update", AT_S + 3, None, content=output, **done),
        text("agent_message_chunk", 4, words.of("assistant")),
        grok_logs.turn("p1", usage, AT_S + 5),
        text("user_message_chunk", 6, words.of("user")),
        update("turn_completed", AT_S + 7, stop_reason="error", prompt_id="p2"),
        **grok_logs.about(),
    )  # fmt: skip


LINES = {
    **{"gemini-cli": gemini, "qwen-code": qwen, "copilot-cli": copilot, "pi": pi, "omp": omp},
    **{"prime-agent": prime, "openclaw": openclaw, "kimi": kimi, "kimi-code": kimi_code},
    "grok": grok,
}
