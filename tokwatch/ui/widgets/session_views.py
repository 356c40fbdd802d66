"""The line above a session's lower half: which view is shown there, and the others."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.widgets.painted import Painted

VIEWS: Final = ("requests", "agents", "carried", "truncation", "facts")
NAMES: Final = {
    "requests": "composition and requests",
    "agents": "agents",
    "carried": "carried cost",
    "truncation": "truncation",
    "facts": "facts",
}


class SessionViews(Painted):
    """The names of the views; each can be clicked."""

    view: reactive[str] = reactive(VIEWS[0], repaint=False)

    def watch_view(self) -> None:
        self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the names, the short ones where there is little room."""
        for names in (NAMES, {view: view for view in VIEWS}):
            line: Line = [(" ", inks.text)]
            for view in VIEWS:
                is_here = view == self.view
                label = f"[{names[view]}]" if is_here else names[view]
                ink = inks.accent if is_here else inks.muted
                line += [(label, click(ink, f"screen.show_view('{view}')")), ("  ", inks.text)]
            if width_of(line) <= size.width:
                break
        return [line]
