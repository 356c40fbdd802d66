"""An application that can let a moment of the past run on: it asks its feed for one after another.

While nothing is replayed there is no timer, and nothing costs anything.
"""

from __future__ import annotations

from datetime import datetime

from textual.reactive import reactive
from textual.timer import Timer

from tokwatch.model.snapshot import Span
from tokwatch.ui import timeline
from tokwatch.ui.feed import Feed
from tokwatch.ui.following import FollowingApp
from tokwatch.ui.replay import FIRST_SPEED, STEP_SECONDS, Replay


class ReplayingApp(FollowingApp):
    """Holds the replay, which moves the shown time for every screen."""

    replay: reactive[Replay | None] = reactive(None, repaint=False)
    _steps: Timer | None = None

    def begin_replay(self, moment: datetime | None = None) -> None:
        """Replay from a moment, else from the shown one; of now, from the begin of its range."""
        aim, now = self.aim, self.clock()
        if aim is None:
            return
        if aim.span not in timeline.SECONDS:
            self.notify("All of history is shown; { shows a shorter range.", markup=False)
            return
        if self.paused:
            super().action_pause()
        speed = self.replay.speed if self.replay is not None else FIRST_SPEED
        start = moment or aim.until or timeline.begin(aim, now)
        self.end_replay()
        self.replay = Replay(start, now, speed)
        self._steps = self.set_interval(STEP_SECONDS, self._step)
        super().show(aim.span, self.replay.at(now))

    def end_replay(self) -> None:
        """Leave the shown moment where it is."""
        self.replay = None
        if self._steps is not None:
            self._steps.stop()
            self._steps = None

    def pace(self, steps: int) -> None:
        """Replay faster or slower."""
        if self.replay is not None:
            self.replay = self.replay.paced(steps, self.clock())

    def action_pause(self) -> None:
        """Hold the replay, or let it go on; without one freeze the picture."""
        if self.replay is None:
            super().action_pause()
            return
        self.replay = self.replay.toggled(self.clock())
        if self._steps is not None:
            (self._steps.pause if self.replay.is_held else self._steps.resume)()

    def show(self, span: Span, until: datetime | None) -> None:
        """Ask for a range of time; a replay goes on from its end, and ends where now is shown."""
        if self.replay is not None and until is None:
            self.end_replay()
        elif self.replay is not None and until is not None:
            self.replay = self.replay.moved(until, self.clock())
        super().show(span, until)

    def follow(self, feed: Feed) -> None:
        """Show what another feed publishes from here on."""
        self.end_replay()
        super().follow(feed)

    def _step(self) -> None:
        """Show the next moment; where the replay has caught up, follow now."""
        replay, aim, now = self.replay, self.aim, self.clock()
        if replay is None or aim is None:
            return
        if replay.is_over(now):
            self.end_replay()
            super().show(aim.span, None)
            self.notify("The replay has reached now.", markup=False)
        elif (moment := replay.at(now)) != aim.until:
            super().show(aim.span, moment)
