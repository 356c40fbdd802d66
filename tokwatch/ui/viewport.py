"""Which lines of a long text or list are on the screen, and which one is selected."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Excerpt(Struct):
    """A window over lines that are told only by their place."""

    total: int = 0
    height: int = 1
    top: int = 0

    def fit(self, total: int, height: int) -> None:
        """Take another number of lines, or of those that there is room for."""
        self.total, self.height = total, max(1, height)
        self._clamp()

    def scroll(self, lines: int) -> None:
        """Move the window."""
        self.top += lines
        self._clamp()

    def reveal(self, first: int, last: int) -> None:
        """Move the window as little as brings some lines into view, their first one surely."""
        self.top = min(max(self.top, last + 1 - self.height), first)
        self._clamp()

    def shows(self, line: int) -> bool:
        """Tell whether a line is in view."""
        return self.top <= line < min(self.top + self.height, self.total)

    def thumb(self) -> tuple[int, int] | None:
        """Return first line and length of a scroll bar's handle; None where all lines fit."""
        if self.total <= self.height:
            return None
        length = max(1, self.height * self.height // self.total)
        return round(self.top * (self.height - length) / (self.total - self.height)), length

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, self.total - self.height))


class Viewport(Excerpt):
    """A window over a list whose lines have keys: the selection stays with its key."""

    keys: Sequence[str] = ()
    index: int = 0
    selected: str = ""
    """Key of the selected line; empty until the user moves, so that the first line stays so."""

    def update(self, keys: Sequence[str], height: int) -> None:
        """Take a changed list: the selected line may have moved, or be gone."""
        self.keys = keys
        if self.selected:
            found = keys.index(self.selected) if self.selected in keys else None
            self.index = min(self.index, max(0, len(keys) - 1)) if found is None else found
        else:
            self.index = 0
        self.fit(len(keys), height)

    def select(self, index: int) -> None:
        """Put the selection on a line, as near as there is one, and bring it into view."""
        if not self.keys:
            return
        self.index = max(0, min(len(self.keys) - 1, index))
        self.selected = self.keys[self.index]
        self.reveal(self.index, self.index)

    def find(self, key: str) -> bool:
        """Select the line with this key; False where there is none."""
        if key not in self.keys:
            return False
        self.select(self.keys.index(key))
        return True
