"""The formats in which simulated sessions are written, by the tool that they are of."""

from __future__ import annotations

from typing import Final, Protocol

from tokwatch.demo import claude_code, codex
from tokwatch.demo.agent import Agent, Request, Tool


class Format(Protocol):
    """How a tool writes its logs."""

    def path_of(self, agent: Agent) -> str: ...
    def beside(self, agent: Agent) -> dict[str, bytes]: ...
    def opening(self, agent: Agent) -> bytes: ...
    def call_of(self, agent: Agent, number: int) -> str: ...
    def answer(self, agent: Agent, request: Request) -> list[bytes]: ...


FORMATS: Final[dict[Tool, Format]] = {Tool.CLAUDE_CODE: claude_code, Tool.CODEX: codex}
