"""Lines of a conversation as Codex writes them: what the detail pass reads."""

from __future__ import annotations

import json

from tests.sources.codex_lines import AT, event, line

OWN_TURN = "01a1f87d-0000-7000-8000-000000000001"


def response(kind: str, **payload: object) -> bytes:
    """Return an item of a response."""
    ordinal = payload.pop("ordinal", None)
    return line("response_item", {"type": kind, **payload}, ordinal=ordinal)


def said(role: str, *texts: str, **more: object) -> bytes:
    """Return a message."""
    content = [{"type": "input_text", "text": text} for text in texts]
    return response("message", role=role, content=content, **more)


def reasoning(mark: str = "x" * 10) -> bytes:
    return response("reasoning", summary=[], encrypted_content=mark)


def call(name: str = "exec_command", identity: str = "call_1", **told: object) -> bytes:
    """Return a call of a tool; its arguments are the rest."""
    space = told.pop("namespace", None)
    arguments = json.dumps(told)
    return response(
        "function_call", name=name, arguments=arguments, call_id=identity, namespace=space
    )


def output(told: object = "ok", identity: str = "call_1") -> bytes:
    return response("function_call_output", call_id=identity, output=told)


def started(turn: str = OWN_TURN, at: str = AT) -> bytes:
    return event("task_started", at, turn_id=turn)
