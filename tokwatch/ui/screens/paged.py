"""A screen with a page of its own: it says what it wants to see, and shows the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.sight import Ask
from tokwatch.ui.screens.timed import TimedScreen
from tokwatch.ui.terminal import copy
from tokwatch.ui.widgets.banner import Banner
from tokwatch.ui.widgets.first_line import FirstLine
from tokwatch.ui.widgets.history import History
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.painted import Pane

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command


class PageScreen(TimedScreen):
    """Asks the feed while it is open; its panes draw what comes back."""

    PLACE: ClassVar[str] = ""
    """The screen's name among the places."""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (60, "-roomy"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-low"),
        (30, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next pane", show=False, id="pane.next",
                tooltip="The next pane"),
        Binding("shift+tab", "app.focus_previous", "Pane before", show=False, id="pane.before",
                tooltip="The pane before"),
        Binding("+", "zoom", "Zoom", show=False, id="zoom",
                tooltip="Fill the screen with this pane"),
        Binding("y", "copy", "Copy", show=False, id="copy", tooltip="Copy what the pane shows"),
        Binding("i", "explain", "Where from", show=False, id="explain",
                tooltip="Where the numbers of this pane come from"),
        Binding("escape", "back", "Back", id="back", tooltip="Leave help, zoom; then back"),
    ]  # fmt: skip

    asks_feed: ClassVar[bool] = True
    """Tells screens that ask the feed from those that do not."""
    ask: Ask
    """The question of the moment; set it with `look`."""
    _is_open = False

    def panes(self) -> ComposeResult:
        """Yield the panes between the first line and the last."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the panes between the two lines that every screen has."""
        self.take_size()
        first = FirstLine(id="first-line")
        first.set_reactive(FirstLine.here, self.PLACE)
        yield first
        yield Banner(id="banner")
        yield from self.panes()
        yield History(id="history")
        yield LastLine(id="last-line")

    def look(self, ask: Ask) -> None:
        """Ask another question; what is shown stays until its answer is there."""
        self.ask = ask
        if self._is_open:
            self.tokwatch.feed.look(ask)

    def on_screen_resume(self) -> None:
        if not self._is_open:  # a screen that is opened for the first time is told so twice
            self._is_open = True
            self.tokwatch.feed.look(self.ask)

    def on_screen_suspend(self) -> None:
        self._is_open = False
        # Another one that asks may have done so already: its question must stand.
        if not getattr(self.app.screen, "asks_feed", False):
            self.tokwatch.feed.look(None)

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._take)
        for panes in self.query(VerticalScroll):
            # The focus scrolls to its pane before the panes have the heights of this terminal.
            self.call_after_refresh(panes.scroll_home, animate=False)

    def on_resize(self) -> None:
        # The last line tells of panes that have no room any more.
        self.call_after_refresh(self.refresh_bindings)

    def _take(self, snapshot: Snapshot | None) -> None:
        self.refresh_bindings()

    @property
    def pane(self) -> Pane | None:
        """The pane that has the focus, else the first one."""
        if isinstance(self.focused, Pane):
            return self.focused
        return next(iter(self.query(Pane).exclude("FirstLine").results(Pane)), None)

    def commands(self) -> Iterator[Command]:
        """Yield what the command palette finds on this screen beside its keys."""
        yield from ()

    def action_zoom(self) -> None:
        """Fill the screen with a pane, or give the others their room back."""
        if self.maximized is not None:
            self.minimize()
        elif (pane := self.pane) is not None:
            self.maximize(pane, container=False)
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Copy the text of the pane."""
        if (pane := self.pane) is not None:
            copy(self.app, pane.plain)
            self.notify(f"Copied: {pane.TITLE}", markup=False)

    def action_explain(self) -> None:
        """Say where the numbers of the pane come from."""
        if (pane := self.pane) is not None:
            from tokwatch.ui.screens.panel import Panel
            from tokwatch.ui.widgets.explanation import Explanation

            self.app.push_screen(Panel(Explanation(pane)))

    def action_back(self) -> None:
        """Leave, one after the other: help, zoom, then the screen for the overview."""
        if self.query("HelpPanel"):
            self.app.action_hide_help_panel()
        elif self.maximized is not None:
            self.minimize()
        else:
            self.leave()

    def leave(self) -> None:
        """Go where the user came from: the overview."""
        self.app.switch_mode("overview")
