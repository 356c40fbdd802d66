"""Writes simulated sessions as Claude Code does: a line for each block, the last one final."""

from __future__ import annotations

from hashlib import blake2b
from random import Random
from typing import Any, Final
from uuid import UUID

from msgspec.json import encode

from tokwatch.demo.agent import FIRST_ANSWER_MS, Agent, Request, stamp

VERSION: Final = "2.1.328"
BLOCK_MS: Final = 350
"""Between the blocks of one response, the last of which is written at its instant."""
BLOCKS: Final = (
    ("tool_use",),
    ("text", "tool_use"),
    ("thinking", "tool_use"),
    ("thinking", "text", "tool_use"),
    ("text",),
)
TOOLS: Final = ("Read", "Grep", "Edit", "Bash")

LAST: Final = "last"
"""Names the last line of an answer, which the next one follows."""

Json = dict[str, Any]  # an object to be encoded: values of any kind


def path_of(agent: Agent) -> str:
    """Return where an agent's transcript lies below the home."""
    folder = f".claude/projects/-home-dev-{agent.desk.project}"
    if agent.id:
        return f"{folder}/{agent.session}/subagents/agent-{agent.id}.jsonl"
    return f"{folder}/{agent.session}.jsonl"


def beside(agent: Agent) -> dict[str, bytes]:
    """Return the small file that tells of what kind a sub-agent is."""
    if agent.is_main:
        return {}
    meta = {"agentType": agent.kind, "description": agent.title}
    return {path_of(agent).removesuffix(".jsonl") + ".meta.json": encode(meta)}


def opening(agent: Agent) -> bytes:
    """Return the lines before the first response: the prompt, and a session's title."""
    prompt = _line(agent, "user", agent.begin_ms, _id(agent, LAST, 0), None)
    prompt["message"] = {"role": "user", "content": agent.title}
    lines = [prompt]
    if agent.is_main:
        lines.append({"type": "ai-title", "aiTitle": agent.title, "sessionId": agent.session})
    return b"".join(encode(line) + b"\n" for line in lines)


def answer(agent: Agent, request: Request, dice: Random) -> list[bytes]:
    """Return what is written in turn: a response, and the result of the tool that it calls."""
    kinds = BLOCKS[-1] if request.number == agent.ends_after else dice.choice(BLOCKS[:-1])
    lines = []
    before: str | None = _id(agent, LAST, request.number - 1)
    if request.compacts:
        lines.append(_boundary(agent, request, before))
        before = None
    for place, kind in enumerate(kinds):
        is_final = place == len(kinds) - 1
        name = LAST if is_final and kind == "text" else f"block {place}"
        at_ms = request.at_ms - BLOCK_MS * (len(kinds) - 1 - place)
        mine = _id(agent, name, request.number)
        line = _line(agent, "assistant", at_ms, mine, before)
        line["message"] = _message(agent, request, kind, dice, is_final=is_final)
        line["requestId"] = f"req_{_key(agent, 'request', request.number)}"
        lines.append(line)
        before = mine
    writes = [b"".join(encode(line) + b"\n" for line in lines)]
    if kinds[-1] == "tool_use":
        mine = _id(agent, LAST, request.number)
        line = _line(agent, "user", request.at_ms + BLOCK_MS, mine, before)
        line["message"] = {"role": "user", "content": [_result(agent, request)]}
        writes.append(encode(line) + b"\n")
    return writes


def _line(agent: Agent, kind: str, at_ms: int, mine: str, before: str | None) -> Json:
    """Return what every line of a transcript has."""
    line: Json = {
        "parentUuid": before,
        "isSidechain": not agent.is_main,
        "userType": "external",
        "cwd": f"/home/dev/{agent.desk.project}",
        "sessionId": agent.session,
        "version": VERSION,
        "gitBranch": agent.desk.branch,
        "type": kind,
        "uuid": mine,
        "timestamp": stamp(at_ms),
    }
    return line if agent.is_main else {**line, "agentId": agent.id}


def _boundary(agent: Agent, request: Request, before: str | None) -> Json:
    """Return the line that tells of a compaction."""
    mine = _id(agent, "boundary", request.number)
    line = _line(agent, "system", request.at_ms - FIRST_ANSWER_MS, mine, None)
    compaction = {"trigger": "auto", "postTokens": request.prompt}
    return {
        **line,
        "subtype": "compact_boundary",
        "logicalParentUuid": before,
        "compactMetadata": compaction,
    }


def _message(agent: Agent, request: Request, kind: str, dice: Random, *, is_final: bool) -> Json:
    stop = ("tool_use" if kind == "tool_use" else "end_turn") if is_final else None
    return {
        "id": f"msg_{_key(agent, 'message', request.number)}",
        "type": "message",
        "role": "assistant",
        "model": agent.desk.model,
        "content": [_block(agent, request, kind, dice)],
        "stop_reason": stop,
        "usage": _usage(agent, request, is_final=is_final),
    }


def _usage(agent: Agent, request: Request, *, is_final: bool) -> Json:
    """Return the counts; before its last line a response has only begun to have output."""
    long = request.cache_write if agent.desk.cache_minutes >= 60 else 0
    usage: Json = {
        "input_tokens": request.fresh,
        "cache_creation_input_tokens": request.cache_write,
        "cache_read_input_tokens": request.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": request.cache_write - long,
            "ephemeral_1h_input_tokens": long,
        },
        "output_tokens": request.output if is_final else min(8, request.output),
        "service_tier": "standard",
    }
    if is_final:
        usage["output_tokens_details"] = {"thinking_tokens": request.reasoning}
    return usage


def _block(agent: Agent, request: Request, kind: str, dice: Random) -> Json:
    match kind:
        case "tool_use":
            call = _tool_call(agent, request)
            return {"type": kind, "id": call, "name": dice.choice(TOOLS), "input": {}}
        case "thinking":
            return {"type": kind, "thinking": "", "signature": ""}
    return {"type": kind, "text": "A simulated answer."}


def _result(agent: Agent, request: Request) -> Json:
    call = _tool_call(agent, request)
    return {"type": "tool_result", "tool_use_id": call, "content": "A simulated result."}


def _tool_call(agent: Agent, request: Request) -> str:
    return f"toolu_{_key(agent, 'tool', request.number)}"


def _id(agent: Agent, name: str, number: int) -> str:
    """Return the id of a line; the line after it can name it without knowing it."""
    return str(UUID(hex=_key(agent, name, number)))


def _key(agent: Agent, name: str, number: int) -> str:
    text = f"{agent.session}/{agent.id}/{name}/{number}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
