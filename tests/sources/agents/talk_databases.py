"""One whole conversation of each tool that keeps a database: all that it can tell."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.sources.agents import crush_logs, goose_logs, hermes_logs, opencode_logs, zcode_logs
from tests.sources.agents import zed_logs as zed
from tests.sources.agents.databases import insert, made, writing
from tests.sources.agents.talk import AT_S, Words, ms
from tests.sources.road import Fields

Message = tuple[str, Fields, list[Fields]]
"""A name, the message, its parts."""


def opencode_messages(words: Words) -> list[Message]:
    """Return a session's messages of version 1."""

    def asked(second: float) -> Fields:
        return {"role": "user", "time": {"created": ms(second)}, "agent": "build"}

    def answer(second: float, **fields: object) -> Fields:
        return opencode_logs.answer(opencode_logs.CALL, ms(second), **fields)

    def tool(name: str, call: str, status: str = "completed", /, **state: object) -> Fields:
        told = {"status": status, "input": words.arguments(), **state}
        return {"type": "tool", "tool": name, "callID": call, "state": told}

    def text(kind: str, **more: object) -> Fields:
        return {"type": "text", "text": words.of(kind), **more}

    picture = {"type": "file", "mime": "image/png", "url": f"data:;base64,{words.image()}"}
    child: Fields = {"metadata": {"sessionId": "ses_2"}, "output": words.of("tool result")}
    retried = {"name": "APIError", "data": {"message": "slow down", "statusCode": 429}}
    failed = {"name": "MessageAbortedError", "data": {"message": "Aborted"}}
    return [
        ("msg_1", asked(0), [text("user"), picture, text("attachment", synthetic=True)]),
        ("msg_2", answer(1, finish="tool-calls"), [
            {"type": "step-start"}, {"type": "retry", "attempt": 1, "error": retried},
            {"type": "reasoning", "text": words.of("thinking")},
            tool("read", "c1", output=words.of("tool result")), tool("task", "c2", **child),
            tool("bash", "c3", "error", error=words.of("tool result")),
            tool("bash", "c4", "running"), {"type": "step-finish", "reason": "tool-calls"}]),
        ("msg_3", answer(10), [text("assistant")]),
        ("msg_4", asked(20), [{"type": "compaction", "auto": True}]),
        ("msg_5", answer(21, summary=True), [text("summary")]),
        ("msg_6", asked(30), [text("user")]),
        ("msg_7", answer(31, error=failed, finish=None), [text("assistant")]),
    ]  # fmt: skip


def opencode(home: Path, program: str = "opencode") -> Path:
    """Write a database: a session of version 1, and one that it set to work, of version 2."""
    words = Words()
    path = home / ".local" / "share" / program / f"{program}.db"
    made(path, opencode_logs.SCHEMA + opencode_logs.SECOND_SCHEMA)
    with writing(path) as tables:
        opencode_logs.session(tables, "ses_1", at=ms(-5))
        for name, told, parts in opencode_messages(words):
            opencode_logs.message(tables, name, told)
            for place, one in enumerate(parts):
                times = {"time_created": ms(0), "time_updated": ms(0), "data": json.dumps(one)}
                identity = {"id": f"prt_{name}_{place}", "message_id": name, "session_id": "ses_1"}
                insert(tables, "part", **identity, **times)
        opencode_logs.session(tables, "ses_2", "ses_1", ms(1), table="session_v2")
        for kind, data in second_messages(words):
            name = f"msg_second_{data['time']['created']}"
            opencode_logs.second_message(tables, name, data, "ses_2", kind)
    return path


def second_messages(words: Words) -> list[tuple[str, Fields]]:
    """Return a session's messages of version 2."""
    state = {"status": "completed", "input": words.arguments(), "structured": {},
             "content": [{"type": "text", "text": words.of("tool result")}]}  # fmt: skip
    content: list[Fields] = [{"type": "reasoning", "text": words.of("thinking")},
               {"type": "tool", "id": "d1", "name": "read", "state": state}]  # fmt: skip
    last: list[Fields] = [{"type": "text", "text": words.of("assistant")}]

    def answer(second: float, content: list[Fields]) -> Fields:
        return opencode_logs.second(opencode_logs.CALL, ms(second), content=content)

    def told(second: float, **fields: object) -> Fields:
        return {"time": {"created": ms(second)}, **fields}

    return [
        ("system", told(2, text=words.of("system"))),
        (
            "user",
            told(3, text=words.of("user"), files=[{"mime": "image/png", "uri": words.image()}]),
        ),
        ("synthetic", told(4, text=words.of("attachment"))),
        ("assistant", answer(5, content)),
        ("compaction", told(15, reason="manual", summary=words.of("summary"), recent="")),
        ("assistant", answer(16, last)),
    ]


def goose(home: Path) -> Path:
    """Write a database: an answer is two messages, a summary is for the model alone."""
    words, path = Words(), made(goose_logs.path(home), goose_logs.SCHEMA)

    def text(kind: str) -> Fields:
        return {"type": "text", "text": words.of(kind)}

    value = {"name": "developer__shell", "arguments": words.arguments()}
    call = {"type": "toolRequest", "id": "c1", "toolCall": {"status": "success", "value": value}}
    answered = {"status": "success", "value": {"content": [text("tool result")], "isError": True}}
    thinking = {"type": "thinking", "thinking": words.of("thinking"), "signature": "x" * 40}
    image = {"type": "image", "data": words.image(), "mimeType": "image/png"}
    aside = {"type": "text", "text": f"<info-msg>{words.of('attachment')}</info-msg>"}
    said: list[tuple[float, str, list[Fields], Fields]] = [
        (0, "user", [text("user"), image, aside], {}),
        (2, "assistant", [thinking], {}),
        (2, "assistant", [call], {}),
        (3, "user", [{"type": "toolResponse", "id": "c1", "toolResult": answered}], {}),
        (5, "assistant", [text("assistant")], {}),
        (8, "user", [text("summary")], {"userVisible": False, "agentVisible": True}),
        (9, "assistant", [text("assistant")], {}),
    ]
    with writing(path) as tables:
        tables.execute("ALTER TABLE messages ADD COLUMN metadata_json TEXT")
        insert(tables, "sessions", id="s1", working_dir="/home/ana/shop", provider_name="anthropic")
        for second, role, content, about in said:
            insert(
                *(tables, "messages"),
                session_id="s1",
                role=role,
                content_json=json.dumps(content),
                created_timestamp=AT_S + int(second),
                metadata_json=json.dumps(about),
            )
        for second, is_compaction in ((2, 0), (5, 0), (7, 1), (9, 0)):
            used = {"input_tokens": 15_420, "output_tokens": 300, "total_tokens": 15_720}
            times = {"session_id": "s1", "created_timestamp": AT_S + second, "model": "x"}
            insert(tables, "usage_ledger", **times, **used, is_compaction=is_compaction)
    return path


def crush(home: Path) -> Path:
    """Write a project's database: a session and the sub-agent that it set to work."""
    words = Words()
    path = crush_logs.path(home)
    made(path, crush_logs.SCHEMA)

    def part(kind: str, **data: object) -> Fields:
        return {"type": kind, "data": data}

    def call(name: str, tool: str) -> Fields:
        told = json.dumps(words.arguments())
        return part("tool_call", id=name, name=tool, input=told, finished=True)

    def result(name: str, **more: object) -> Fields:
        told = words.of("tool result")
        return part("tool_result", tool_call_id=name, name="x", content=told, **more)

    binary = part("binary", Path="a.png", MIMEType="image/png", Data=words.image())
    aside = part("text", text=f"<system_reminder>{words.of('attachment')}</system_reminder>")
    said = [
        ("s1", 0, "user", [part("text", text=words.of("user")), aside, binary], 0),
        ("s1", 2, "assistant", [part("reasoning", thinking=words.of("thinking"), signature=""),
                                call("c1", "view"), call("c2", "agent")], 0),
        ("x$$c2", 3, "user", [part("text", text=words.of("user"))], 0),
        ("x$$c2", 4, "assistant", [part("text", text=words.of("assistant"))], 0),
        ("s1", 5, "tool", [result("c1"), result("c2", is_error=True)], 0),
        ("s1", 6, "assistant", [part("text", text=words.of("assistant"))], 0),
        ("s1", 8, "assistant", [part("text", text=words.of("summary"))], 1),
        ("s1", 9, "assistant", [part("finish", reason="error", message="HTTP 529")], 0),
    ]  # fmt: skip
    with writing(path) as tables:
        tables.execute("ALTER TABLE messages ADD COLUMN is_summary_message INTEGER DEFAULT 0")
        for name, parent in (("s1", None), ("x$$c2", "s1")):
            times = {"updated_at": AT_S + 9, "created_at": AT_S, "prompt_tokens": 42_000}
            insert(tables, "sessions", id=name, parent_session_id=parent, title="x", **times)
        for place, (session, second, role, parts, is_summary) in enumerate(said):
            times = {"created_at": AT_S + second, "updated_at": AT_S + second}
            insert(tables, "messages", id=f"m{place}", session_id=session, role=role,
                   parts=json.dumps(parts), finished_at=AT_S + second + 1,
                   is_summary_message=is_summary, **times)  # fmt: skip
    return path


def hermes(home: Path) -> Path:
    """Write a database: messages as OpenAI's interface has them."""
    words = Words()
    path = hermes_logs.path(home)
    made(path, hermes_logs.SCHEMA)
    function = {"name": "read_file", "arguments": json.dumps(words.arguments())}
    calls = json.dumps([{"id": "c1", "type": "function", "function": function}])
    address = {"type": "image_url", "image_url": {"url": f"data:;base64,{words.image()}"}}
    content = [{"type": "text", "text": words.of("user")}, address]
    said: list[Fields] = [
        {"role": "user", "content": f"\0json:{json.dumps(content)}"},
        {"role": "assistant", "reasoning": words.of("thinking"), "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": words.of("tool result")},
        {"role": "assistant", "content": words.of("assistant"), "finish_reason": "stop"},
    ]
    with writing(path) as tables:
        for name in ("tool_call_id", "tool_calls", "reasoning", "finish_reason"):
            tables.execute(f"ALTER TABLE messages ADD COLUMN {name} TEXT")
        prompt = words.of("system")
        insert(tables, "sessions", id="s1", source="cli", system_prompt=prompt, started_at=AT_S)
        for place, told in enumerate(said):
            insert(tables, "messages", session_id="s1", timestamp=AT_S + place, **told)
    return path


def zed_thread(home: Path) -> Path:
    """Write a database with one thread."""
    words = Words()
    result = {"tool_use_id": "c1", "tool_name": "read_file", "is_error": False}
    result["content"] = {"Text": words.of("tool result")}
    asked = [{"Text": words.of("user")}, {"Image": {"source": words.image()}},
             {"Mention": {"uri": {}, "content": words.of("attachment")}}]  # fmt: skip
    thinking = {"Thinking": {"text": words.of("thinking"), "signature": "x" * 40}}
    call = {"ToolUse": {"id": "c1", "name": "read_file", "input": words.arguments()}}
    said: list[object] = [
        {"User": {"id": "p1", "content": asked}},
        {"Agent": {"content": [thinking, call], "tool_results": {"c1": result}}},
        {"Agent": {"content": [{"Text": words.of("assistant")}], "tool_results": {}}},
        "Resume",
    ]
    path = made(zed.path(home), zed.SCHEMA)
    with writing(path) as tables:
        told = zed.content(None, {"p1": zed.TURN})
        zed.save(tables, told | {"messages": said})
    return path


def zcode(home: Path) -> Path:
    """Write a database: messages with parts, and requests apart."""
    words, path = Words(), made(zcode_logs.path(home), zcode_logs.SCHEMA)

    def text(kind: str, **more: object) -> Fields:
        return {"type": "text", "text": words.of(kind), **more}

    state = {"status": "completed", "input": words.arguments(), "output": words.of("tool result")}
    agent = {"status": "error", "input": words.arguments(), "error": words.of("tool result")}
    picture = {"type": "file", "mime": "image/png", "url": words.image()}
    memory, aside = words.memory(), words.aside()
    failed = {"name": "APIError", "data": {"message": "slow down", "statusCode": 429}}
    said: list[tuple[float, Fields, list[Fields]]] = [
        (0, {"role": "user"}, [{"type": "text", "text": memory}, {"type": "text", "text": aside},
                               text("user"), picture]),
        (1, {"role": "assistant", "finish": "tool-calls"}, [
            {"type": "thinking", "thinking": words.of("thinking")},
            {"type": "tool", "callID": "c1", "tool": "Read", "state": state},
            {"type": "tool", "callID": "c2", "tool": "task", "state": agent}]),
        (5, {"role": "assistant", "finish": "stop"}, [text("assistant")]),
        (8, {"semantics": {"kind": "compact_summary"}, "role": "user",
             "time": {"completed": ms(9)}}, [text("summary")]),
        (10, {"role": "assistant", "error": failed}, [text("assistant")]),
    ]  # fmt: skip
    with writing(path) as tables:
        tables.execute("ALTER TABLE message ADD COLUMN time_created INTEGER")
        tables.execute("CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT,"
                       " time_created INTEGER, data TEXT)")  # fmt: skip
        insert(tables, "session", id="s1", directory="/home/ana/shop", title="x")
        for place, (second, data, parts) in enumerate(said):
            told = {"session_id": "s1", "time_created": ms(second)}
            insert(tables, "message", id=f"m{place}", data=json.dumps(data), **told)
            for number, one in enumerate(parts):
                named = {"id": f"p{place}-{number}", "message_id": f"m{place}"}
                insert(tables, "part", **named, **told, data=json.dumps(one))
        for second in (1, 5, 10):
            zcode_row(tables, second)
    return path


def zcode_row(tables: sqlite3.Connection, second: float) -> None:
    """Add a request that was answered two seconds after it was sent."""
    times = {"started_at": ms(second), "completed_at": ms(second + 2)}
    counts = {"input_tokens": 15_000, "output_tokens": 300, "reasoning_tokens": 40}
    insert(tables, "model_usage", id=f"u{second}", session_id="s1", status="completed",
           **times, **counts, cache_read_input_tokens=9_000)  # fmt: skip


DATABASES: dict[str, Callable[[Path], Path]] = {
    "opencode": opencode,
    "kilo-cli": partial(opencode, program="kilo"),
    "mimo-code": partial(opencode, program="mimocode"),
    "icodemate": partial(opencode, program="icodemate"),
    **{"goose": goose, "crush": crush, "hermes": hermes, "zed": zed_thread, "zcode": zcode},
}
