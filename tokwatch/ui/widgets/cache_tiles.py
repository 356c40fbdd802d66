"""The tiles of the cache screen: how often it is hit, what it saves, costs and loses."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.caching import NO_CACHE, CacheSum
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage, grouped
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.tile import SPARK, Tile
from tokwatch.words import counted


class CacheTile(Tile):
    """A figure about the shown range; until the page comes there is none."""

    _page: CachePage | None = None

    def watch_snapshot(self) -> None:
        page = self.snapshot.page if self.snapshot else None
        if page is not None and isinstance(page.content, CachePage):
            self._page = page.content
        super().watch_snapshot()

    @property
    def total(self) -> CacheSum:
        """The sums of the range."""
        return self._page.total if self._page else NO_CACHE

    def figure(self, one: CacheSum) -> float | None:
        """Return what the trend shows of one step of time."""
        raise NotImplementedError

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the figure over time."""
        if self._page is None:
            return ()
        return [None if one is None else self.figure(one) for one in self._steps[0]]

    def caption(self, snapshot: Snapshot) -> str:
        """Return what a bar stands for."""
        if self._page is None:
            return ""
        return f"a bar for each {fmt.duration(self._steps[1])} of the range"

    @property
    def _steps(self) -> tuple[list[CacheSum | None], int]:
        """The course in as many steps as a sparkline has room for, and the seconds of one."""
        if self._page is None:
            return [], 0
        most = SPARK if self.size.height <= 6 else self.size.width - 4
        return grouped(self._page.course, max(1, min(most, self.size.width - 4)))


class TokenRate(CacheTile):
    """Cache reads as a share of all prompt tokens."""

    TITLE = "hit rate, tokens"
    SHORT = "tokens"
    TREND_TOP = 1.0
    HELP = """
    # Hit rate by tokens
    The share of the prompt that was read from the provider's cache: cache reads of cache reads,
    cache writes and uncached input together.
    """

    def figure(self, one: CacheSum) -> float | None:
        """Return the step's own."""
        return one.token_rate

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the rate."""
        figure: Line = [(words.rate(self.total.token_rate), inks.strong)]
        return [[*figure, (" of the prompt", inks.muted)], figure]

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the tokens that it is made of."""
        one = self.total
        if not one.prompt:
            return [[("nothing known", inks.muted)]]
        read, sent = fmt.count(one.read), fmt.count(one.prompt)
        return [[(f"{read} of {sent} tokens", inks.muted)], [(f"{read} of {sent}", inks.muted)]]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the rate is a share of."""
        told = (
            "Tokens read from the provider's cache, as a share of all prompt tokens sent in the "
            "range: uncached input, cache reads and cache writes.",
        )
        if self.total.blind_prompt:
            blind = fmt.count(self.total.blind_prompt)
            return (*told, f"{blind} tokens of sources that do not tell their reads are left out.")
        return told


class RequestRate(CacheTile):
    """Requests that read anything from the cache."""

    TITLE = "hit rate, requests"
    SHORT = "requests"
    TREND_TOP = 1.0
    HELP = """
    # Hit rate by requests
    The share of the requests that read anything from the provider's cache, however little.
    """

    def figure(self, one: CacheSum) -> float | None:
        """Return the step's own."""
        return one.request_rate

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the rate."""
        figure: Line = [(words.rate(self.total.request_rate), inks.strong)]
        return [[*figure, (" of requests", inks.muted)], figure]

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the requests that it is made of."""
        one = self.total
        if not one.told:
            return [[("nothing known", inks.muted)]]
        return [
            [(f"{one.hits:,} of {one.told:,} read from it", inks.muted)],
            [(f"{one.hits:,} of {one.told:,}", inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say which requests count."""
        return (
            "Requests that read at least one token from the provider's cache, as a share of the "
            "requests whose log tells of reads. Sums of several requests are left out: of each "
            "of them nothing is known.",
        )


class Saved(CacheTile):
    """What reads cost less than input."""

    TITLE = "saved by reads"
    SHORT = "saved"
    HELP = """
    # Saved by reads
    What the tokens read from the cache would have cost as plain input, less what reading them
    cost; beneath it what is left after the price of writing to the cache.
    """

    def figure(self, one: CacheSum) -> float | None:
        """Return the step's own."""
        return one.saved_nano

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the dollars."""
        one = self.total
        return [[(words.amount(one.saved_nano, one.unpriced), inks.good)],
                [(words.amount(one.saved_nano, 0, 12), inks.good)]]  # fmt: skip

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return what is left of it after writing."""
        net = fmt.money(self.total.net_nano)
        return [[(f"{net} after writes", inks.muted)], [(f"net {net}", inks.muted)]]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the dollars are computed."""
        return (
            "For each request the tokens read from the cache, times the difference of the prices "
            "of input and of reading, at the prices of its model, date, tier and size.",
            "After writes: less what writing to the cache cost above plain input. Without any "
            "cache the range would have cost that much more.",
        )


class Written(CacheTile):
    """What was spent on writes."""

    TITLE = "spent on writes"
    SHORT = "writes"
    HELP = """
    # Spent on writes
    What it cost to write to the cache, and how much of that is the price above plain input.
    """

    def figure(self, one: CacheSum) -> float | None:
        """Return the step's own."""
        return one.written_nano

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the dollars."""
        one = self.total
        return [[(words.amount(one.written_nano, one.unpriced), inks.strong)],
                [(words.amount(one.written_nano, 0, 12), inks.strong)]]  # fmt: skip

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return what of it is the price above input."""
        above = fmt.money(self.total.premium_nano)
        wordings = ("above plain input", "above input", "above")
        return [[(f"{above} {words_}", inks.muted)] for words_ in wordings]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what writes cost."""
        one = self.total
        return (
            "All tokens written to the cache, at the price of their time to live: "
            f"{one.write_5m:,} for five minutes, {one.write_1h:,} for an hour. Where a provider "
            "caches by itself, no writes are billed.",
        )


class Lost(CacheTile):
    """What rewrites cost."""

    TITLE = "lost to rewrites"
    SHORT = "lost"
    HELP = """
    # Lost to rewrites
    What it cost, above reading, to send tokens again that had been in the cache: after idling
    too long, switching models, or changing the prefix. Compactions are told apart in the table.
    """

    def figure(self, one: CacheSum) -> float | None:
        """Return the step's own."""
        return one.lost_nano

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the dollars."""
        one = self.total
        ink = inks.warning if one.lost_nano else inks.strong
        return [[(words.amount(one.lost_nano, one.unpriced), ink)],
                [(words.amount(one.lost_nano, 0, 12), ink)]]  # fmt: skip

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return how many breaks and tokens these were."""
        one = self.total
        breaks = counted(one.breaks, "break")
        return [
            [(f"{breaks}, {fmt.count(one.rewritten)} tokens", inks.muted)],
            [(breaks, inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say which tokens count."""
        return (
            "For each break the tokens that the request before had in the cache and this one did "
            "not read, at what they cost above reading them. First requests and compactions are "
            "in the table, not in this sum.",
        )
