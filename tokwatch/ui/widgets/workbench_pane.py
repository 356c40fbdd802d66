"""A pane of the workbench: it draws what the screen hands it."""

from __future__ import annotations

from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane
from tokwatch.workbench.shown import Shown


class BenchPane(Pane):
    """Draws one state of the workbench."""

    shown = Shown()

    def put(self, shown: Shown) -> None:
        """Show another state."""
        self.shown = shown
        self.redraw()

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the lines inside the frame."""
        return self.lines(self.shown, size, inks)

    def lines(self, shown: Shown, size: Size, inks: Inks) -> list[Line]:
        """Return the lines of a state."""
        raise NotImplementedError
