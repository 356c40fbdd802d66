"""A literal page of the workbench, and works that answer in the screen's own thread."""

from __future__ import annotations

from collections.abc import Callable

from tests.workbench.benches import desk
from tokwatch.analysis.break_even import CacheRates
from tokwatch.config import Config
from tokwatch.pages.workbench import ModelUse, WorkbenchPage
from tokwatch.workbench.answers import Answer, Question, Worker

NOW_MS = 1_763_474_551_000
RATES = CacheRates(5_000_000_000, 6_250_000_000, 500_000_000)
PAGE = WorkbenchPage(
    models=(
        ModelUse("claude-opus-4-5", "anthropic", 1498, RATES, 900_000_000, 200_000),
        ModelUse("gpt-5", "openai", 20, None, None, None),
    ),
    rooms=(("window", 150_000), ("budget daily", 4_000)),
    now_ms=NOW_MS,
)


class InThread:
    """Answers at once; no process is started."""

    def __init__(self, config: Config, tell: Callable[[Answer], None]) -> None:
        self._worker, self._tell = Worker(desk()), tell
        self.asked: list[Question] = []
        self.is_stopped = False

    def ask(self, question: Question) -> None:
        """Work it out."""
        self.asked.append(question)
        for answer in self._worker.answers(question):
            self._tell(answer)

    def stop(self) -> None:
        """Remember the end."""
        self.is_stopped = True
