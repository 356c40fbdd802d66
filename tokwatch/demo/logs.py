"""What the simulated sessions write: whole logs for the past, a line at a time for the present."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from tokwatch.demo import claude_code, codex
from tokwatch.demo.agent import Agent, Request, Tool, new_agent, next_request, sub_agent
from tokwatch.demo.desks import DESKS, beneath, kinds_at
from tokwatch.demo.world import MORE_REQUESTS, Course

SPAWN_CHANCE: Final = 0.05
"""Of an answer of a main agent that it spawns a sub-agent."""
MOST_AGENTS: Final = 6
PAUSE_SECONDS: Final = (0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Append:
    """Bytes for the end of a file, whose path is relative to the home."""

    path: str
    data: bytes


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
    def opening(self, agent: Agent) -> list[bytes]: ...
    def answer(self, agent: Agent, request: Request, dice: Random) -> list[bytes]: ...


FORMATS: Final[dict[Tool, Format]] = {Tool.CLAUDE_CODE: claude_code, Tool.CODEX: codex}


def log_of(course: Course, dice: Random) -> Log:
    """Return the log of everything that an agent did so far."""
    agent = course.agent
    form = FORMATS[agent.desk.tool]
    lines = form.opening(agent)
    for request in course.requests:
        lines += form.answer(agent, request, dice)
    return Log(form.path_of(agent), b"".join(lines), agent.last_ms, form.beside(agent))


class Live:
    """The sessions that go on: tells what they write next, for as long as one looks."""

    def __init__(self, agents: Iterable[Agent], dice: Random) -> None:
        """Go on from these agents."""
        self._agents = list(agents)
        self._dice = dice
        self._waiting: deque[Append] = deque()

    def pause_seconds(self) -> float:
        """Return how long nothing is written."""
        return self._dice.uniform(*PAUSE_SECONDS)

    def next(self, at_ms: int) -> Append:
        """Return what is written at an instant: one line, or what stands at a log's begin."""
        if not self._waiting:
            self._waiting.extend(self._answer(at_ms))
        return self._waiting.popleft()

    def _answer(self, at_ms: int) -> Iterator[Append]:
        """Let one agent make a request, or begin, and yield what that adds to its log."""
        dice = self._dice
        place = dice.randrange(len(self._agents))
        agent = self._agents[place]
        form, path = FORMATS[agent.desk.tool], FORMATS[agent.desk.tool].path_of(agent)
        ...
