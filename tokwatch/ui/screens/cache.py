"""The cache: what it saves, where and why it breaks, what is still warm; and response caches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.model.caching import Break, Chain, GatewaySum, SessionName
from tokwatch.pages.cache import CacheAsk, ModelCache, SessionCache, WarmChain
from tokwatch.pages.response_cache import ResponseAsk, Simulation
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.screens.session import Named, open_session
from tokwatch.ui.widgets.cache_breaks import CacheBreaks
from tokwatch.ui.widgets.cache_chart import CacheChart
from tokwatch.ui.widgets.cache_lifetimes import CacheLifetimes
from tokwatch.ui.widgets.cache_sums import CacheModels, CacheSessions
from tokwatch.ui.widgets.cache_tiles import Lost, RequestRate, Saved, TokenRate, Written
from tokwatch.ui.widgets.cache_warm import CacheWarm
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.response_gateways import ResponseGateways
from tokwatch.ui.widgets.response_repeats import ResponseRepeats
from tokwatch.ui.widgets.response_sizes import ResponseSizes
from tokwatch.ui.widgets.table import Table


class CacheScreen(GrowingScreen):
    """Two views: the providers' prompt caches, and caches of whole answers."""

    CSS_PATH = "cache.tcss"
    PLACE = "cache"
    AUTO_FOCUS = "CacheBreaks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view(True)", "Response cache", id="cache.view",
                tooltip="Response caches, or the prompt cache"),
        Binding("v", "view(False)", "Prompt cache", id="cache.view",
                tooltip="Response caches, or the prompt cache"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.asks = CacheAsk(), ResponseAsk()
        self.ask = self.asks[0]

    def panes(self) -> ComposeResult:
        """Yield the panes of both views, of which one is shown."""
        with Panes(id="cache"):
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
        with Panes(id="responses"):
            yield ResponseGateways(id="response-gateways")
            yield ResponseRepeats(id="response-repeats")
            yield ResponseSizes(id="response-sizes")

    @property
    def shows_responses(self) -> bool:
        """Whether response caches are shown in place of the prompt cache."""
        return self.has_class("-responses")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the view that is not shown."""
        if action == "view":
            return parameters != (self.shows_responses,)
        return super().check_action(action, parameters)

    def action_view(self, responses: bool) -> None:
        """Show response caches, or the prompt cache."""
        self.minimize()
        self.set_class(responses, "-responses")
        self.look(self.asks[responses])
        self.query_one("ResponseRepeats" if self.shows_responses else "CacheBreaks").focus()
        self.refresh_bindings()

    @on(Table.Moved)
    def _choose(self, event: Table.Moved) -> None:
        """Draw the simulation under the cursor."""
        if isinstance(event.row, Simulation):
            self.query_one(ResponseSizes).show(event.row.kind)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Open the session of a line, at its request where it is of one, or all of a line."""
        row, rows = event.row, event.table.rows
        if isinstance(row, Break):
            open_session(self.app, *row.chain, row.key, _named(one.chain for one in rows))
        elif isinstance(row, WarmChain):
            open_session(self.app, *row.chain, among=_named(one.chain for one in rows))
        elif isinstance(row, SessionCache):
            open_session(self.app, *row.name, among=_named(one.name for one in rows))
        elif isinstance(row, ModelCache):
            from tokwatch.ui.screens.panel import Panel
            from tokwatch.ui.widgets.cache_facts import CacheFacts

            self.app.push_screen(Panel(CacheFacts(row.model, row.sum)))
        elif isinstance(row, Simulation):
            self.maximize(self.query_one(ResponseSizes), container=False)
        elif isinstance(row, GatewaySum):
            self.action_explain()


def _named(lines: Iterable[Chain | SessionName]) -> tuple[Named, ...]:
    """Return the sessions of some lines in their order, each once."""
    return tuple(dict.fromkeys((one.source, one.session) for one in lines))
