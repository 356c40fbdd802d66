"""What is still in the cache, for how long, and what it costs to let it lapse."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage, WarmChain
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def left_ms(one: WarmChain, now_ms: int) -> int:
    """Return how long a cache lives on without use."""
    return one.warm.first_ms + one.warm.ttl_ms - now_ms


def _left(now_ms: int, one: WarmChain, width: int, inks: Inks) -> Line:
    rest = left_ms(one, now_ms)
    if rest <= 0:
        return text_cell("cold", width, inks.muted, right=True)
    ink = inks.warning if rest <= 60_000 else inks.good
    mark = "" if one.warm.is_written else "≈"
    return text_cell(f"{mark}{words.left(rest)}", width, ink, right=True)


def _session(one: WarmChain, width: int, inks: Inks) -> Line:
    return text_cell(words.agent(one.chain), width, inks.text)


def _project(one: WarmChain, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_project(one.warm.project) or fmt.NOTHING, width, inks.text)


def _tokens(one: WarmChain, width: int, inks: Inks) -> Line:
    return text_cell(fmt.count(one.warm.cached), width, inks.text, right=True)


def _stake(one: WarmChain, width: int, inks: Inks) -> Line:
    nano = one.warm.at_stake_nano
    told = fmt.UNPRICED if nano is None else fmt.narrow_money(nano, width)
    return text_cell(told, width, inks.strong, right=True)


class CacheWarm(Table[CachePage, WarmChain]):
    """One line an agent, with a countdown that moves in steps of ten seconds."""

    TITLE = "still warm"
    KIND = CachePage
    HELP = """
    # Still warm
    Agents whose last request left something in the cache, how long it stays there without
    another request, and what sending it again costs above reading it. `≈` where the provider
    caches by itself and does not say for how long.
    """

    def columns(self) -> Sequence[TableColumn[WarmChain]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("session", 8, _session, most=16),
            TableColumn("project", 8, _project, rank=2, most=20),
            TableColumn("cached", 6, _tokens, rank=1, right=True,
                        order=lambda one: one.warm.cached),
            TableColumn("at stake", 8, _stake, right=True,
                        order=lambda one: one.warm.at_stake_nano or 0),
            TableColumn("left", 6, partial(_left, self._now_ms), right=True,
                        order=lambda one: -left_ms(one, 0)),
        )  # fmt: skip

    @property
    def _now_ms(self) -> int:
        """The moment that is shown: it goes on only while now is."""
        until = self.snapshot.until if self.snapshot else None
        return epoch_ms(until or self.now)

    def watch_now(self) -> None:
        """Drop what has lapsed, and count down."""
        self.taken()
        super().watch_now()

    def rows_of(self, content: CachePage) -> Sequence[WarmChain]:
        """Return what has not lapsed, the newest first."""
        now_ms = self._now_ms
        return [one for one in content.warm if left_ms(one, now_ms) > 0]

    def key_of(self, row: WarmChain) -> str:
        """Return the agent."""
        return "\0".join(row.chain)

    def why_empty(self, content: CachePage) -> str:
        """Say why nothing is listed."""
        return "nothing is in a cache at this moment"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say from when the time counts."""
        return (
            "A cache lives for five minutes or an hour, as it was written for, from its last use: "
            "the first sign of the last answer. Where a provider caches by itself, five minutes "
            "are assumed (≈).",
            "At stake is what the cached tokens cost to write again, or as input, above reading.",
        )
