"""Which snapshot is shown: the newest, or while paused the one that was there."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.snapshot import Page, Snapshot
from tokwatch.pages.sight import Growing


class Picture(Struct):
    """The shown snapshot and, while paused, the newest one that is held back."""

    shown: Snapshot | None = None
    held: Snapshot | None = None
    paused: bool = False

    def take(self, snapshot: Snapshot) -> None:
        """Show a snapshot, or hold it back while paused, unless something else was asked for."""
        shown = self.shown
        if not self.paused or shown is None or _asked(shown) != _asked(snapshot):
            self.shown, self.held = snapshot, None
        else:
            self.held = snapshot
            if shown.page is not None and _goes_on(shown.page):
                self.shown = replace(shown, page=snapshot.page)

    def toggle(self) -> None:
        """Pause, or go on with the newest snapshot."""
        self.paused = not self.paused
        if not self.paused and self.held is not None:
            self.shown, self.held = self.held, None

    @property
    def new_events(self) -> int:
        """How many requests the shown snapshot does not know of yet."""
        if self.held is None or self.shown is None:
            return 0
        before, after = self.shown, self.held
        read = sum(each.events for each in after.sources) - sum(
            each.events for each in before.sources
        )
        spent = after.spend.usage.requests - before.spend.usage.requests
        return max(0, read, spent)


def _goes_on(page: Page) -> bool:
    """Tell whether an answer lacks something that nothing new is needed for."""
    return isinstance(page.content, Growing) and page.content.goes_on


def _asked(snapshot: Snapshot) -> tuple[object, ...]:
    """Return the range of a snapshot, and what its page answers."""
    return (snapshot.span, snapshot.until, snapshot.page.ask if snapshot.page else None)
