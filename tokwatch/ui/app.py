"""The application: its screens, the keys that hold everywhere, and what starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any, ClassVar, Final

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.events import Resize
from textual.reactive import reactive
from textual.screen import Screen

from tokwatch.config import Config
from tokwatch.errors import TokwatchError
from tokwatch.model.snapshot import Span
from tokwatch.ui.feed import Feed
from tokwatch.ui.following import Clock, utc_now
from tokwatch.ui.places import PLACES
from tokwatch.ui.replaying import ReplayingApp
from tokwatch.ui.screens.overview import Overview

HELP_PANEL: Final = "HelpPanel"
"""Asked for by name: importing it costs a tenth of the time to the first frame."""
HELP_BESIDE: Final = 80
"""Columns from which the help stands beside the panes; in fewer it covers them."""
MOVES: Final = ("session.", "pane.", "go.")
"""Bindings that the command palette leaves out: nobody looks for an arrow key by name."""
MakeFeed = Callable[[Config], Feed]


def run(config: Config, *, demo: bool = False) -> int:
    """Show the screen until the user quits."""
    feed = demo_feed(config) if demo else _monitor(config)
    app = TokwatchApp(config, feed, demo=demo)
    app.run(mouse=config.ui.mouse)
    return app.return_code or 0


def _monitor(config: Config) -> Feed:
    from tokwatch.monitor.monitor import Monitor

    return Monitor(config)


def demo_feed(config: Config) -> Feed:
    """Return simulated sessions, in a store of their own."""
    from tokwatch.demo import DemoFeed

    return DemoFeed(config)


def _commands() -> type[Provider]:
    from tokwatch.ui.palette import Commands

    return Commands


def screen_of(place: str) -> Screen[Any]:
    """Return a place's screen, of "costs" a CostsScreen; its code is loaded when it is gone to."""
    module = import_module(f"tokwatch.ui.screens.{place}")
    screen: Screen[Any] = getattr(module, f"{place.capitalize()}Screen")()
    return screen


class TokwatchApp(ReplayingApp):
    """The screen of tokwatch."""

    TITLE = "tokwatch"
    CSS_PATH = "tokwatch.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "overview": Overview,
        **{place.id: partial(screen_of, place.id) for place in PLACES if place.id != "overview"},
    }
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
        Binding(":,ctrl+p", "command_palette", "Commands", show=False, id="commands",
                tooltip="Find sessions, projects, models, themes, times"),
        Binding("?", "help", "Help", id="help", tooltip="Explain the pane and its keys"),
        # The help never has the focus, which it explains; so these come before the pane's own.
        Binding("pagedown", "scroll_help(1)", "More keys", id="help.down", priority=True,
                tooltip="Further down in the help"),
        Binding("pageup", "scroll_help(-1)", "Keys before", show=False, id="help.up",
                priority=True, tooltip="Back up in the help"),
        Binding("q", "quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    demo: reactive[bool] = reactive(False, repaint=False)

    def __init__(
        self,
        config: Config,
        feed: Feed,
        clock: Clock = utc_now,
        *,
        demo: bool = False,
        make_demo: MakeFeed = demo_feed,
    ) -> None:
        super().__init__(config, feed, clock)
        self._make_demo = make_demo
        self.demo = demo

    def action_place(self, name: str) -> None:
        """Go to a screen."""
        place = next(place for place in PLACES if place.id == name)
        if self.current_mode != place.id:
            self.switch_mode(place.id)

    def action_help(self) -> None:
        """Show or hide what the pane is about and every key."""
        if self.screen.query(HELP_PANEL):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()
        self.screen.refresh_bindings()

    def action_show_help_panel(self) -> None:
        """Show the help beside the panes, or over them where there is little room."""
        super().action_show_help_panel()
        self._lay_help(self.size.width)

    def action_hide_help_panel(self) -> None:
        """Hide the help, and offer its keys no longer."""
        super().action_hide_help_panel()
        self.call_after_refresh(self.screen.refresh_bindings)

    def on_resize(self, event: Resize) -> None:
        self._lay_help(event.size.width)

    def _lay_help(self, width: int) -> None:
        for screen in self.screen_stack:
            screen.query_children(HELP_PANEL).set_class(width < HELP_BESIDE, "-covering")

    def action_scroll_help(self, pages: int) -> None:
        """Show other keys of the help."""
        for keys in self.screen.query(HELP_PANEL).first().query("#keys-help"):
            keys.scroll_relative(y=pages * max(1, keys.size.height - 2), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of the help to the panes while there is none."""
        return action != "scroll_help" or bool(self.screen.query_children(HELP_PANEL))

    def action_range(self, span: str) -> None:
        """Show another range of time, ending where the shown one ends."""
        if (aim := self.aim) is not None:
            self.show(Span(span), aim.until)

    def action_demo(self) -> None:
        """Show simulated sessions in place of one's own."""
        if self.demo:
            return
        try:
            demo = self._make_demo(self.config)
        except TokwatchError as error:
            told = f"{error.message}\n{error.hint}".strip()
            self.notify(told, title="no demo", severity="error", markup=False)
        else:
            self.demo = True
            self.follow(demo)

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
