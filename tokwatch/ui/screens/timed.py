"""A screen that shows a range of time, and the keys that move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tokwatch.ui import timeline
from tokwatch.ui.replay import Replay

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class TimedScreen(Screen[None]):
    """Routes `[` `]` `{` `}` `n` `r` to the feed, and `P` `(` `)` to the replay."""

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
        Binding("P", "replay", "Replay", show=False, id="replay",
                tooltip="Replay from the shown moment, or from the begin of the range"),
        Binding("(", "pace(-1)", "Slower", id="replay.slower", tooltip="Replay slower"),
        Binding(")", "pace(1)", "Faster", id="replay.faster",
                tooltip="Replay faster, up to 1000 times"),
    ]  # fmt: skip

    @property
    def tokwatch(self) -> TokwatchApp:
        """The application, as what it is."""
        return cast("TokwatchApp", self.app)

    def take_size(self) -> None:
        """Have the classes of the terminal's size at once: else all is styled twice."""
        width, height = self.app.size
        for size, steps in (
            (width, self.HORIZONTAL_BREAKPOINTS),
            (height, self.VERTICAL_BREAKPOINTS),
        ):
            if fitting := [step for step in steps or () if step[0] <= size]:
                self.add_class(max(fitting)[1], update=False)

    def on_mount(self) -> None:
        self.watch(self.app, "replay", self._take_replay, init=False)

    def _take_replay(self, replay: Replay | None) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide `n` while now is shown, the speeds while nothing is replayed, and what is empty."""
        shown = self.tokwatch.snapshot
        if action == "now":
            return shown is not None and shown.until is not None
        if action == "replay":
            return shown is not None and not shown.empty
        return action != "pace" or self.tokwatch.replay is not None

    def action_replay(self) -> None:
        """Let the shown moment run on."""
        self.tokwatch.begin_replay()

    def action_pace(self, steps: int) -> None:
        """Replay faster or slower."""
        self.tokwatch.pace(steps)

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
