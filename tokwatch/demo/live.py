"""What the live sessions write next, bit by bit, for as long as one looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, NamedTuple

from msgspec.structs import replace

from tokwatch.demo.agent import Agent, new_agent, next_request, sub_agent, task_of
from tokwatch.demo.desks import DESKS, beneath, kinds_at
from tokwatch.demo.formats import FORMATS
from tokwatch.demo.world import MORE_REQUESTS

PAUSE_SECONDS: Final = (0.5, 3.0)
SPAWN_CHANCE: Final = 0.05
"""Of an answer to a main agent that it spawns a sub-agent."""
MOST_AGENTS: Final = 6


class Append(NamedTuple):
    """Bytes for the end of a file, whose path is relative to the home."""

    path: str
    data: bytes


class Live:
    """The agents that work now; one that is done makes room for a new session."""

    def __init__(self, agents: Iterable[Agent], dice: Random) -> None:
        """Go on from these agents."""
        self._agents = list(agents)
        self._dice = dice
        self._waiting: deque[Append] = deque()

    def pause_seconds(self) -> float:
        """Return how long nothing is written."""
        return self._dice.uniform(*PAUSE_SECONDS)

    def next(self, at_ms: int) -> Append:
        """Return what is written at an instant: a response, a call's result, or a log's begin."""
        if not self._waiting:
            self._waiting.extend(self._answer(self._dice.randrange(len(self._agents)), at_ms))
        return self._waiting.popleft()

    def _answer(self, place: int, at_ms: int) -> Iterator[Append]:
        """Let one agent make a request and yield what that adds to its log."""
        before = self._agents[place]
        form = FORMATS[before.desk.tool]
        path = form.path_of(before)
        if before.requests == 0:
            yield from (Append(*file) for file in form.beside(before).items())
            yield Append(path, form.opening(before))
        after, request = next_request(before, at_ms, before.desk.growth, self._dice)
        agent = self._reported(self._spawned(after, at_ms))
        yield from (Append(path, data) for data in form.answer(agent, request))
        self._go_on(place, agent, at_ms)

    def _spawned(self, agent: Agent, at_ms: int) -> Agent:
        """Let a main agent now and then set another one to work with its answer."""
        dice = self._dice
        is_busy = len(self._agents) >= MOST_AGENTS or agent.is_done
        if not agent.is_main or is_busy or dice.random() >= SPAWN_CHANCE:
            return agent
        kind = dice.choice(kinds_at(agent.desk))
        call = FORMATS[agent.desk.tool].call_of(agent, agent.requests)
        child = sub_agent(agent, beneath(agent.desk, kind), kind, at_ms, dice, call)
        self._agents.append(child)
        return replace(agent, tasks=(*agent.tasks, task_of(child, agent.requests)))

    def _reported(self, agent: Agent) -> Agent:
        """Let an agent hear of those that have come back since its answer before."""
        working = {one.id or one.session for one in self._agents}
        tasks = tuple(
            task
            if task.reported or task.number == agent.requests or task.child in working
            else task._replace(reported=agent.requests)
            for task in agent.tasks
        )
        return replace(agent, tasks=tasks)

    def _go_on(self, place: int, agent: Agent, at_ms: int) -> None:
        """Keep an agent, or let another session begin in its place."""
        dice = self._dice
        if not agent.is_done:
            self._agents[place] = agent
        elif agent.is_main:
            count = dice.randint(*MORE_REQUESTS)
            self._agents[place] = new_agent(dice.choice(DESKS), at_ms, count, dice)
        else:
            del self._agents[place]
