"""The application: takes snapshots from a feed, owns the tick, the themes and the global keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from tokwatch.config import Config
from tokwatch.snapshot import EPOCH, Snapshot, Span
from tokwatch.ui import format as fmt
from tokwatch.ui.configured import ConfiguredApp
from tokwatch.ui.feed import Feed
from tokwatch.ui.picture import Picture
from tokwatch.ui.places import PLACES
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.terminal import TerminalTitle

BEAT_SECONDS: Final = 2
HELP_PANEL: Final = "HelpPanel"
"""Asked for by name: importing it costs a tenth of the time to the first frame."""
MOVES: Final = ("session.", "pane.", "go.")
"""Bindings that the command palette leaves out: nobody looks for an arrow key by name."""
Clock = Callable[[], datetime]
MakeFeed = Callable[[Config], Feed]


def run(config: Config, *, demo: bool = False) -> int:
    """Show the screen until the user quits."""
    feed = demo_feed(config) if demo else _monitor(config)
    app = TokwatchApp(config, feed, demo=demo)
    app.run(mouse=config.ui.mouse)
    return app.return_code or 0


def _monitor(config: Config) -> Feed:
    from tokwatch.monitor import Monitor

    return Monitor(config)


def demo_feed(config: Config) -> Feed:
    """Return simulated sessions, in a store of their own."""
    from tokwatch.demo import DemoFeed

    return DemoFeed(config)


def utc_now() -> datetime:
    """Return the system's time."""
    return datetime.now(UTC)


def _commands() -> type[Provider]:
    from tokwatch.ui.palette import Commands

    return Commands


class SnapshotReady(Message):
    """A newer snapshot can be taken."""

    def can_replace(self, message: Message) -> bool:
        """Let one of several waiting messages stand for all."""
        return isinstance(message, SnapshotReady)


class TokwatchApp(ConfiguredApp):
    """The screen of tokwatch."""

    TITLE = "tokwatch"
    CSS_PATH = "tokwatch.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {"overview": Overview}
    DEFAULT_MODE = "overview"
    COMMANDS = App.COMMANDS | {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(place.key, f"place('{place.id}')", place.name, show=False, id=f"go.{place.id}",
                    tooltip=f"Go to {place.name}")
            for place in PLACES
        ),
        Binding("p", "pause", "Pause", id="pause", tooltip="Freeze the picture; reading goes on"),
        Binding("t", "theme", "Theme", show=False, id="theme", tooltip="The next theme"),
        Binding(":", "command_palette", "Commands", show=False, id="commands",
                tooltip="Find sessions, projects, models, themes, times"),
        Binding("?", "help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    now: reactive[datetime] = reactive(EPOCH, repaint=False)
    paused: reactive[bool] = reactive(False, repaint=False)
    held: reactive[int] = reactive(0, repaint=False)
    demo: reactive[bool] = reactive(False, repaint=False)
    beat: reactive[int] = reactive(0, repaint=False)
    """Advances every two seconds."""

    def __init__(
        self,
        config: Config,
        feed: Feed,
        clock: Clock = utc_now,
        *,
        demo: bool = False,
        make_demo: MakeFeed = demo_feed,
    ) -> None:
        super().__init__(config)
        self.feed, self.clock, self._make_demo = feed, clock, make_demo
        self.demo = demo
        self._picture = Picture()
        self._terminal_title = TerminalTitle(self)
        self._latest: Snapshot | None = None
        self._ticks = 0

    def on_load(self) -> None:
        self.feed.start(self.publish)

    def take_latest(self) -> None:
        """Show the newest snapshot, unless the picture is paused."""
        if self._latest is not None:
            self._picture.take(self._latest)
            self._show_picture()

    def on_mount(self) -> None:
        self.set_interval(1, self.tick)
        self.tick()

    def on_unmount(self) -> None:
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
            self._terminal_title.show(f"tokwatch {fmt.money(picture.shown.spend.cost_nano)}")

    def tick(self) -> None:
        """Do once a second what depends on time; nothing is written unless a shown value moves."""
        self._move_clock()
        self._ticks += 1
        self.beat = self._ticks // BEAT_SECONDS

    def watch_beat(self) -> None:
        if self.beat:
            self.look_at_files()

    def _move_clock(self) -> None:
        self.now = fmt.floor_to(self.clock(), 10)

    def settings_changed(self) -> None:
        configure = partial(self.feed.configure, self.config)
        self.run_worker(configure, group="settings", exclusive=True, thread=True)

    def action_place(self, name: str) -> None:
        """Go to a screen, or say why that is not possible."""
        place = next(place for place in PLACES if place.id == name)
        if not place.is_built:
            told = f"{place.name} is not built yet. It will show {place.promise}."
            self.notify(told, markup=False)
        elif self.current_mode != place.id:
            self.switch_mode(place.id)

    def action_pause(self) -> None:
        """Freeze the picture, or go on with what came in."""
        self._picture.toggle()
        self._show_picture()

    def action_help(self) -> None:
        """Show or hide what the pane is about and every key."""
        if self.screen.query(HELP_PANEL):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()
        self.screen.refresh_bindings()

    def action_range(self, span: str) -> None:
        """Show another range of time, ending where the shown one ends."""
        if self.snapshot is not None:
            self.feed.show(Span(span), self.snapshot.until)

    def action_demo(self) -> None:
        """Show simulated sessions in place of one's own."""
        if self.demo:
            return
        self.feed.stop()
        self._picture, self._latest = Picture(), None
        self.feed, self.demo = self._make_demo(self.config), True
        self.feed.start(self.publish)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Return everything that has a key here, for the command palette."""
        seen: set[str] = set()
        for node, binding, enabled, tooltip in screen.active_bindings.values():
            moves = (binding.id or "").startswith(MOVES) and not binding.show
            if enabled and binding.id and not moves and binding.action not in seen:
                seen.add(binding.action)
                run = partial(self.run_action, binding.action, node)
                yield SystemCommand(binding.description, tooltip or binding.tooltip, run)
        if isinstance(screen, Overview):
            json = partial(screen.action_export, "json")
            yield SystemCommand("Export as JSON", "Write the listed sessions to a file", json)
