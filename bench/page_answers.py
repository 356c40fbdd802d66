"""Times what each screen asks of the store: its first answer, and those that follow with news."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from bench.made_store import forget, land
from bench.timed_store import TimedDatabase
from tokwatch.analysis.facts import Facts
from tokwatch.config import Config, load
from tokwatch.model.snapshot import Span
from tokwatch.model.units import QUARTER_MS
from tokwatch.monitor.gather import Question, gather
from tokwatch.monitor.rules import rules_of
from tokwatch.pages.alerts import AlertsAsk
from tokwatch.pages.budgets import BudgetsAsk
from tokwatch.pages.cache import CacheAsk
from tokwatch.pages.costs import CostsAsk
from tokwatch.pages.feed import FeedAsk
from tokwatch.pages.quality import QualityAsk
from tokwatch.pages.reconciliation import ReconcileAsk
from tokwatch.pages.response_cache import ResponseAsk
from tokwatch.pages.session import SessionAsk
from tokwatch.pages.sessions import SessionsAsk
from tokwatch.pages.sight import Ask, Growing, Sight
from tokwatch.pages.sources import SourcesAsk
from tokwatch.pages.spikes import SpikesAsk
from tokwatch.pages.triage import TriageAsk
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.store.connect import Database
from tokwatch.store.read.every import View
from tokwatch.ui.waits import keep_short

SECOND_MS: Final = 1_000
MOST_PARTS: Final = 500
"""Answers after which a page that grows is not asked again."""


class Timed(NamedTuple):
    """How long the answers of one question took, in ms of processor."""

    first: float
    parts: int
    """Answers until the page was whole, the first one included."""
    longest_part: float
    later: float
    """Median of those that follow, each with news."""
    longest: float
    query: float
    """The longest query of the store, of all answers."""
    sql: str


@dataclass(slots=True)
class _Overview:
    """The facts of the overview, as the monitor keeps them."""

    facts: Facts | None = None

    def answer(self, sight: Sight) -> object:
        """Return the facts; what is past is known from the answer before."""
        ask = Question(sight.at_ms, "UTC", UTC, sight.span)
        changed_ms = sight.at_ms // QUARTER_MS * QUARTER_MS
        self.facts = gather(sight.view, ask, self.facts, changed_ms)
        return self.facts


PAGES: Final[dict[str, Callable[[], Ask]]] = {
    "overview": _Overview,
    "overview: spikes": SpikesAsk,
    "sessions": SessionsAsk,
    "session": lambda: SessionAsk("claude-code", "session-00000001"),
    "costs": CostsAsk,
    "costs: what if": WhatIfAsk,
    "cache": CacheAsk,
    "cache: answers": ResponseAsk,
    "triage": TriageAsk,
    "quality": QualityAsk,
    "alerts": AlertsAsk,
    "budgets": BudgetsAsk,
    "sources": SourcesAsk,
    "sources: reports": ReconcileAsk,
    "feed": FeedAsk,
}


@dataclass(slots=True)
class Desk:
    """A store that is read by one connection while requests land by another."""

    view: View
    writer: Database
    at_ms: int
    store: TimedDatabase
    config: Config = field(default_factory=lambda: load(None, Path("nowhere"), environ={}))

    def timed(self, make: Callable[[], Ask], span: Span, later: int) -> Timed:
        """Return how long a new question's answers took."""
        asked, parts = make(), []
        self._sight(span)
        self.store.look()
        page, spent_ms = self._asked(asked, span)
        parts.append(spent_ms)
        while isinstance(page, Growing) and page.goes_on and len(parts) < MOST_PARTS:
            page, spent_ms = self._asked(asked, span)
            parts.append(spent_ms)
        followed = []
        for _ in range(later):
            self.at_ms += SECOND_MS
            land(self.writer, self.view.workspace, self.at_ms)
            followed.append(self._asked(asked, span)[1])
        ordered = sorted(followed) or [0.0]
        middle = ordered[len(ordered) // 2]
        longest = self.store.look()
        return Timed(
            *(parts[0], len(parts), max(parts), middle, ordered[-1]), longest.ms, longest.sql
        )

    def _asked(self, asked: Ask, span: Span) -> tuple[object, float]:
        sight = self._sight(span)
        began = time.thread_time()
        page = asked.answer(sight)
        return page, (time.thread_time() - began) * 1000

    def _sight(self, span: Span) -> Sight:
        facts = gather(self.view, Question(self.at_ms, "UTC", UTC, span), self._known.get(span))
        assert facts is not None
        self._known[span] = facts
        return Sight(
            *(self.view, self.config, self.at_ms, self.at_ms, span, facts.range, facts.calendar),
            *("UTC", UTC, rules_of(self.config).rows),
            past=1,
        )

    _known: dict[Span, Facts] = field(default_factory=dict)


@contextmanager
def desk(view: View, writer: Database, at_ms: int) -> Iterator[Desk]:
    """Yield a desk; what landed meanwhile is forgotten afterwards.

    Garbage is collected as it is under the screen: whole collections are rare.
    """
    gc.disable()
    keep_short()
    try:
        timed = TimedDatabase(view.database)
        yield Desk(replace(view, database=timed), writer, at_ms, timed)
    finally:
        forget(writer)


def pages_timed(of: Desk, later: int) -> Iterator[tuple[str, Timed]]:
    """Yield each page's times in each range, the cheap ranges first."""
    for name, make in PAGES.items():
        for span in Span:
            yield f"{name}, {span}", of.timed(make, span, later)
