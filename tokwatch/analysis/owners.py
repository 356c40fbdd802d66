"""Which model a turn or an error belongs to: logs tell it of requests only."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Protocol

from tokwatch.model.performance import Answered


class Agents(Protocol):
    """Something that an agent of a session did."""

    @property
    def source(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def agent(self) -> str: ...


class Owners:
    """The models of every agent's requests, in the order of time."""

    def __init__(self, answered: Iterable[Answered]) -> None:
        """Take the requests, the oldest first."""
        self._known: dict[tuple[str, str, str], tuple[list[int], list[str]]] = {}
        for one in answered:
            times, models = self._known.setdefault((one.source, one.session, one.agent), ([], []))
            times.append(one.at_ms)
            models.append(one.model)

    def before(self, what: Agents, at_ms: int) -> str:
        """Return the model of the agent's last answer up to an instant; empty without one."""
        times, models = self._of(what)
        place = bisect_right(times, at_ms)
        return models[place - 1] if place else ""

    def after(self, what: Agents, at_ms: int) -> str:
        """Return the model of the agent's first answer from an instant on, else of its last."""
        times, models = self._of(what)
        place = bisect_left(times, at_ms)
        return models[min(place, len(models) - 1)] if models else ""

    def _of(self, what: Agents) -> tuple[list[int], list[str]]:
        return self._known.get((what.source, what.session, what.agent), ([], []))
