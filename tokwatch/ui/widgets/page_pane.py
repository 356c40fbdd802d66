"""A pane that shows a part of the open screen's page."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.empty_store import no_requests
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane

READ: Final = (
    *("span", "until", "zone", "empty", "sources", "progress", "follower_of"),
    *("day", "now", "spend", "forecast"),
)
"""What these panes read of a picture beside the page."""
BY_THE_CLOCK: Final = frozenset({"now"})
"""Of that, what moves of itself: they are drawn anew when the shown time moves."""
_seen_of: Final = attrgetter(*(name for name in READ if name not in BY_THE_CLOCK))

Content = TypeVar("Content")


class PagePane(Pane, Generic[Content]):
    """Draws the newest page of one kind; until there is one it says that it is coming."""

    KIND: ClassVar[type[Any]]
    """The class of the pages that this pane understands."""
    EMPTY: ClassVar[object] = None
    """The page of an empty store; without one the pane says that there are no requests yet."""

    _content: Content | None = None
    _seen: tuple[object, object] | None = None
    """The newest picture's page, and what else is read of the picture."""

    def watch_snapshot(self) -> None:
        """Take what is new; a picture of the same page, with all else as it was, changes nothing.

        A large page stays the same object while others are told of ten times a second.
        """
        snapshot = self.snapshot
        found = snapshot.page.content if snapshot and snapshot.page else None
        seen = None if snapshot is None else (found, _seen_of(snapshot))
        before, self._seen = self._seen, seen
        is_empty = snapshot is not None and snapshot.empty
        if seen and before and not is_empty and seen[0] is before[0] and seen[1] == before[1]:
            return
        if isinstance(found, self.KIND):
            self._content = cast("Content", found)
        elif snapshot is not None and is_empty:
            self._content = cast("Content | None", self.of_empty(snapshot)) or self._content
        self.taken()
        self.redraw()

    def of_empty(self, snapshot: Snapshot) -> object:
        """Return the page of an empty store, which the feed does not answer for."""
        return self.EMPTY

    def taken(self) -> None:
        """Do what a new page asks for before it is drawn."""

    @property
    def content(self) -> Content | None:
        """The page; None before the first one."""
        return self._content

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the lines inside the frame."""
        if self._content is None:
            why = no_requests(size.width) if snapshot.empty else "reading …"
            return [[(why, inks.muted)]]
        return self.page(self._content, size, inks)

    def page(self, content: Content, size: Size, inks: Inks) -> list[Line]:
        """Return the page's lines."""
        raise NotImplementedError
