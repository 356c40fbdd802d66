"""Small hand-made transcripts for tests of what comes after the parsers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SESSION = "5f0c2b1e-0000-4000-8000-000000000001"


def response(
    number: int,
    *,
    at: datetime = NOON,
    session: str = SESSION,
    model: str = "claude-opus-4-8",
    output: int = 100,
    cwd: str = "/home/dev/app",
) -> str:
    """Return the only line of one response: 10 input, 1,000 cache read, 200 written."""
    return json.dumps(
        {
            "parentUuid": None,
            "isSidechain": False,
            "message": {
                "model": model,
                "id": f"msg_{number:04}",
                "role": "assistant",
                "content": [{"type": "text", "text": "done"}],
                "stop_reason": "end_turn",
                "usage": {
                    "input_tokens": 10,
                    "cache_read_input_tokens": 1000,
                    "cache_creation_input_tokens": 200,
                    "output_tokens": output,
                },
            },
            "type": "assistant",
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "cwd": cwd,
            "sessionId": session,
            "gitBranch": "main",
        }
    )


def transcript(home: Path, session: str = SESSION, project: str = "-home-dev-app") -> Path:
    """Return where Claude Code keeps a session's transcript; its folder is made."""
    folder = home / ".claude" / "projects" / project
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{session}.jsonl"


def append(path: Path, *lines: str) -> None:
    """Append whole lines to a log."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
