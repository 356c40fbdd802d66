"""Sessions of Claude Code that answer: lines of the real form, appended as the tool writes them."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

MODEL: Final = "claude-bench-1"
PRICES: Final = f"""
[prices.override."{MODEL}"]   # ten thousand tokens of output are one dollar, the rest is free
input = 0
output = 100
cache_read = 0
cache_write_5m = 0
cache_write_1h = 0

[context.windows]
"{MODEL}" = 200000
"""
"""Settings under which each response of a session costs one dollar more than the one before."""
DOLLAR: Final = 10_000
"""Tokens of output that cost one dollar."""
WORDS: Final = ("session", "offset", "cache", "return", "import", "parse", "(self)", "\\n", "usage")


@dataclass(slots=True)
class Session:
    """One session: where its log lies, and how far it is."""

    name: str
    """What its project column shows."""
    id: str
    path: Path
    context: int = 12_000


class Answers:
    """Makes sessions in a `projects` folder and lets them answer; a seed gives the same text."""

    def __init__(self, projects: Path, seed: int = 1) -> None:
        self._projects = projects
        self._dice = random.Random(seed)

    def session(self, name: str) -> Session:
        """Return a new session of a project of this name."""
        number = f"{self._dice.getrandbits(128):032x}"
        identity = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
        folder = self._projects / f"-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        return Session(name, identity, folder / f"{identity}.jsonl")

    def answer(
        self, session: Session, at: datetime | None = None, output: int = DOLLAR, lines: int = 3
    ) -> float:
        """Append one response and return when its last line was there, in monotonic seconds."""
        moment = at or datetime.now(UTC)
        records = self._records(session, moment, output, lines)
        session.context = 12_000 if session.context > 160_000 else session.context + 900
        with open(session.path, "ab", buffering=0) as log:
            for record in records:
                log.write(_line(record))
            return time.monotonic()

    def _records(
        self, session: Session, moment: datetime, output: int, lines: int
    ) -> list[dict[str, Any]]:  # as the tool's own lines
        """Return what the user's side says, then the response: one line for each block of it."""
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shared = {
            "timestamp": stamp, "userType": "external", "entrypoint": "cli",
            "cwd": f"/{session.name}", "sessionId": session.id, "version": "2.1.201",
            "gitBranch": "main",
        }  # fmt: skip
        message, request = f"msg_01{self._code()}", f"req_011C{self._code()}"
        prompt: dict[str, Any] = {
            "parentUuid": None, "isSidechain": False, "type": "user",
            "message": {"role": "user", "content": self._text(60)},
            "uuid": self._code(), **shared,
        }  # fmt: skip
        return [prompt] + [
            {
                "parentUuid": self._code(), "isSidechain": False,
                "message": {
                    "model": MODEL, "id": message, "type": "message", "role": "assistant",
                    "content": [{"type": "text", "text": self._text(120)}],
                    "stop_reason": None if number < lines else "end_turn", "stop_sequence": None,
                    "usage": {
                        "input_tokens": 6, "cache_creation_input_tokens": 900,
                        "cache_read_input_tokens": session.context,
                        "cache_creation": {
                            "ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 0,
                        },
                        "output_tokens": output if number == lines else number,
                        "service_tier": "standard",
                    },
                },
                "requestId": request, "type": "assistant", "uuid": self._code(), **shared,
            }
            for number in range(1, lines + 1)
        ]  # fmt: skip

    def _code(self) -> str:
        return f"{self._dice.getrandbits(88):022x}"

    def _text(self, words: int) -> str:
        return " ".join(self._dice.choices(WORDS, k=words))


def history(
    projects: Path,
    sessions: int,
    responses: int,
    *,
    days: float = 7,
    until_s: float | None = None,
) -> None:
    """Write sessions that ended: the last an hour before, the others over the days before that."""
    answers = Answers(projects, seed=2)
    now_s = until_s or time.time()
    for number in range(sessions):
        session = answers.session(f"past-{number % 40:02}")
        last_s = now_s - 3_600 - number * days * 86_400 / max(1, sessions)
        for place in range(responses):
            at_s = last_s - (responses - 1 - place) * 20
            answers.answer(session, datetime.fromtimestamp(at_s, UTC), output=700, lines=2)
        os.utime(session.path, (last_s, last_s))


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
