"""The cache: what it saves, where and why it breaks, what is still warm; and response caches."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from tokwatch.caching import Break, Chain, GatewaySum
from tokwatch.pages.cache import CacheAsk, CachePage, ModelCache, SessionCache, WarmChain
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage, Simulation
from tokwatch.snapshot import Snapshot
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.cache_breaks import CacheBreaks
from tokwatch.ui.widgets.cache_chart import CacheChart
from tokwatch.ui.widgets.cache_lifetimes import CacheLifetimes
from tokwatch.ui.widgets.cache_sums import CacheModels, CacheSessions
from tokwatch.ui.widgets.cache_tiles import Lost, RequestRate, Saved, TokenRate, Written
from tokwatch.ui.widgets.cache_warm import CacheWarm
from tokwatch.ui.widgets.response_gateways import ResponseGateways
from tokwatch.ui.widgets.response_repeats import ResponseRepeats
from tokwatch.ui.widgets.response_sizes import ResponseSizes
from tokwatch.ui.widgets.table import Table


class CacheScreen(PageScreen):
    """Two views: the providers' prompt caches, and caches of whole answers."""

    PLACE = "cache"
    AUTO_FOCUS = "CacheBreaks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "Response cache", id="cache.view",
                tooltip="The prompt cache, or response caches"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.asks = CacheAsk(), ResponseAsk()
        self.ask = self.asks[0]

    def panes(self) -> ComposeResult:
        """Yield the panes of both views, of which one is shown."""
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
            with Vertical(id="cache-beneath"):
                yield CacheWarm(id="cache-warm-beneath")
                yield CacheLifetimes(id="cache-lifetimes-beneath")
            with Horizontal(id="cache-sums"):
                yield CacheSessions(id="cache-sessions")
                yield CacheModels(id="cache-models")
        with VerticalScroll(id="responses", can_focus=False):
            yield ResponseGateways(id="response-gateways")
            yield ResponseRepeats(id="response-repeats")
            yield ResponseSizes(id="response-sizes")

    @property
    def shows_responses(self) -> bool:
        """Whether response caches are shown in place of the prompt cache."""
        return self.has_class("-responses")

    def action_view(self) -> None:
        """Show the other view."""
        self.minimize()
        self.toggle_class("-responses")
        self.look(self.asks[self.shows_responses])
        self.query_one("ResponseRepeats" if self.shows_responses else "CacheBreaks").focus()
        self.refresh_bindings()

    def _take(self, snapshot: Snapshot | None) -> None:
        """Ask for the rest of a long range until all of it has been looked at."""
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is None or not self._is_open or page.ask != self.ask:
            return
        if isinstance(page.content, CachePage | ResponsePage) and not page.content.is_whole:
            self.tokwatch.feed.look(self.ask)

    @on(Table.Moved)
    def _choose(self, event: Table.Moved) -> None:
        """Draw the simulation under the cursor."""
        if isinstance(event.row, Simulation):
            self.query_one(ResponseSizes).show(event.row.kind)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Go to the session of a line, or show all that is known of it."""
        row = event.row
        if isinstance(row, Break | WarmChain):
            self._go_to(row.chain)
        elif isinstance(row, SessionCache):
            self._go_to(Chain(*row.name, ""))
        elif isinstance(row, ModelCache):
            from tokwatch.ui.screens.panel import Panel
            from tokwatch.ui.widgets.cache_facts import CacheFacts

            self.app.push_screen(Panel(CacheFacts(row.model, row.sum)))
        elif isinstance(row, Simulation):
            self.maximize(self.query_one(ResponseSizes), container=False)
        elif isinstance(row, GatewaySum):
            self.action_explain()

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
