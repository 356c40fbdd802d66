"""Which snapshot is shown: the newest, or while paused the one that was there."""

from __future__ import annotations

from dataclasses import dataclass

from tokwatch.snapshot import Snapshot


@dataclass(slots=True)
class Picture:
    """The shown snapshot and, while paused, the newest one that is held back."""

    shown: Snapshot | None = None
    held: Snapshot | None = None
    paused: bool = False

    def take(self, snapshot: Snapshot) -> None:
        """Show a snapshot, or hold it back while paused, unless another range was asked for."""
        shown = self.shown
        moved = shown is not None and (shown.span, shown.until) != (snapshot.span, snapshot.until)
        if not self.paused or shown is None or moved:
            self.shown, self.held = snapshot, None
        else:
            self.held = snapshot

    def toggle(self) -> None:
        """Pause, or go on with the newest snapshot."""
        self.paused = not self.paused
        if not self.paused and self.held is not None:
            self.shown, self.held = self.held, None

    @property
    def new_events(self) -> int:
        """How many requests the shown snapshot does not know of yet."""
        return max(0, _events(self.held) - _events(self.shown)) if self.held else 0


def _events(snapshot: Snapshot | None) -> int:
    return sum(source.events for source in snapshot.sources) if snapshot else 0
