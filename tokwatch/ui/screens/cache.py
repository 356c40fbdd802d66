"""The cache: what it saves, where and why it breaks, and what is still warm."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from tokwatch.caching import Break, Chain
from tokwatch.pages.cache import CacheAsk, CachePage, SessionCache, WarmChain
from tokwatch.snapshot import Snapshot
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.cache_breaks import CacheBreaks
from tokwatch.ui.widgets.cache_chart import CacheChart
from tokwatch.ui.widgets.cache_lifetimes import CacheLifetimes
from tokwatch.ui.widgets.cache_sums import CacheModels, CacheSessions
from tokwatch.ui.widgets.cache_tiles import Lost, RequestRate, Saved, TokenRate, Written
from tokwatch.ui.widgets.cache_warm import CacheWarm
from tokwatch.ui.widgets.table import Table


class CacheScreen(PageScreen):
    """Tiles, the rate over time, breaks, and sums by session and model."""

    PLACE = "cache"
    AUTO_FOCUS = "CacheBreaks"

    def __init__(self) -> None:
        super().__init__()
        self.ask = CacheAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with VerticalScroll(id="cache", can_focus=False):
            with Horizontal(id="cache-tiles"):
                yield TokenRate(id="token-rate")
                yield RequestRate(id="request-rate")
                yield Saved(id="saved")
                yield Written(id="written")
                yield Lost(id="lost")
            with Horizontal(id="cache-course"):
                yield CacheChart(id="cache-chart")
                with Vertical(id="cache-beside"):
                    yield CacheWarm(id="cache-warm")
                    yield CacheLifetimes(id="cache-lifetimes")
            yield CacheBreaks(id="cache-breaks")
            with Horizontal(id="cache-sums"):
                yield CacheSessions(id="cache-sessions")
                yield CacheModels(id="cache-models")

    def _take(self, snapshot: Snapshot | None) -> None:
        """Ask for the rest of a long range until all of it has been looked at."""
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is not None and isinstance(page.content, CachePage) and self._is_open:
            if not page.content.is_whole:
                self.tokwatch.feed.look(self.ask)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Go to the session of a line."""
        row = event.row
        if isinstance(row, Break | WarmChain):
            self._go_to(row.chain)
        elif isinstance(row, SessionCache):
            self._go_to(Chain(*row.name, ""))

    def _go_to(self, chain: Chain) -> None:
        self.app.switch_mode("sessions")
        self.app.call_later(partial(self._find, chain))

    def _find(self, chain: Chain) -> None:
        """Put the cursor of the sessions on an agent, else on its session."""
        from tokwatch.ui.screens.sessions import SessionsScreen

        screen = self.app.screen
        if not isinstance(screen, SessionsScreen):
            return
        for agent in dict.fromkeys((chain.agent, "")):
            key = "\0".join((chain.source, chain.session, agent))
            screen.find(key)
            if screen.sessions.row is not None and screen.sessions.row.key == key:
                return
        screen.notify("The shown range does not list that session; } widens it.", markup=False)
