"""Writes simulated threads as Codex CLI does: a running total after every response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.json import encode

from tokwatch.demo.agent import FIRST_ANSWER_MS, Agent, Request, Spent, Task, stamp
from tokwatch.demo.desks import CODEX_WINDOW
from tokwatch.demo.talk import Step, heard_ms, said_by, step_of, text_of

VERSION: Final = "0.144.0"
REPORT_TOKENS: Final = 900
"""What a spawned thread reports when it comes back."""
NAMES: Final = {"Edit": "apply_patch", "WebFetch": "web_fetch"}
"""What Codex calls its tools; what is none of these runs in its shell."""

Json = dict[str, Any]  # an object to be encoded: values of any kind


def path_of(agent: Agent) -> str:
    """Return where a thread's rollout lies below the home."""
    begun = stamp(agent.begin_ms)
    year, month, day = begun[:10].split("-")
    name = f"rollout-{begun[:19].replace(':', '-')}-{agent.session}.jsonl"
    return f".codex/sessions/{year}/{month}/{day}/{name}"


def beside(agent: Agent) -> dict[str, bytes]:
    """Return no further files: a rollout says itself who spawned it."""
    return {}


def opening(agent: Agent) -> bytes:
    """Return the lines before the first response: who and where, the prompt, the model."""
    cwd = f"/home/dev/{agent.desk.project}"
    meta: Json = {
        "id": agent.session,
        "timestamp": stamp(agent.begin_ms),
        "cwd": cwd,
        "originator": "codex-tui",
        "cli_version": VERSION,
        "source": "cli",
        "model_provider": "openai",
        "git": {"branch": agent.desk.branch},
    }
    if agent.parent:
        spawn = {"parent_thread_id": agent.parent, "depth": 1}
        meta |= {
            "parent_thread_id": agent.parent,
            "source": {"subagent": {"thread_spawn": spawn}},
            "thread_source": "subagent",
            "agent_role": agent.kind,
        }
    if agent.talks:
        text = text_of("system prompt", agent.desk.system_tokens * 2 // 3)
        meta["base_instructions"] = {"text": text}
    turn = {"cwd": cwd, "approval_policy": "on-request", "model": agent.desk.model}
    lines = (
        _line(agent.begin_ms, "session_meta", meta),
        _event(agent.begin_ms, {"type": "user_message", "message": agent.title}),
        _line(agent.begin_ms, "turn_context", turn),
        *_known_from_the_start(agent),
    )
    return b"".join(lines)


def _known_from_the_start(agent: Agent) -> Iterator[bytes]:
    """Yield the memory file, and what the user asks for."""
    if agent.talks:
        text = said_by(agent, "memory file", agent.desk.system_tokens // 8)
        yield _said(agent.begin_ms, "user", f"# AGENTS.md instructions\n{text}")
    yield _said(agent.begin_ms, "user", agent.title)


def call_of(agent: Agent, number: int) -> str:
    """Return the id of the call that an answer makes."""
    return f"call_{agent.session[:8]}_{number}"


def answer(agent: Agent, request: Request) -> list[bytes]:
    """Return what is written in turn: what is sent with a request, then its response."""
    at_ms, step = request.at_ms, step_of(agent, request.number)
    sent = [] if request.number == 1 or request.compacts else list(_sent(agent, request))
    lines = []
    if request.compacts:
        summary = said_by(agent, f"summary {request.number}", request.grown)
        lines.append(_line(at_ms - FIRST_ANSWER_MS, "compacted", {"message": summary}))
    if "thinking" in step.kinds:
        lines.append(_item(at_ms, {"type": "reasoning", "summary": []}))
    tokens = request.output - request.reasoning
    if not step.calls:
        text = said_by(agent, f"answer {request.number}", tokens)
        lines.append(_said(at_ms, "assistant", text))
        lines.append(_event(at_ms, {"type": "agent_message", "message": text[:40]}))
    else:
        lines.append(_item(at_ms, _call(agent, request, step, tokens)))
    lines.append(_event(at_ms, {"type": "token_count", "info": _info(request)}))
    return [b"".join(some) for some in (sent, lines) if some]


def _call(agent: Agent, request: Request, step: Step, tokens: int) -> Json:
    """Return the call of a tool."""
    note = said_by(agent, f"note {request.number}", tokens)
    name, arguments = NAMES.get(step.tool, "shell"), {**step.arguments, "note": note}
    if step.tool == "Task":
        kind = step.arguments["subagent_type"]
        name, arguments = "spawn_agent", {"agent_type": kind, "message": note}
    elif step.tool.startswith("mcp__"):
        name = step.tool
    elif name == "shell":
        about = step.arguments.get("file_path") or step.arguments.get("pattern", "")
        arguments = {"command": step.arguments.get("command", f"cat {about}"), "note": note}
    call = call_of(agent, request.number)
    told = encode(arguments).decode()
    return {"type": "function_call", "name": name, "arguments": told, "call_id": call}


def _sent(agent: Agent, request: Request) -> Iterator[bytes]:
    """Yield what came since the answer before: a tool's result or the user's words, and reports."""
    number, left = request.number - 1, request.grown
    at_ms, step = heard_ms(request), step_of(agent, request.number - 1)
    for back in agent.tasks:
        if back.reported == request.number:
            left -= REPORT_TOKENS
            yield _report(agent, at_ms, back)
    if not step.calls:
        text = said_by(agent, f"wish {number}", left)
        yield _event(at_ms, {"type": "user_message", "message": text[:40]})
        yield _said(at_ms, "user", text)
        return
    output = said_by(agent, f"result {number}", left)
    task = next((task for task in agent.tasks if task.number == number), None)
    if task is not None:
        output = encode({"agent_id": task.child, "note": "A simulated result."}).decode()
    call = call_of(agent, number)
    yield _item(at_ms, {"type": "function_call_output", "call_id": call, "output": output})


def _report(agent: Agent, at_ms: int, task: Task) -> bytes:
    """Return the message that a spawned thread sends when it is done."""
    text = said_by(agent, f"report {task.number}", REPORT_TOKENS)
    content = [{"type": "output_text", "text": text}]
    return _item(at_ms, {"type": "agent_message", "author": task.child, "content": content})


def _said(at_ms: int, role: str, text: str) -> bytes:
    kind = "output_text" if role == "assistant" else "input_text"
    content = [{"type": kind, "text": text}]
    return _item(at_ms, {"type": "message", "role": role, "content": content})


def _info(request: Request) -> Json:
    last = Spent(request.prompt, request.cache_read, request.output, request.reasoning)
    return {
        "total_token_usage": _totals(request.total),
        "last_token_usage": _totals(last),
        "model_context_window": CODEX_WINDOW,
    }


def _totals(spent: Spent) -> Json:
    return {
        "input_tokens": spent.prompt,
        "cached_input_tokens": spent.cached,
        "output_tokens": spent.output,
        "reasoning_output_tokens": spent.reasoning,
        "total_tokens": spent.prompt + spent.output,
    }


def _item(at_ms: int, payload: Json) -> bytes:
    return _line(at_ms, "response_item", payload)


def _event(at_ms: int, payload: Json) -> bytes:
    return _line(at_ms, "event_msg", payload)


def _line(at_ms: int, kind: str, payload: Json) -> bytes:
    return encode({"timestamp": stamp(at_ms), "type": kind, "payload": payload}) + b"\n"
