"""Writes sessions as Mistral Vibe does: real in shape, made-up content."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.sources.road import CANARY, Fields, write

SESSION = "7a1e2c44-2f0b-4f7c-9a27-4f9f6f1d2b10"
PROJECT = "/home/ana/shop"
BEGAN = "2026-08-01T10:00:00+00:00"
SAVED = "2026-08-01T10:05:00+00:00"
BEGAN_MS = 1_785_578_400_000
MINUTE_MS = 60_000
MODELS = [{"name": "devstral-2512", "alias": "devstral-2", "provider": "mistral"}]


def stats(
    prompt: object, output: object, cached: object = None, cost: object = 0.0, **more: object
) -> Fields:
    """Return a session's totals."""
    told = {"session_prompt_tokens": prompt, "session_completion_tokens": output}
    told |= {"steps": 1, "context_tokens": 5, "session_cost": cost}
    return told | ({} if cached is None else {"session_cached_tokens": cached}) | more


def meta(totals: object, session: str = SESSION, **fields: object) -> Fields:
    """Return what is told about a session."""
    return {
        "session_id": session,
        "parent_session_id": None,
        "start_time": BEGAN,
        "end_time": SAVED,
        "git_branch": "main",
        "environment": {"working_directory": PROJECT},
        "title": CANARY,
        "stats": totals,
        "config": {"active_model": "devstral-2", "models": MODELS},
        "agent_profile": {"name": "default"},
        "system_prompt": {"role": "system", "content": CANARY},
    } | fields


def save(home: Path, told: object, folder: str = "", changed_ms: int = BEGAN_MS) -> Path:
    """Write what is told about a session as the tool does: a new file in place of the old one."""
    session = str(told.get("session_id")) if isinstance(told, dict) else SESSION
    place = folder or f"session_20260801_100000_{session[:8]}"
    content = told if isinstance(told, bytes) else json.dumps(told, indent=2).encode()
    fresh = write(home / ".vibe" / "logs" / "session" / place / "meta.json.tmp", content)
    os.utime(fresh, ns=(changed_ms * 1_000_000, changed_ms * 1_000_000))
    return fresh.replace(fresh.with_name("meta.json"))
