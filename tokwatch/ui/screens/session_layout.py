"""How a session's screen is laid out: tiles, timeline, views, and the cursor that moves them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.analysis.simulated import Simulation
from tokwatch.analysis.timeline import RequestLine
from tokwatch.pages.session import SessionPage
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.session_agents import SessionAgents
from tokwatch.ui.widgets.session_carried import CarriedBlocks, CarriedSums
from tokwatch.ui.widgets.session_composition import SessionComposition
from tokwatch.ui.widgets.session_facts import SessionFacts
from tokwatch.ui.widgets.session_name import SessionName
from tokwatch.ui.widgets.session_requests import SessionRequests
from tokwatch.ui.widgets.session_tiles import SessionCache, SessionContext, SessionCost
from tokwatch.ui.widgets.session_timeline import SessionTimeline
from tokwatch.ui.widgets.session_truncation import SessionLoss, SessionTruncation
from tokwatch.ui.widgets.session_views import NAMES, VIEWS, SessionViews
from tokwatch.ui.widgets.table import Table

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

FOCUS: Final[dict[str, type[Pane]]] = {
    "requests": SessionRequests,
    "agents": SessionAgents,
    "carried": CarriedBlocks,
    "truncation": SessionTruncation,
    "facts": SessionFacts,
}


class SessionLayout(GrowingScreen):
    """Tiles and timeline above, and beneath them one of several views."""

    PLACE = "sessions"
    AUTO_FOCUS = "SessionRequests"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (76, "-roomy"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-low"),
        (30, "-tall"),
        (46, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "cursor(-1)", "Request before", show=False, id="cursor.before",
                tooltip="The cursor of the timeline a request back"),
        Binding("right,l", "cursor(1)", "Next request", show=False, id="cursor.after",
                tooltip="The cursor of the timeline a request further"),
        Binding("shift+left", "cursor(-10)", "Ten back", show=False, id="cursor.far-before",
                tooltip="The cursor of the timeline ten requests back"),
        Binding("shift+right", "cursor(10)", "Ten further", show=False, id="cursor.far-after",
                tooltip="The cursor of the timeline ten requests further"),
        Binding("v", "view(1)", "View", id="session.view",
                tooltip="The next view: requests, agents, carried cost, truncation, facts"),
        Binding("V", "view(-1)", "View before", show=False, id="session.view-before",
                tooltip="The view before"),
    ]  # fmt: skip

    def __init__(self, event_key: int | None) -> None:
        super().__init__(classes=f"-{VIEWS[0]}")  # a class that is added later styles all anew
        self.seen: SessionPage | None = None
        """The newest answer."""
        self.cursor: int | None = event_key
        """Key of the request under the timeline's cursor; None follows the newest."""

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom; of the views one is shown."""
        yield SessionName(id="session-name")
        with Panes(id="session"):
            with Horizontal(id="session-tiles"):
                yield SessionCost(id="session-cost")
                yield SessionContext(id="session-context")
                yield SessionCache(id="session-cache")
            yield SessionTimeline(id="session-timeline")
            yield SessionViews(id="session-views")
            with Horizontal(id="view-requests", classes="view"):
                yield SessionComposition(id="session-composition")
                yield SessionRequests(id="session-requests")
            with Horizontal(id="view-agents", classes="view"):
                yield SessionAgents(id="session-agents")
            with Horizontal(id="view-carried", classes="view"):
                yield CarriedSums(id="carried-sums")
                yield CarriedBlocks(id="carried-blocks")
            with Horizontal(id="view-truncation", classes="view"):
                yield SessionTruncation(id="session-truncation")
                yield SessionLoss(id="session-loss")
            with Horizontal(id="view-facts", classes="view"):
                yield SessionFacts(id="session-facts")

    def on_mount(self) -> None:
        self.query_one(SessionRequests).go_to(self.cursor)
        self._point()

    @property
    def view(self) -> str:
        """The view that is shown beneath."""
        return self.query_one(SessionViews).view

    def commands(self) -> Iterator[Command]:
        """Yield the views, by name."""
        for view in VIEWS:
            told = "Show this beneath the timeline"
            yield f"View {NAMES[view]}", told, partial(self.action_show_view, view)

    def action_view(self, steps: int) -> None:
        """Show the next view, or the one before."""
        self.action_show_view(VIEWS[(VIEWS.index(self.view) + steps) % len(VIEWS)])

    def action_show_view(self, view: str) -> None:
        """Show a view beneath the timeline."""
        self.minimize()
        for other in VIEWS:
            self.set_class(other == view, f"-{other}")
        self.query_one(SessionViews).view = view
        self.query_one(FOCUS[view]).focus(scroll_visible=self.has_class("-narrow"))
        self.refresh_bindings()

    def action_cursor(self, steps: int) -> None:
        """Move the cursor of the timeline by requests."""
        if self.seen is None or not self.seen.course.points:
            return
        points = self.seen.course.points
        here = self.seen.course.places.get(self.cursor or 0, len(points) - 1)
        place = max(0, min(len(points) - 1, here + steps))
        self.go_to(None if place == len(points) - 1 else points[place].key)

    def go_to(self, key: int | None) -> None:
        """Put the cursor on a request; None follows the newest."""
        self.cursor = key
        self.query_one(SessionRequests).go_to(key)
        self._point()

    def _point(self) -> None:
        """Let every pane that shows one request show that under the cursor."""
        self.query_one(SessionTimeline).point_at(self.cursor)
        self.query_one(SessionComposition).point_at(self.cursor)
        self.query_one(SessionLoss).point_at(self.cursor)

    @on(SessionTimeline.Pointed)
    def _clicked(self, event: SessionTimeline.Pointed) -> None:
        self.go_to(event.key)

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        """Follow the cursor of a table."""
        if isinstance(event.row, RequestLine):
            table = self.query_one(SessionRequests)
            if table.wanted is None and table.row is event.row:
                self.cursor = None if table.follows else event.row.request.key
                self._point()
        elif isinstance(event.row, Simulation):
            self.query_one(SessionLoss).choose(event.row.strategy)
