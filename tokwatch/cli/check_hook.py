"""`tokwatch check --hook`: answers the hooks of Claude Code, Codex and Gemini CLI in their JSON.

It always exits with 0: whatever goes wrong here must not hold up anyone's work.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, TextIO

from tokwatch.cli.check_words import amount, clock, percent, printable
from tokwatch.status.prepared import Line

WAIT_S: Final = 4.0
"""An agent waits for its hook: after so long it goes on without an answer."""
NEAR: Final = 0.9
"""Share from which a prompt comes with a warning."""
BEFORE_TOOLS: Final = {"PreToolUse", "BeforeTool", "PermissionRequest"}
BEFORE_PROMPTS: Final = {"UserPromptSubmit", "BeforeAgent"}
GEMINI: Final = {"BeforeTool", "BeforeAgent"}


def answer(args: argparse.Namespace, stream: TextIO | None) -> int:
    """Print what the hook wants, at once or after a while; never fail."""
    found: list[dict[str, Any]] = []

    def look() -> None:
        with suppress(BaseException):  # a hook's top: it fails open
            found.append(_answer(args, _event(stream)))

    worker = threading.Thread(target=look, daemon=True)
    worker.start()
    worker.join(WAIT_S)
    print(json.dumps(found[0] if found else {}), flush=True)
    if worker.is_alive():
        os._exit(0)  # the store is left as a crash would leave it: whole
    return 0


def _event(stream: TextIO | None) -> dict[str, Any]:
    """Return what the agent tells its hook; nothing from garbage."""
    try:
        told = json.loads(stream.read(1 << 22)) if stream is not None else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _answer(args: argparse.Namespace, event: dict[str, Any]) -> dict[str, Any]:
    """Return the hook's answer: an empty one lets everything go on."""
    name = str(event.get("hook_event_name", ""))
    if name not in BEFORE_TOOLS | BEFORE_PROMPTS:
        return {}
    near = [one for one in _lines(args, event) if one.share >= NEAR]
    told = _told(args, event, near)
    lines = [one for one in near if applies(one, event, told)]
    if not lines:
        return {}
    tightest = max(lines, key=lambda one: (one.is_over, one.share))
    if tightest.is_over:
        return denial(name, _words(tightest))
    return {"systemMessage": _words(tightest)} if name in BEFORE_PROMPTS else {}


def _lines(args: argparse.Namespace, event: dict[str, Any]) -> list[Line]:
    """Return how budgets stand, quickly where that can be told."""
    from tokwatch.cli.check import quick_lines

    names = args.budget or ()
    quick = quick_lines(args, names, session=str(event.get("session_id", "")))
    if quick is not None:
        return quick
    from tokwatch.cli.check_closely import closely

    return closely(args, names) or []


def _told(
    args: argparse.Namespace, event: dict[str, Any], lines: Iterable[Line]
) -> dict[str, tuple[str, ...]]:
    """Return the names of whoever asks, by dimension: by the hook, else by the newest request."""
    session, agent = str(event.get("session_id", "")), str(event.get("agent_id", ""))
    found: dict[str, tuple[str, ...]] = {
        "session": (session,),
        "source": (source_of(event),),
    }
    model, kind = str(event.get("model", "")), str(event.get("agent_type", ""))
    asked = {dimension for one in lines for dimension, _ in one.scopes}
    if not asked - {*found, "project"}:
        return found
    from tokwatch.cli.check_closely import worker_of

    known = worker_of(args, session, agent)
    if known is None:
        usual = kind or ("sub-agent" if agent else "main")
        return found | {"model": (model,), "agent": (usual, agent)}
    return found | {
        "model": (model or known.model,),
        "agent": (kind or known.kind, known.agent),
        **{"user": (known.user,), "key": (known.key,), "tag": (known.tag,)},
    }


def applies(one: Line, event: dict[str, Any], told: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a budget is about this agent's work, as far as that is known."""
    folder = str(event.get("cwd", ""))
    for dimension, name in one.scopes:
        if dimension == "project":
            inside = folder == name or folder.startswith(name.rstrip("/\\") + os.sep)
            if not inside and os.path.basename(folder) != name:
                return False
        elif dimension == "model":
            from tokwatch.model.budget import is_model

            if not any(model and is_model(model, name) for model in told.get(dimension, ())):
                return False
        elif name not in told.get(dimension, ()):
            return False
    return True


def source_of(event: dict[str, Any]) -> str:
    """Return the tool whose hook this is."""
    if event.get("hook_event_name") in GEMINI:
        return "gemini-cli"
    path = str(event.get("transcript_path", ""))
    return "codex" if f"{os.sep}.codex{os.sep}" in path or "turn_id" in event else "claude-code"


def denial(name: str, reason: str) -> dict[str, Any]:
    """Return the answer that stops what an event announces."""
    if name in GEMINI:
        return {"decision": "deny", "reason": reason}
    if name in BEFORE_PROMPTS:
        return {"decision": "block", "reason": reason}
    if name == "PermissionRequest":
        decision = {"behavior": "deny", "message": reason}
        return {"hookSpecificOutput": {"hookEventName": name, "decision": decision}}
    return {
        "hookSpecificOutput": {
            "hookEventName": name,
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
    }


def _words(one: Line) -> str:
    of = f" ({one.subject})" if one.subject else ""
    told = f"{amount(one, one.spent)} of {amount(one, one.limit)}"
    until = "" if one.end_ms is None else f", until {clock(one.end_ms)}"
    name = printable(f"{one.name}{of}")
    state = "is spent" if one.is_over else f"is at {percent(one.share)}"
    return f"tokwatch: the budget {name} {state}: {told}{until}."
