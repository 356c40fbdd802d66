"""Turns: what each message of the user set off, as a conversation's records come by."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from tokwatch.model.detail import Turn
from tokwatch.sources.troubles import INTERRUPTED


class At(NamedTuple):
    """Where a record stands: every block of it shares this."""

    instant_ms: int
    agent: str
    offset: int
    request: int = 0
    """Event key of the response that the record belongs to."""


class OpenTurn(Struct, array_like=True):
    """The latest turn of an agent."""

    number: int
    begin_ms: int
    end_ms: int
    requests: int = 0
    tool_calls: int = 0
    interrupted: bool = False
    failed: bool = False
    finished: bool = False


class TurnMemory(Struct, array_like=True):
    """What later reads of the same conversation need to know of its turns."""

    count: int = 0
    open: dict[str, OpenTurn] = {}
    """By agent."""


class Turns:
    """Follows the turns of one conversation's agents through one read."""

    def __init__(self, memory: TurnMemory, session: str) -> None:
        self._memory = memory
        self._session = session
        self._touched: dict[int, tuple[str, OpenTurn]] = {}
        """By number, those that this read knows more of."""

    def begin(self, at: At) -> OpenTurn:
        """Begin the turn that a message of the user sets off."""
        turn = OpenTurn(self._memory.count, at.instant_ms, at.instant_ms)
        self._memory.count += 1
        self._memory.open[at.agent] = turn
        return turn

    def answered(self, at: At) -> None:
        """Count a request."""
        turn = self._of(at)
        turn.requests += 1
        turn.failed = False
        self._reach(at, turn)

    def called(self, at: At) -> None:
        """Count a call of a tool."""
        turn = self._of(at)
        turn.tool_calls += 1
        self._reach(at, turn)

    def went_on(self, at: At, *, finished: bool = False) -> None:
        """Let the turn reach up to here; `finished` where an answer ended it."""
        turn = self._memory.open.get(at.agent)
        if turn is not None:
            turn.finished = finished and not turn.interrupted
            self._reach(at, turn)

    def failed(self, at: At, kind: str) -> bool:
        """End the turn with a failure; False where that was told already."""
        turn = self._of(at)
        is_known = turn.interrupted if kind == INTERRUPTED else turn.failed
        turn.interrupted = turn.interrupted or kind == INTERRUPTED
        turn.failed, turn.finished = True, False
        self._reach(at, turn)
        return not is_known

    def _of(self, at: At) -> OpenTurn:
        """Return the agent's turn; a log that begins in the middle of one begins one."""
        return self._memory.open.get(at.agent) or self.begin(at)

    def _reach(self, at: At, turn: OpenTurn) -> None:
        turn.end_ms = max(turn.end_ms, at.instant_ms)
        self._touched[turn.number] = (at.agent, turn)

    def told(self) -> tuple[Turn, ...]:
        """Return the turns that this read knows more of, if they set anything off."""
        return tuple(
            Turn(
                *(turn.number, agent, turn.begin_ms, turn.end_ms),
                requests=turn.requests,
                tool_calls=turn.tool_calls,
                interrupted=turn.interrupted,
                finished=turn.finished,
                session=self._session,
            )
            for agent, turn in self._touched.values()
            if turn.requests or turn.failed
        )
