"""The application: takes snapshots from a feed, owns the tick, the themes and the global keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from tokwatch.config import Config
from tokwatch.snapshot import EPOCH, Snapshot, Span
from tokwatch.ui import format as fmt
from tokwatch.ui.feed import Feed
from tokwatch.ui.inks import VARIABLES
from tokwatch.ui.picture import Picture
from tokwatch.ui.places import PLACES
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.terminal import TerminalTitle

Clock = Callable[[], datetime]


def run(config: Config, *, demo: bool = False) -> int:
    """Show the screen until the user quits."""
    if demo:
        from tokwatch.demo import DemoFeed

        feed: Feed = DemoFeed(config)
    else:
        from tokwatch.monitor import Monitor

        feed = Monitor(config)
    return TokwatchApp(config, feed, demo=demo).run(mouse=config.ui.mouse) or 0


def utc_now() -> datetime:
    """Return the system's time."""
    return datetime.now(UTC)


class SnapshotReady(Message):
    """A newer snapshot can be taken."""

    def can_replace(self, message: Message) -> bool:
        """Let one of several waiting messages stand for all."""
        return isinstance(message, SnapshotReady)


class TokwatchApp(App[int]):
    """The screen of tokwatch."""

    TITLE = "tokwatch"
    CSS_PATH = "tokwatch.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {"overview": Overview}
    DEFAULT_MODE = "overview"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(place.key, f"place('{place.id}')", place.name, show=False, id=f"go.{place.id}")
            for place in PLACES
        ),
        Binding("p", "pause", "Pause", id="pause", tooltip="Freeze the picture; reading goes on"),
        Binding("q", "quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    now: reactive[datetime] = reactive(EPOCH, repaint=False)
    equivalent: reactive[bool] = reactive(False, repaint=False)
    paused: reactive[bool] = reactive(False, repaint=False)
    held: reactive[int] = reactive(0, repaint=False)
    demo: reactive[bool] = reactive(False, repaint=False)

    def __init__(
        self, config: Config, feed: Feed, clock: Clock = utc_now, *, demo: bool = False
    ) -> None:
        super().__init__()
        self.config, self.feed, self.clock = config, feed, clock
        self.picture = Picture()
        self.terminal_title = TerminalTitle(self)
        self.animation_level = "none"
        self.demo = demo
        self._latest: Snapshot | None = None

    def on_load(self) -> None:
        self.feed.start(self.publish)

    def on_mount(self) -> None:
        self.set_interval(1, self.tick)
        self.tick()

    def publish(self, snapshot: Snapshot) -> None:
        """Take a snapshot from the feed's thread."""
        self._latest = snapshot
        self.post_message(SnapshotReady())

    def on_snapshot_ready(self) -> None:
        """Show the newest snapshot, unless the picture is paused."""
        if self._latest is not None:
            self.picture.take(self._latest)
            self._show()

    def _show(self) -> None:
        self.snapshot, self.paused = self.picture.shown, self.picture.paused
        self.held = self.picture.new_events
        self.tick()
        if self.snapshot is not None:
            self.terminal_title.show(f"tokwatch {fmt.money(self.snapshot.spend.cost_nano)}")

    def tick(self) -> None:
        """Move the shown time, in steps of ten seconds."""
        self.now = fmt.floor_to(self.clock(), 10)

    def action_pause(self) -> None:
        """Freeze the picture, or go on with what came in."""
        self.picture.toggle()
        self._show()

    def action_range(self, span: str) -> None:
        """Show another range of time, ending where the shown one ends."""
        until = self.snapshot.until if self.snapshot else None
        self.feed.show(Span(span), until)

    def on_unmount(self) -> None:
        self.terminal_title.restore()
        self.feed.stop()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for themes that do not set them."""
        return dict(VARIABLES)
