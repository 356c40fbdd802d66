"""A pane that shows a part of the open screen's page."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar, cast

from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane

Content = TypeVar("Content")


class PagePane(Pane, Generic[Content]):
    """Draws the newest page of one kind; until there is one it says that it is coming."""

    KIND: ClassVar[type[Any]]
    """The class of the pages that this pane understands."""
    EMPTY: ClassVar[object] = None
    """The page of an empty store; without one the pane says that there are no events yet."""

    _content: Content | None = None

    def watch_snapshot(self) -> None:
        page = self.snapshot.page if self.snapshot else None
        if page is not None and isinstance(page.content, self.KIND):
            self._content = cast("Content", page.content)
        elif self.snapshot is not None and self.snapshot.empty and self.EMPTY is not None:
            self._content = cast("Content", self.EMPTY)
        self.taken()
        self.redraw()

    def taken(self) -> None:
        """Do what a new page asks for before it is drawn."""

    @property
    def content(self) -> Content | None:
        """The page; None before the first one."""
        return self._content

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the lines inside the frame."""
        if self._content is None:
            why = "no events yet" if snapshot.empty else "reading …"
            return [[(why, inks.muted)]]
        return self.page(self._content, size, inks)

    def page(self, content: Content, size: Size, inks: Inks) -> list[Line]:
        """Return the page's lines."""
        raise NotImplementedError
