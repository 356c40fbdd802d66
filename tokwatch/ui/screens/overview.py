"""The overview: what today costs, how fast, where it goes, and which sessions do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import ScreenResume

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.screens.listed import ListScreen
from tokwatch.ui.terminal import copy, copy_session
from tokwatch.ui.widgets.banner import Banner
from tokwatch.ui.widgets.first_line import FirstLine
from tokwatch.ui.widgets.history import History
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.notices import Alerts, Suggestions
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.ui.widgets.spend import SpendOverTime
from tokwatch.ui.widgets.tiles import BurnRate, CacheHits, DayForecast, Today

if TYPE_CHECKING:
    from tokwatch.ui.widgets.gateways import Gateways

NEED_TABLE: Final = frozenset(("filter", "sort", "turn", "problems", "export"))
NEED_SESSIONS: Final = frozenset(("zoom", "range", "travel", "resize"))


class Overview(ListScreen):
    """Tiles, chart, session table, alerts and suggestions; the first page while there is none."""

    AUTO_FOCUS = "Sessions"
    _shows_past = False
    _was_shown = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (60, "-roomy"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-short"),
        (16, "-low"),
        (30, "-tall"),
        (46, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next pane", show=False, id="pane.next",
                tooltip="The next pane"),
        Binding("shift+tab", "app.focus_previous", "Pane before", show=False, id="pane.before",
                tooltip="The pane before"),
        Binding("+", "zoom", "Zoom", id="zoom", tooltip="Fill the screen with this pane"),
        Binding("y", "copy", "Copy", show=False, id="copy",
                tooltip="Copy the session's resume command, or what the pane shows"),
        Binding("i", "explain", "Where from", show=False, id="explain",
                tooltip="Where the numbers of this pane come from"),
        Binding("escape", "back", "Back", id="back",
                tooltip="Leave help, zoom, filter"),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay out the panes from top to bottom, in the first frame with what there is by then."""
        self.tokwatch.take_latest()
        self.take_size()
        yield FirstLine(id="first-line")
        yield Banner(id="banner")
        with Horizontal(id="tiles"):
            yield Today(id="today")
            yield BurnRate(id="burn")
            yield CacheHits(id="cache")
            yield DayForecast(id="forecast")
        yield SpendOverTime(id="spend")
        yield Sessions(id="sessions")
        with Horizontal(id="notices"):
            yield Alerts(id="alerts")
            yield Suggestions(id="suggestions")
        yield History(id="history")
        yield LastLine(id="last-line")

    def _compositor_refresh(self) -> None:
        """Paint, but nothing that Textual throws away: while it starts it shows none of it."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Take what mounting has just styled as it is; by itself Textual styles it once more."""
        event.refresh_styles &= self._was_shown
        self._was_shown = True

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._choose_page)
        self.watch(self.app, "snapshot", self._show_gateways)

    def _choose_page(self, snapshot: Snapshot | None) -> None:
        """Show the first page while the store is empty, the overview from then on."""
        past = snapshot is not None and snapshot.until is not None
        if past is not self._shows_past:
            self._shows_past = past
            self.refresh_bindings()
        first_run = snapshot is not None and snapshot.empty
        if first_run is not self.has_class("-first-run"):
            self.set_class(first_run, "-first-run")
            if first_run:
                self._welcome()
            else:
                self.set_focus(self.sessions)

    def _welcome(self) -> None:
        """Show the first page; most stores are not empty, and never need it."""
        from tokwatch.ui.widgets.welcome import Welcome

        if not self.query_children(Welcome):
            self.mount(Welcome(id="welcome"), before="#tiles")
        self.call_after_refresh(lambda: self.set_focus(self.query_one(Welcome)))

    def _show_gateways(self, snapshot: Snapshot | None) -> None:
        """Show the pane of gateways as soon as there is one; most users have none."""
        if snapshot is not None and snapshot.gateways and not self.query_children("#gateways"):
            from tokwatch.ui.widgets.gateways import Gateways

            self.mount(Gateways(id="gateways"), before="#notices")

    async def on_gateways_opened(self, event: Gateways.Opened) -> None:
        """Show an endpoint on the screen of sources."""
        from tokwatch.ui.screens.sources import SourcesScreen

        await self.app.switch_mode("sources")
        if isinstance(screen := self.app.screen, SourcesScreen):
            screen.go_to_endpoint(event.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys that have nothing to act on."""
        if action == "back":
            return self._can_leave
        if not super().check_action(action, parameters):
            return False
        if action in NEED_TABLE and self.maximized not in (None, self.sessions):
            return False
        if action not in NEED_TABLE | NEED_SESSIONS:
            return True
        return not (self.has_class("-first-run") or self.query_children("FilterLine"))

    @property
    def _can_leave(self) -> bool:
        view = self.sessions.view
        return bool(
            self.maximized or view.filter or view.problems or self.query_children("HelpPanel")
        )

    @property
    def pane(self) -> Pane:
        """The pane that has the focus, else the table."""
        return self.focused if isinstance(self.focused, Pane) else self.sessions

    def action_zoom(self) -> None:
        """Fill the screen with a pane, or give the others their room back."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.maximize(self.pane, container=False)
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Copy the selected session's resume command, or the text of the pane."""
        row = self.sessions.row
        if self.pane is self.sessions and row is not None:
            told = copy_session(self.app, row, simulated=self.tokwatch.demo)
        else:
            copy(self.app, self.pane.plain)
            told = f"Copied: {self.pane.TITLE}"
        self.notify(told, markup=False)

    def action_explain(self) -> None:
        """Say where the numbers of the pane come from."""
        from tokwatch.ui.screens.panel import Panel
        from tokwatch.ui.widgets.explanation import Explanation

        self.app.push_screen(Panel(Explanation(self.pane)))

    def action_back(self) -> None:
        """Leave, one after the other: help, zoom, filter. Never the program."""
        view = self.sessions.view
        if self.query("HelpPanel"):
            self.app.action_hide_help_panel()
        elif self.maximized is not None:
            self.minimize()
        elif view.problems:
            self.action_problems()
        elif view.filter:
            self.set_filter("")
