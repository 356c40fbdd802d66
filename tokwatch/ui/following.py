"""An application that shows what a feed publishes, and owns the tick."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from msgspec.structs import replace
from textual.message import Message
from textual.reactive import reactive

from tokwatch.config import Config
from tokwatch.model.snapshot import EPOCH, Snapshot, Span
from tokwatch.ui import format as fmt
from tokwatch.ui.alarms import Alarms, title_of
from tokwatch.ui.configured import ConfiguredApp
from tokwatch.ui.feed import Feed
from tokwatch.ui.picture import Picture
from tokwatch.ui.terminal import TerminalTitle
from tokwatch.ui.timeline import Range
from tokwatch.ui.waits import Collector, keep_short
from tokwatch.ui.warming import AFTER_S, load_ahead

BEAT_SECONDS: Final = 2
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the system's time."""
    return datetime.now(UTC)


class SnapshotReady(Message):
    """A newer snapshot can be taken."""

    def can_replace(self, message: Message) -> bool:
        """Let one of several waiting messages stand for all."""
        return isinstance(message, SnapshotReady)


class FollowingApp(ConfiguredApp):
    """Holds the shown snapshot and the shown time, which the panes watch."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    now: reactive[datetime] = reactive(EPOCH, repaint=False)
    paused: reactive[bool] = reactive(False, repaint=False)
    held: reactive[int] = reactive(0, repaint=False)
    """Requests that arrived while the picture stands still."""
    moved: reactive[bool] = reactive(False, repaint=False)
    """Whether the user chose the shown moment; else it is now, or the last active day."""
    beat: reactive[int] = reactive(0, repaint=False)
    """Advances every two seconds."""

    def __init__(self, config: Config, feed: Feed, clock: Clock) -> None:
        super().__init__(config)
        self.feed, self.clock = feed, clock
        self._picture, self.alarms = Picture(), Alarms()
        self._terminal_title = TerminalTitle(self)
        self._latest: Snapshot | None = None
        self._asked: Range | None = None
        self._ticks = 0
        self._collector = Collector()
        self._left = threading.Event()

    def on_load(self) -> None:
        self.feed.start(self.publish)

    def take_latest(self) -> None:
        """Show the newest snapshot, unless the picture is paused."""
        if self._latest is not None:
            self.alarms.take(self, self._latest)
            self._picture.take(self._latest)
            if self._asked == (self._latest.span, self._latest.until):
                self._asked = None
            self._show_picture()

    def on_mount(self) -> None:
        self.set_interval(1, self.tick)
        self.tick()
        self.call_after_refresh(keep_short)
        self.set_timer(AFTER_S, partial(load_ahead, self._left))

    def on_unmount(self) -> None:
        self._left.set()
        self._terminal_title.restore()
        self.feed.stop()

    def publish(self, snapshot: Snapshot) -> None:
        """Take a snapshot from the feed's thread."""
        self._latest = snapshot
        self.post_message(SnapshotReady())

    def on_snapshot_ready(self) -> None:
        """A thread has published."""
        self.take_latest()

    def _show_picture(self) -> None:
        picture = self._picture
        self._move_clock()
        self.snapshot, self.paused, self.held = picture.shown, picture.paused, picture.new_events
        if picture.shown is not None:
            self._terminal_title.show(title_of(self, picture.shown))

    def tick(self) -> None:
        """Do once a second what depends on time; nothing is written unless a shown value moves."""
        self._move_clock()
        self._ticks += 1
        self.beat = self._ticks // BEAT_SECONDS
        self._collector.turn()

    def watch_beat(self) -> None:
        if self.beat:
            self.look_at_files()

    def _move_clock(self) -> None:
        self.now = fmt.floor_to(self.clock(), 10)

    def settings_changed(self) -> None:
        """Let the feed take changed settings."""
        configure = partial(self.feed.configure, self.config)
        self.run_worker(configure, group="settings", exclusive=True, thread=True)

    def action_pause(self) -> None:
        """Freeze the picture, or go on with what came in."""
        self._picture.toggle()
        self._show_picture()

    def show(self, span: Span, until: datetime | None) -> None:
        """Ask the feed for a range of time."""
        if self.aim is not None and until != self.aim.until:
            self.moved = True
        self._asked = (span, until)
        self.feed.show(span, until)

    @property
    def aim(self) -> Snapshot | None:
        """The snapshot with the range that was asked for last: keys may be faster than the feed."""
        if self.snapshot is None or self._asked is None:
            return self.snapshot
        span, until = self._asked
        return replace(self.snapshot, span=span, until=until)

    def follow(self, feed: Feed) -> None:
        """Show what another feed publishes from here on."""
        self.feed.stop()
        self._picture, self._latest, self.feed = Picture(), None, feed
        self.alarms = Alarms()
        self.moved, self._asked = False, None
        feed.start(self.publish)
