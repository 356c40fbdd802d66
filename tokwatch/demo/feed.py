"""Feeds the screen with simulated sessions: the ordinary monitor, on logs that the demo writes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from msgspec import structs
from msgspec.structs import replace

from tokwatch.config import Config
from tokwatch.config.budgets import BudgetTable, GoalTable
from tokwatch.config.sections import Store
from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.live import Live
from tokwatch.demo.logs import log_of
from tokwatch.demo.world import history
from tokwatch.model.snapshot import EMPTY, SessionRow, Snapshot, Span
from tokwatch.model.usage import CostMode
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.sight import Ask
from tokwatch.sources.source import Surroundings
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from tokwatch.analysis.audit import Audit
    from tokwatch.model.evidence import Shown
    from tokwatch.model.suggestion import SuggestionState

SEED: Final = 7

BUDGETS: Final = {
    "day": BudgetTable(usd=80, per="day"),
    "week": BudgetTable(usd=250, per="week"),
    "checkout": BudgetTable(usd=40, per="day", project="checkout-service"),
    "writing": BudgetTable(tokens=2_000_000, per="week", token_class="output"),
}
"""What the demo keeps within where the settings have no budget."""
GOALS: Final = {
    "cache": GoalTable(measure="cache_hit_rate", target=0.9),
    "request": GoalTable(measure="cost_per_request", target=0.10),
}

Publish = Callable[[Snapshot], None]


class DemoFeed:
    """Writes a past and goes on writing, all in a folder that `stop` removes."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = SEED,
    ) -> None:
        """Take a folder for the demo; nothing is written into it before `start`."""
        self._clock = clock
        self._zone = find_zone(config.general.timezone)[1]
        self._dice = Random(seed)
        self._folder = DemoFolder(config.data)
        where = Surroundings(self._folder.home, {}, sys.platform)
        self._monitor = Monitor(demo_config(config, self._folder.path), clock, where)
        self._shown = EMPTY
        self._error = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, publish: Publish) -> None:
        """Begin to write and to publish."""
        self._thread = threading.Thread(target=self._run, args=(publish,), name="demo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every thread and remove what was written."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._monitor.stop()
        self._folder.remove()

    def show(self, span: Span, until: datetime | None) -> None:
        """Publish this range of time from here on; None follows now."""
        self._monitor.show(span, until)

    def look(self, ask: Ask | None) -> None:
        """Publish the answer to this question in each snapshot from here on."""
        self._monitor.look(ask)

    def retry(self) -> None:
        """Look at every source again at once."""
        self._monitor.retry()

    def pause_endpoint(self, name: str) -> bool:
        """Return False: nothing is polled in the demo."""
        return False

    def configure(self, config: Config) -> None:
        """Let changed settings take effect, but for those that would lead out of the demo."""
        self._monitor.configure(demo_config(config, self._folder.path))

    def acknowledge(self, alert: int, *, snoozes: bool = False) -> bool:
        """Keep an alert quiet, for good or for a while."""
        return self._monitor.acknowledge(alert, snoozes=snoozes)

    def answer(self, suggestion: int, state: SuggestionState) -> bool:
        """Write what the user says to a suggestion."""
        return self._monitor.answer(suggestion, state)

    def explain(self, shown: Shown) -> Audit | None:
        """Return what a number of a picture rests on."""
        return self._monitor.explain(shown)

    def titles(self, rows: Sequence[SessionRow]) -> dict[str, str]:
        """Return the titles in the simulated logs by row key."""
        return self._monitor.titles(rows)

    def _run(self, publish: Publish) -> None:
        def tell(snapshot: Snapshot) -> None:
            self._shown = replace(snapshot, error=self._error or snapshot.error)
            if self._shown.error or not snapshot.empty:
                publish(self._shown)  # an empty picture would only mean: not read yet

        try:
            live = self._write_past()
            if not self._stop.is_set():
                self._monitor.start(tell)
            while not self._stop.wait(live.pause_seconds()):
                self._folder.append(live.next(self._now_ms()))
        except OSError as error:
            self._error = f"the demo cannot write: {error.strerror or error}"
            tell(self._shown)

    def _write_past(self) -> Live:
        """Write what happened up to now and return what goes on."""
        courses = history(self._clock(), self._zone, self._dice)
        for course in courses:
            if self._stop.is_set():
                break
            self._folder.write(log_of(course))
        agents = [course.agent for course in courses if not course.agent.is_done]
        return Live(agents, self._dice)

    def _now_ms(self) -> int:
        return round(self._clock().timestamp() * 1000)


def demo_config(config: Config, folder: Path) -> Config:
    """Return settings for a store of the demo's own: every source, prices as installed.

    What is simulated is nobody else's business: no webhook and no command is told of it.
    """
    return structs.replace(
        config,
        request=structs.replace(config.request, data=folder),
        store=Store(),
        mapping={},
        endpoint={},
        sources=structs.replace(config.sources, only=(), off=(), paths={}),
        prices=structs.replace(config.prices, mode=CostMode.AUTO, update=False),
        notify=structs.replace(config.notify, webhook="", command=()),
        budget=config.budget or BUDGETS,
        goal=config.goal or GOALS,
    )
