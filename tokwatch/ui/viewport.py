"""Which lines of a long list are on the screen, and which one is selected."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Viewport(Struct):
    """A window over a list whose lines have keys: the selection stays with its key."""

    keys: Sequence[str] = ()
    height: int = 1
    top: int = 0
    index: int = 0
    selected: str = ""
    """Key of the selected line; empty until the user moves, so that the first line stays so."""

    def update(self, keys: Sequence[str], height: int) -> None:
        """Take a changed list: the selected line may have moved, or be gone."""
        self.keys, self.height = keys, max(1, height)
        if self.selected:
            found = keys.index(self.selected) if self.selected in keys else None
            self.index = min(self.index, max(0, len(keys) - 1)) if found is None else found
        else:
            self.index = 0
        self._clamp()

    def select(self, index: int) -> None:
        """Put the selection on a line, as near as there is one, and bring it into view."""
        if not self.keys:
            return
        self.index = max(0, min(len(self.keys) - 1, index))
        self.selected = self.keys[self.index]
        self.top = min(self.top, self.index)
        self.top = max(self.top, self.index - self.height + 1)
        self._clamp()

    def find(self, key: str) -> bool:
        """Select the line with this key; False where there is none."""
        if key not in self.keys:
            return False
        self.select(self.keys.index(key))
        return True

    def scroll(self, lines: int) -> None:
        """Move the window and leave the selection where it is."""
        self.top += lines
        self._clamp()

    def thumb(self) -> tuple[int, int] | None:
        """Return first line and length of a scroll bar's handle; None where all lines fit."""
        total = len(self.keys)
        if total <= self.height:
            return None
        length = max(1, self.height * self.height // total)
        return round(self.top * (self.height - length) / (total - self.height)), length

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.keys) - self.height))
