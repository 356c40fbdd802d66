"""How far history has been read: one line with a bar that only moves forward."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane
from tokwatch.words import counted

LEAST: Final = 22
"""Cells of what stands before the share, with the shortest bar."""


class History(Pane):
    """Shown while history is read, gone when it is done."""

    ALLOW_MAXIMIZE = False

    def watch_snapshot(self) -> None:
        """Stand on the screen only while there is something left to read."""
        self.display = self.snapshot is not None and self.snapshot.progress is not None
        self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the bar and what is left."""
        progress = self.snapshot.progress if isinstance(self.snapshot, Snapshot) else None
        if progress is None:
            return []
        share = min(1.0, progress.done_bytes / progress.total_bytes) if progress.total_bytes else 0
        words = f" {share * 100:3.0f}% of {fmt.size(progress.total_bytes)}"
        files = f" · {counted(progress.files_left, 'file')} left"
        if len(words + files) + LEAST > size.width:
            files = ""
        bar = max(4, min(40, size.width - len(words) - len(files) - 19))
        filled, empty = gauge(share, bar)
        return [
            [
                (" reading history ", inks.muted),
                (filled, inks.accent),
                (empty, inks.frame),
                (words + files, inks.muted),
            ]
        ]
