"""What the simulated sessions wrote so far: whole logs, each in its tool's own format."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from tokwatch.demo import claude_code, codex
from tokwatch.demo.agent import Agent, Request, Tool
from tokwatch.demo.world import Course


@dataclass(frozen=True, slots=True)
class Log:
    """A whole log, and what lies beside it."""

    path: str
    data: bytes
    at_ms: int
    """When its last line was written."""
    beside: dict[str, bytes]


class Format(Protocol):
    """How a tool writes its logs."""

    def path_of(self, agent: Agent) -> str: ...
    def beside(self, agent: Agent) -> dict[str, bytes]: ...
    def opening(self, agent: Agent) -> bytes: ...
    def answer(self, agent: Agent, request: Request, dice: Random) -> list[bytes]: ...


FORMATS: Final[dict[Tool, Format]] = {Tool.CLAUDE_CODE: claude_code, Tool.CODEX: codex}


def log_of(course: Course, dice: Random) -> Log:
    """Return the log of everything that an agent did so far."""
    agent = course.agent
    form = FORMATS[agent.desk.tool]
    writes = [form.opening(agent)]
    for request in course.requests:
        writes += form.answer(agent, request, dice)
    return Log(form.path_of(agent), b"".join(writes), agent.last_ms, form.beside(agent))
