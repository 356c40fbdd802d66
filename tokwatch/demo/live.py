"""What the live sessions write next, bit by bit, for as long as one looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, NamedTuple

from tokwatch.demo.agent import Agent, new_agent, next_request, sub_agent
from tokwatch.demo.desks import DESKS, beneath, kinds_at
from tokwatch.demo.logs import FORMATS
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
        agent, request = next_request(before, at_ms, before.desk.growth, self._dice)
        yield from (Append(path, data) for data in form.answer(agent, request, self._dice))
        self._go_on(place, agent, at_ms)

    def _go_on(self, place: int, agent: Agent, at_ms: int) -> None:
        """Keep an agent, or let another session begin in its place; now and then spawn one."""
        dice = self._dice
        if not agent.is_done:
            self._agents[place] = agent
        elif agent.is_main:
            count = dice.randint(*MORE_REQUESTS)
            self._agents[place] = new_agent(dice.choice(DESKS), at_ms, count, dice)
        else:
            del self._agents[place]
        if agent.is_main and len(self._agents) < MOST_AGENTS and dice.random() < SPAWN_CHANCE:
            kind = dice.choice(kinds_at(agent.desk))
            child = sub_agent(agent, beneath(agent.desk, kind), kind, at_ms, dice)
            self._agents.append(child)
