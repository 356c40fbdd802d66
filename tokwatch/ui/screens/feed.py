"""The live feed: a line for each request as it lands."""

from __future__ import annotations

from textual.app import ComposeResult

from tokwatch.pages.feed import FeedAsk
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.feed import FeedLines


class FeedScreen(PageScreen):
    """One table over the whole screen."""

    PLACE = "feed"
    AUTO_FOCUS = "FeedLines"
    ask = FeedAsk()

    def panes(self) -> ComposeResult:
        """Yield the table."""
        yield FeedLines(id="feed")
