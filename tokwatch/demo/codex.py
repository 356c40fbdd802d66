"""Writes simulated threads as Codex CLI does: a running total after every response."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from msgspec.json import encode

from tokwatch.demo.agent import Agent, Request, Spent, stamp
from tokwatch.demo.desks import CODEX_WINDOW

VERSION: Final = "0.144.0"
STEP_MS: Final = 250
"""Until a call's result."""

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
    turn = {"cwd": cwd, "approval_policy": "on-request", "model": agent.desk.model}
    lines = (
        _line(agent.begin_ms, "session_meta", meta),
        _event(agent.begin_ms, {"type": "user_message", "message": agent.title}),
        _line(agent.begin_ms, "turn_context", turn),
    )
    return b"".join(lines)


def answer(agent: Agent, request: Request, dice: Random) -> list[bytes]:
    """Return what is written in turn: a response with its totals, and the result of its call."""
    at_ms, call = request.at_ms, f"call_{agent.session[:8]}_{request.number}"
    lines = []
    if request.compacts:
        lines.append(_line(at_ms, "compacted", {"message": "A simulated summary."}))
    if dice.random() < 0.5:
        lines.append(_item(at_ms, {"type": "reasoning", "summary": []}))
    totals = _event(at_ms, {"type": "token_count", "info": _info(request)})
    if request.number == agent.ends_after:
        said = _event(at_ms, {"type": "agent_message", "message": "A simulated answer."})
        return [b"".join([*lines, said, totals])]
    begun = {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": call}
    ended = {"type": "function_call_output", "call_id": call, "output": "A simulated result."}
    return [b"".join([*lines, _item(at_ms, begun), totals]), _item(at_ms + STEP_MS, ended)]


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
