"""Transcripts whose answers and prompts are billed by a known line of their counted tokens."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

from tests.transcripts import append
from tokwatch.tokens.counter import Count

A, B = 1.25, 70
"""Tokens for each counted one, and for each call of a tool."""
WORDS = (
    *("reads", "the", "file", "and", "says", "why", "this", "test", "of", "the", "queue"),
    *("fails", "(sometimes):", "worker,", "lock"),
)


class Talk:
    """Writes one session: calls of a tool and their results, each billed as a provider does."""

    def __init__(self, home: Path, session: str, count: Count, at: datetime, model: str) -> None:
        """Begin at an instant."""
        folder = home / ".claude" / "projects" / "-home-dev-app"
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{session}.jsonl"
        self._session, self._model, self._count, self._at = session, model, count, at
        self._chance = random.Random(session)
        self._prompt = 9_000
        self._said = 0

    def says(self, number: int, *, stop: str | None = "tool_use") -> None:
        """Let the model say something, call a tool, and get an answer."""
        text, arguments = self._words(40), {"command": self._words(20)}
        result = self._words(self._chance.randrange(30, 400))
        told = json.dumps(arguments, separators=(",", ":"), ensure_ascii=False)
        output = ceil(A * (self._count(text) + self._count(told)) + B)
        self._answer(number, text, arguments, output, stop)
        self._line("user", {"content": [self._result(number, result)], "role": "user"})
        self._prompt += output + ceil(A * self._count(result))

    def _answer(
        self, number: int, text: str, arguments: object, output: int, stop: str | None
    ) -> None:
        call = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": arguments}
        message = {
            "model": self._model,
            "id": f"msg_{self._session}_{number}",
            "role": "assistant",
            "content": [{"type": "text", "text": text}, call],
            "stop_reason": stop,
            "usage": {
                "input_tokens": 3,
                "cache_read_input_tokens": self._prompt - 3,
                "cache_creation_input_tokens": 0,
                "output_tokens": output if stop else 2,
            },
        }
        self._line("assistant", message)

    @staticmethod
    def _result(number: int, text: str) -> dict[str, Any]:
        return {"type": "tool_result", "tool_use_id": f"t{number}", "content": text}

    def _line(self, kind: str, message: object) -> None:
        self._said += 1
        at = self._at + timedelta(seconds=self._said)
        record = {
            "parentUuid": None,
            "isSidechain": False,
            "message": message,
            "type": kind,
            "uuid": f"{self._session}-{self._said}",
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "cwd": "/home/dev/app",
            "sessionId": self._session,
            "gitBranch": "main",
        }
        append(self.path, json.dumps(record))

    def _words(self, number: int) -> str:
        return " ".join(self._chance.choice(WORDS) for _ in range(number))
