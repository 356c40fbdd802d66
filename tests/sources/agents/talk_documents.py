"""One whole conversation of each tool that writes documents: all that its logs can tell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.agents import (
    amp_logs,
    cline_logs,
    droid_logs,
    gemini_logs,
    opencode_logs,
    vibe_logs,
)
from tests.sources.agents.talk import Words, ms, stamp
from tests.sources.agents.talk_databases import opencode_messages
from tests.sources.road import Fields, spelt, write


def text(told: str) -> Fields:
    """Return a piece of text."""
    return {"type": "text", "text": told}


def image(words: Words) -> Fields:
    """Return an image as Anthropic's interface has it."""
    source = {"type": "base64", "media_type": "image/png", "data": words.image()}
    return {"type": "image", "source": source}


def amp(home: Path) -> Path:
    """Write a thread."""
    words = Words()

    def answer(number: int, second: float, *content: Fields, kind: str = "complete") -> Fields:
        usage = amp_logs.used(timestamp=stamp(second))
        told = {"role": "assistant", "messageId": number, "content": [*content], "usage": usage}
        return told | {"state": {"type": kind, "stopReason": "end_turn"}}

    call = {"type": "tool_use", "id": "c1", "name": "Read", "input": words.arguments()}
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "signature": "x" * 40}
    run = {"status": "error", "error": {"message": words.of("tool result")}}
    asked = {"role": "user", "messageId": 0, "content": [text(words.of("user")), image(words)]}
    asked |= {"meta": {"sentAt": ms(0)}}
    asked |= {"fileMentions": {"files": [{"uri": "file:///a", "content": words.of("attachment")}]}}
    summary = {"type": "summary", "summary": {"type": "message", "summary": words.of("summary")}}
    summary["summary"] = {"type": "message", "text": words.of("summary")}
    return amp_logs.amp_log(
        home,
        amp_logs.thread(
            asked,
            answer(1, 2, thinking, call),
            {"role": "user", "messageId": 2,
             "content": [{"type": "tool_result", "toolUseID": "c1", "run": run}]},
            answer(3, 5, text(words.of("assistant"))),
            {"role": "info", "messageId": 4, "content": [summary]},
            answer(5, 8, text(words.of("assistant")), kind="error"),
        ),
    )  # fmt: skip


def task(home: Path, source: str) -> Path:
    """Write a task: requests in one file, the conversation in another."""
    words = Words()
    condensed = {"prevContextTokens": 20_000, "newContextTokens": 900}
    path = cline_logs.task_log(
        home,
        [
            cline_logs.request(ms(1)),
            cline_logs.request(ms(4)),
            cline_logs.say("condense_context", ms(6), contextCondense=condensed),
            cline_logs.request(ms(7), cline_logs.info(cancelReason="user_cancelled")),
        ],
        source,
    )
    call = {"type": "tool_use", "id": "c1", "name": "read_file", "input": words.arguments()}
    result = {
        "type": "tool_result",
        "tool_use_id": "c1",
        "content": [text(words.of("tool result"))],
    }
    details = f"<environment_details>{words.of('attachment')}</environment_details>"
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "signature": "x" * 40}
    said = [
        ("user", ms(0), [text(f"<task>{words.of('user')}</task>"), text(details), image(words)]),
        ("assistant", ms(2), [thinking, call]),
        ("user", ms(3), [result]),
        ("assistant", ms(5), [text(words.of("assistant"))]),
        ("user", ms(6), [text(words.of("summary"))]),
        ("assistant", ms(8), [text(words.of("assistant"))]),
    ]
    history = [{"role": role, "ts": at, "content": content} for role, at, content in said]
    history[4]["isSummary"] = True
    write(path.with_name("api_conversation_history.json"), json.dumps(history).encode())
    return path


def cline(home: Path) -> Path:
    """Write a task of Cline."""
    return task(home, "cline")


def roo(home: Path) -> Path:
    """Write a task of Roo Code."""
    return task(home, "roo-code")


def kilo(home: Path) -> Path:
    """Write a task of Kilo Code."""
    return task(home, "kilo-code")


def cline_cli(home: Path) -> Path:
    """Write a session of Cline since 4.1."""
    words = Words()
    metrics = {"inputTokens": 21_100, "outputTokens": 40, "cacheReadTokens": 20_000}
    model = {"id": "claude-sonnet-4-6", "provider": "anthropic"}
    call = {"type": "tool_use", "id": "c1", "name": "read_file", "input": words.arguments()}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": words.of("tool result")}
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "signature": "x" * 40}
    said = [
        ("user", [text(words.of("user")), image(words)]),
        ("assistant", [thinking, call]),
        ("user", [result]),
        ("assistant", [text(words.of("assistant"))]),
    ]
    messages: list[Fields] = []
    for place, (role, content) in enumerate(said):
        told: Fields = {"id": f"m{place}", "role": role, "ts": ms(place), "content": content}
        messages.append(told | ({"metrics": metrics, "modelInfo": model} if place % 2 else {}))
    return cline_logs.session_log(home, *messages)


def droid(home: Path) -> Path:
    """Write a session's settings, and its log."""
    words = Words()

    def line(role: str, second: float, *content: Fields, **more: object) -> bytes:
        told = {"role": role, "content": [*content], **more}
        return spelt({"type": "message", "timestamp": stamp(second), "message": told})

    path = droid_logs.save(home, droid_logs.settings())
    call = {"type": "tool_use", "id": "c1", "name": "Read", "input": words.arguments()}
    agent = {"type": "tool_use", "id": "c2", "name": "Task", "input": words.arguments()}
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "signature": "x" * 40}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": words.of("tool result")}
    report = {"type": "tool_result", "tool_use_id": "c2", "content": words.of("tool result")}
    write(
        path.with_name(f"{droid_logs.SESSION}.jsonl"),
        spelt({"type": "session_start", "id": droid_logs.SESSION, "cwd": "/home/ana/shop"}),
        line("user", 0, text(words.memory()), text(words.aside())),
        line("user", 0, text(words.of("hidden")), visibility="user_only"),
        line("user", 0, text(words.of("user")), image(words)),
        line("assistant", 2, thinking, call, agent),
        *(line("user", 3, result, report), line("assistant", 5, text(words.of("assistant")))),
        spelt(
            {"type": "compaction_state", "timestamp": stamp(6), "summaryText": words.of("summary")}
        ),
        line("assistant", 7, text(words.of("assistant"))),
    )
    return path


def vibe(home: Path) -> Path:
    """Write what is told about a session, and its messages."""
    words = Words()
    prompt = {"role": "system", "content": words.of("system")}
    path = vibe_logs.save(home, vibe_logs.meta(vibe_logs.stats(100, 20), system_prompt=prompt))
    function = {"name": "read_file", "arguments": json.dumps(words.arguments())}
    calls = [{"id": "c1", "index": 0, "function": function}]
    said: list[Fields] = [
        {"role": "user", "content": words.of("user")},
        {"role": "user", "content": words.of("attachment"), "injected": True},
        {"role": "assistant", "content": "", "reasoning_content": words.of("thinking"),
         "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": words.of("tool result")},
        {"role": "assistant", "content": words.of("assistant")},
    ]  # fmt: skip
    write(path.with_name("messages.jsonl"), *map(spelt, said))
    return path


def opencode_files(home: Path) -> Path:
    """Write a session as files of before version 1.2; return that of its last answer."""
    path = opencode_logs.session_file(home, "ses_1", ms(-5))
    for name, told, parts in opencode_messages(Words()):
        path = opencode_logs.message_file(home, name, told)
        for place, one in enumerate(parts):
            folder = opencode_logs.storage(home) / "part" / name
            identity = f"prt_{name}_{place}"
            write(folder / f"{identity}.json", json.dumps(one | {"id": identity}).encode())
    return path


def gemini_document(home: Path) -> Path:
    """Write a chat of the older form."""
    words = Words()
    call = {"id": "c1", "name": "read_file", "args": words.arguments(), "status": "success"}
    told = {"functionResponse": {"id": "c1", "response": {"output": words.of("tool result")}}}
    asked = {"id": "u1", "timestamp": stamp(0), "type": "user", "content": words.of("user")}
    calling = gemini_logs.message(1, at=stamp(2), content="", toolCalls=[call | {"result": [told]}])
    last = gemini_logs.message(2, at=stamp(5), content=words.of("assistant"))
    return gemini_logs.document(home, asked, calling, last)


DOCUMENTS = {
    **{"amp": amp, "cline": cline, "roo-code": roo, "kilo-code": kilo, "cline-cli": cline_cli},
    **{"droid": droid, "vibe": vibe},
}
"""Where it is all that a tool writes; of the others see talk_lines.py and talk_databases.py."""
