"""A screen that shows a range of time, and the keys that move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tokwatch.ui import timeline

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class TimedScreen(Screen[None]):
    """Routes `[` `]` `{` `}` `n` `r` to the feed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("[", "travel(-1)", "Earlier", show=False, id="time.earlier",
                tooltip="Half a range back in time"),
        Binding("]", "travel(1)", "Later", show=False, id="time.later",
                tooltip="Half a range forward in time"),
        Binding("{", "resize(-1)", "Shorter", show=False, id="time.shorter",
                tooltip="A shorter range of time"),
        Binding("}", "resize(1)", "Longer", show=False, id="time.longer",
                tooltip="A longer range of time"),
        Binding("r", "range", "Range", id="time.range", tooltip="The next range of time"),
        Binding("n", "now", "Now", id="time.now", tooltip="Back to now"),
    ]  # fmt: skip

    @property
    def tokwatch(self) -> TokwatchApp:
        """The application, as what it is."""
        return cast("TokwatchApp", self.app)

    def action_travel(self, halves: int) -> None:
        """Show the range half its length earlier or later."""
        snapshot = self.tokwatch.aim
        if snapshot is None:
            return
        if snapshot.span not in timeline.SECONDS:
            self.notify("All of history is shown; { shows a shorter range.", markup=False)
        elif snapshot.until is None and halves > 0:
            self.notify("This is now.", markup=False)
        else:
            self.tokwatch.show(*timeline.moved(snapshot, halves, self.tokwatch.clock()))

    def action_resize(self, steps: int) -> None:
        """Show a shorter or longer range."""
        if (snapshot := self.tokwatch.aim) is not None:
            self.tokwatch.show(*timeline.resized(snapshot, steps))

    def action_now(self) -> None:
        """Follow now again."""
        if (snapshot := self.tokwatch.aim) is not None:
            self.tokwatch.show(snapshot.span, None)

    def action_range(self) -> None:
        """Show the next range."""
        if (snapshot := self.tokwatch.aim) is not None:
            self.tokwatch.show(*timeline.next_span(snapshot))
