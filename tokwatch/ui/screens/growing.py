"""A screen whose page is worked out in parts: it asks for the rest."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.sight import Growing
from tokwatch.ui.screens.paged import PageScreen

AGAIN_S: Final = 0.5
"""So long after an answer with nothing new the same is asked again."""


class GrowingScreen(PageScreen):
    """Asks again at once for each new part, and now and then while there is none."""

    _part: object = None
    """The newest page of which there is more to come."""
    _again: Timer | None = None

    def _take(self, snapshot: Snapshot | None) -> None:
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is None or page.ask != self.ask or not self._is_open:
            return
        if not self.has_more(page.content):
            self._part = None
        elif page.content is not self._part:
            self._part = page.content
            self._ask_again()
        elif self._again is None:
            self._again = self.set_timer(AGAIN_S, self._ask_again)

    def has_more(self, content: object) -> bool:
        """Tell whether there is more of a page without anything new."""
        return isinstance(content, Growing) and content.goes_on

    def _ask_again(self) -> None:
        if self._again is not None:
            self._again.stop()
            self._again = None
        if self._is_open and self._part is not None:
            self.tokwatch.feed.look(self.ask)
