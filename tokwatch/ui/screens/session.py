"""One session: its context over time, what fills it, who worked for it, what it carried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from tokwatch.analysis.carried import Carried, CarriedSum
from tokwatch.analysis.delegation import Lane
from tokwatch.analysis.simulated import Simulation
from tokwatch.analysis.timeline import RequestLine
from tokwatch.caching import Chain
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.snapshot import SessionRow, Snapshot
from tokwatch.ui.format import clean
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.terminal import copy, copy_session
from tokwatch.ui.titles import TitleReader
from tokwatch.ui.widgets.painted import Pane
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

Named = tuple[str, str]
"""Source and id of a session."""
FOCUS: Final[dict[str, type[Pane]]] = {
    "requests": SessionRequests,
    "agents": SessionAgents,
    "carried": CarriedBlocks,
    "truncation": SessionTruncation,
    "facts": SessionFacts,
}


def open_session(
    app: App[Any],
    source: str,
    session: str,
    agent: str = "",
    event_key: int = 0,
    among: Sequence[Named] = (),
) -> None:
    """Show a session, at a request where one is named; `<` and `>` step through `among`."""
    app.push_screen(SessionScreen(Chain(source, session, agent), event_key or None, among))


class Body(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Everything between the first lines and the last; it scrolls where there is little room."""


class SessionScreen(PageScreen):
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
        Binding("d", "day", "Day", id="session.day",
                tooltip="Carried cost of the whole day, or of this session"),
        Binding("e", "export", "Export", show=False, id="export",
                tooltip="Write the requests to a file"),
        Binding("<", "step(-1)", "Before", id="session.before", tooltip="The session before"),
        Binding(">", "step(1)", "Next", id="session.after", tooltip="The session after"),
    ]  # fmt: skip

    def __init__(self, chain: Chain, event_key: int | None, among: Sequence[Named]) -> None:
        super().__init__()
        self.asked = SessionAsk(*chain)
        self.ask = self.asked
        self._among = tuple(among)
        self._first_key = event_key
        self._seen: SessionPage | None = None
        self.cursor: int | None = event_key
        """Key of the request under the timeline's cursor; None follows the newest."""

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom; of the views one is shown."""
        yield SessionName(id="session-name")
        with Body(id="session"):
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
        self._titles = TitleReader(
            self.app, lambda rows: self.tokwatch.feed.titles(rows), self._show_titles
        )
        self.add_class(f"-{VIEWS[0]}")
        self.query_one(SessionRequests).go_to(self.cursor)
        self._point()

    @property
    def view(self) -> str:
        """The view that is shown beneath."""
        return self.query_one(SessionViews).view

    def _take(self, snapshot: Snapshot | None) -> None:
        """Take an answer; ask again while there is more to come."""
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is None or page.ask != self.ask or not isinstance(page.content, SessionPage):
            return
        if self._seen is None or self._seen.chain != page.content.chain:
            self._show_titles({})
        self._seen = page.content
        if page.content.row is not None and self.tokwatch.config.ui.titles:
            self._titles.look([page.content.row])
            self._show_titles(self._titles.known)
        if not page.content.is_whole and self._is_open:
            self.tokwatch.feed.look(self.ask)

    def _show_titles(self, titles: dict[str, str]) -> None:
        row: SessionRow | None = self._seen.row if self._seen else None
        title = titles.get(row.key, "") if row else ""
        self.query_one(SessionName).session_title = title
        self.query_one(SessionFacts).session_title = title

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the day where carried cost is shown."""
        if action == "day":
            return self.view == "carried" if self.is_mounted else False
        return super().check_action(action, parameters)

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
        if view != "carried" and self.asked.day:
            self._ask(day=False)
        self.refresh_bindings()

    def action_day(self) -> None:
        """Take carried cost of the day, or of this session."""
        self._ask(day=not self.asked.day)

    def _ask(self, **changes: object) -> None:
        self.asked = replace(self.asked, **changes)  # type: ignore[arg-type]  # fields by name
        self.look(self.asked)

    def action_cursor(self, steps: int) -> None:
        """Move the cursor of the timeline by requests."""
        if self._seen is None or not self._seen.course.points:
            return
        points = self._seen.course.points
        here = self._seen.course.places.get(self.cursor or 0, len(points) - 1)
        place = max(0, min(len(points) - 1, here + steps))
        self._go_to(None if place == len(points) - 1 else points[place].key)

    def _go_to(self, key: int | None) -> None:
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
        self._go_to(event.key)

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

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Open what a line is about."""
        row = event.row
        if isinstance(row, RequestLine):
            from tokwatch.model import CostMode
            from tokwatch.ui.screens.request import RequestPanel

            mode = CostMode(self.tokwatch.config.prices.mode)
            self.app.push_screen(RequestPanel(row.request.key, mode, shows_raw=True))
        elif isinstance(row, Lane):
            self._open_agent(row)
        elif isinstance(row, Simulation):
            self.maximize(self.query_one(SessionLoss), container=False)
        elif isinstance(row, CarriedSum):
            self._choose(row)
        elif isinstance(row, Carried):
            self._open_block(row)

    def _open_agent(self, lane: Lane) -> None:
        if lane.is_known:
            self._show(lane.chain)
        else:
            self.notify("No request of this delegation is known.", markup=False)

    def _open_block(self, row: Carried) -> None:
        """Show a block's record; one of another session is shown where it entered."""
        if row.chain[:2] != self.asked.opened and self.asked.day:
            open_session(self.app, *row.chain, row.entered)
        else:
            from tokwatch.ui.screens.block import BlockPanel

            self.app.push_screen(BlockPanel(row))

    def _choose(self, row: CarriedSum) -> None:
        """List only the blocks of a sum, or all again."""
        sums, blocks = self.query_one(CarriedSums), self.query_one(CarriedBlocks)
        key = sums.key_of(row)
        sums.chosen = None if sums.chosen == key else key
        blocks.only, blocks.way = (row if sums.chosen else None), sums.way
        blocks.taken()
        blocks.redraw()
        sums.redraw()

    def _show(self, chain: Chain) -> None:
        """Show another agent, of this session or of another one."""
        kept = self.asked.kept if self._is_kin(chain) else SessionAsk(*chain).kept
        self._go_to(None)
        self.asked = SessionAsk(*chain, day=self.asked.day, kept=kept)
        self.look(self.asked)

    def _is_kin(self, chain: Chain) -> bool:
        return self._seen is not None and any(lane.chain == chain for lane in self._seen.lanes)

    def action_step(self, lines: int) -> None:
        """Show the session before or after, in the order of the list that it was opened from."""
        rows = self.tokwatch.snapshot.sessions if self.tokwatch.snapshot else ()
        listed = dict.fromkeys((row.source, row.session) for row in rows if not row.depth)
        named = self._among or tuple(listed)
        here = self.asked.opened
        index = named.index(here) + lines if here in named else 0
        if 0 <= index < len(named) and named[index] != here:
            self._show(Chain(*named[index], ""))
        else:
            which = "before this one" if lines < 0 else "after this one"
            self.notify(f"The list has no session {which}.", markup=False)

    def action_copy(self) -> None:
        """Copy the command that resumes the session, or what fills the screen."""
        row = (self._seen.row if self._seen else None) or self._listed()
        if self.maximized is not None:
            super().action_copy()
        elif row is None:
            copy(self.app, clean(self.asked.session))
            self.notify(f"Copied: {clean(self.asked.session)}", markup=False)
        else:
            told = copy_session(self.app, row, simulated=self.tokwatch.demo)
            self.notify(told, markup=False)

    def _listed(self) -> SessionRow | None:
        """Return the shown agent as the overview lists it."""
        rows = self.tokwatch.snapshot.sessions if self.tokwatch.snapshot else ()
        asked = (self.asked.source, self.asked.session, self.asked.agent)
        return next((row for row in rows if (row.source, row.session, row.agent) == asked), None)

    def action_export(self) -> None:
        """Write the requests of the shown agent to a file, in a thread."""
        from tokwatch.ui.export import save
        from tokwatch.ui.session_export import as_csv

        if (page := self._seen) is None:
            return
        folder, now = self.tokwatch.config.data / "exports", self.tokwatch.clock()

        def export() -> None:
            try:
                file = save(folder, f"session-{now:%Y%m%d-%H%M%S}.csv", as_csv(page))
                told = f"{len(page.lines)} requests were written to {file}"
            except OSError as error:
                told = f"Nothing was written: {error}"
            self.app.call_from_thread(self.notify, told, markup=False)

        self.run_worker(export, group="export", thread=True)

    def leave(self) -> None:
        """Go back to the screen from which it was opened."""
        self.app.pop_screen()
