"""Writes simulated sessions as Claude Code does: a line for each block, the last one final."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from msgspec.json import encode

from tokwatch.demo.agent import FIRST_ANSWER_MS, Agent, Request, Task, stamp
from tokwatch.demo.talk import PICTURES, TOOLS, Step, heard_ms, said_by, step_of

VERSION: Final = "2.1.328"
BLOCK_MS: Final = 350
"""Between the blocks of one response, the last of which is written at its instant."""
NOTICE_TOKENS: Final = 900
"""What a sub-agent reports when it comes back."""
PICTURE: Final = "iVBORw0KGgoAAAANSUhEUgAABLAAAAMgCAIAAAA="
"""The head of an image of 1200 by 800."""
PICTURE_TOKENS: Final = 1_280

LAST: Final = "last"
"""Names the last line of an answer, or of what came after it: the next one follows it."""

Json = dict[str, Any]  # an object to be encoded: values of any kind


def path_of(agent: Agent) -> str:
    """Return where an agent's transcript lies below the home."""
    folder = f".claude/projects/-home-dev-{agent.desk.project}"
    if agent.id:
        return f"{folder}/{agent.session}/subagents/agent-{agent.id}.jsonl"
    return f"{folder}/{agent.session}.jsonl"


def beside(agent: Agent) -> dict[str, bytes]:
    """Return the small file that tells of what kind a sub-agent is, and which call it is of."""
    if agent.is_main:
        return {}
    meta = {"agentType": agent.kind, "description": agent.title, "toolUseId": agent.call}
    return {path_of(agent).removesuffix(".jsonl") + ".meta.json": encode(meta)}


def call_of(agent: Agent, number: int) -> str:
    """Return the id of the call that an answer makes."""
    return f"toolu_{_key(agent, 'tool', number)}"


def opening(agent: Agent) -> bytes:
    """Return the lines before the first response: the prompt, and a session's title."""
    prompt = _line(agent, "user", agent.begin_ms, _id(agent, LAST, 0), None)
    prompt["message"] = {"role": "user", "content": agent.title}
    lines = [prompt]
    if agent.is_main:
        lines.append({"type": "ai-title", "aiTitle": agent.title, "sessionId": agent.session})
        if agent.talks:
            lines += _known_from_the_start(agent)
    return b"".join(encode(line) + b"\n" for line in lines)


def _known_from_the_start(agent: Agent) -> Iterator[Json]:
    """Yield the system prompt, the tools, and the project's memory file."""
    tokens = agent.desk.system_tokens
    names = (*TOOLS, "Task", "TodoWrite", "mcp__github__create_issue", "mcp__browser__click")
    share = tokens // 2 // len(names)
    tools = [{"name": name, "description": said_by(agent, name, share)} for name in names]
    yield {
        "type": "api-request-shape",
        "timestamp": stamp(agent.begin_ms),
        "sessionId": agent.session,
        "shape": {"system": said_by(agent, "system prompt", tokens // 4), "tools": tools},
    }
    memory = _line(agent, "attachment", agent.begin_ms, _id(agent, "memory", 0), None)
    text = said_by(agent, "memory file", tokens // 8)
    content = {"path": "CLAUDE.md", "content": text}
    yield memory | {
        "attachment": {"type": "nested_memory", "path": "CLAUDE.md", "content": content}
    }


def answer(agent: Agent, request: Request) -> list[bytes]:
    """Return what is written in turn: what is sent with a request, then its response."""
    lines = []
    sent = [] if request.number == 1 else list(_sent(agent, request))
    before: str | None = _id(agent, "sent" if sent else LAST, request.number - 1)
    if request.compacts:
        lines += [_boundary(agent, request, before), _summary(agent, request)]
        sent, before = [], None
    step = step_of(agent, request.number)
    for place, kind in enumerate(step.kinds):
        is_final = place == len(step.kinds) - 1
        name = LAST if is_final else f"block {place}"
        at_ms = request.at_ms - BLOCK_MS * (len(step.kinds) - 1 - place)
        mine = _id(agent, name, request.number)
        line = _line(agent, "assistant", at_ms, mine, before)
        line["message"] = _message(agent, request, step, kind, is_final=is_final)
        line["requestId"] = f"req_{_key(agent, 'request', request.number)}"
        lines.append(line)
        before = mine
    writes = (sent, lines)
    return [b"".join(encode(line) + b"\n" for line in some) for some in writes if some]


def _sent(agent: Agent, request: Request) -> Iterator[Json]:
    """Yield what came since the answer before: a tool's result or the user's words, and notices."""
    number, left = request.number - 1, request.grown
    step = step_of(agent, number)
    for back in agent.tasks:
        if back.reported == request.number:
            left -= NOTICE_TOKENS
            yield _notice(agent, request, back)
    line = _line(
        *(agent, "user", heard_ms(request)),
        *(_id(agent, "sent", number), _id(agent, LAST, number)),
    )
    if not step.calls:
        text = said_by(agent, f"wish {number}", left)
        yield line | {"message": {"role": "user", "content": text}}
        return
    task = next((task for task in agent.tasks if task.number == number), None)
    if task is not None:
        line["toolUseResult"] = {"isAsync": True, "agentId": task.child}
    yield line | {"message": {"role": "user", "content": [_result(agent, number, step, left)]}}


def _notice(agent: Agent, request: Request, task: Task) -> Json:
    """Return the line that tells that a sub-agent has come back."""
    call, report = call_of(agent, task.number), said_by(agent, f"report {task.number}", 0)
    if agent.talks:
        report = said_by(agent, f"report {task.number}", NOTICE_TOKENS - 60)
    text = (
        f"<task-notification>\n<tool-use-id>{call}</tool-use-id>\n<status>completed</status>\n"
        f"<result>{report}</result>\n</task-notification>"
    )
    at_ms = heard_ms(request)
    mine = _id(agent, f"notice {task.number}", request.number)
    line = _line(agent, "user", at_ms, mine, _id(agent, LAST, request.number - 1))
    return line | {"message": {"role": "user", "content": text}}


def _result(agent: Agent, number: int, step: Step, tokens: int) -> Json:
    """Return what a tool answered."""
    about = f"result {number}"
    content: Json | list[Json] | str = said_by(agent, about, tokens)
    if step.tool == "Task":
        content = f"Async agent launched successfully. A simulated {about}."
    elif step.tool == PICTURES and agent.talks:
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        text = said_by(agent, about, tokens - PICTURE_TOKENS)
        content = [{"type": "image", "source": source}, {"type": "text", "text": text}]
    return {"type": "tool_result", "tool_use_id": call_of(agent, number), "content": content}


def _summary(agent: Agent, request: Request) -> Json:
    """Return the line with what a compaction leaves of a conversation."""
    mine = _id(agent, "summary", request.number)
    line = _line(agent, "user", request.at_ms - FIRST_ANSWER_MS, mine, None)
    text = said_by(agent, f"summary {request.number}", request.grown)
    return line | {"isCompactSummary": True, "message": {"role": "user", "content": text}}


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


def _message(agent: Agent, request: Request, step: Step, kind: str, *, is_final: bool) -> Json:
    stop = ("tool_use" if kind == "tool_use" else "end_turn") if is_final else None
    return {
        "id": f"msg_{_key(agent, 'message', request.number)}",
        "type": "message",
        "role": "assistant",
        "model": agent.desk.model,
        "content": [_block(agent, request, step, kind)],
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


def _block(agent: Agent, request: Request, step: Step, kind: str) -> Json:
    """Return a block of an answer; what is not thought is shared by text and call."""
    tokens = (request.output - request.reasoning) // len({*step.kinds} - {"thinking"})
    match kind:
        case "tool_use":
            note = said_by(agent, f"note {request.number}", tokens)
            arguments = {**step.arguments, "note": note}
            call = call_of(agent, request.number)
            return {"type": kind, "id": call, "name": step.tool, "input": arguments}
        case "thinking":
            mark = said_by(agent, f"thought {request.number}", request.reasoning)
            return {"type": kind, "thinking": "", "signature": mark}
    return {"type": kind, "text": said_by(agent, f"answer {request.number}", tokens)}


def _id(agent: Agent, name: str, number: int) -> str:
    """Return the id of a line; the line after it can name it without knowing it."""
    return str(UUID(hex=_key(agent, name, number)))


def _key(agent: Agent, name: str, number: int) -> str:
    text = f"{agent.session}/{agent.id}/{name}/{number}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
