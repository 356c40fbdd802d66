"""One session: its context over time, what fills it, who worked for it, what it carried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from tokwatch.analysis.carried import Carried, CarriedSum
from tokwatch.analysis.delegation import Lane
from tokwatch.analysis.simulated import Simulation
from tokwatch.analysis.timeline import RequestLine
from tokwatch.model.caching import Chain
from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.ui.format import clean
from tokwatch.ui.screens.session_layout import SessionLayout
from tokwatch.ui.terminal import copy, copy_session
from tokwatch.ui.titles import TitleReader
from tokwatch.ui.to_workbench import TO_WORKBENCH, to_workbench
from tokwatch.ui.widgets.session_carried import CarriedBlocks, CarriedSums
from tokwatch.ui.widgets.session_facts import SessionFacts
from tokwatch.ui.widgets.session_name import SessionName
from tokwatch.ui.widgets.session_truncation import SessionLoss
from tokwatch.ui.widgets.table import Table
from tokwatch.words import counted

Named = tuple[str, str]
"""Source and id of a session."""


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


class SessionScreen(SessionLayout):
    """Asks for a session, and opens what its lines are about."""

    CSS_PATH = "session.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "day", "Day", id="session.day",
                tooltip="Carried cost of the whole day, or of this session"),
        Binding("e", "export", "Export", show=False, id="export",
                tooltip="Write the requests to a file"),
        TO_WORKBENCH,
        Binding("<", "step(-1)", "Before", id="session.before", tooltip="The session before"),
        Binding(">", "step(1)", "Next", id="session.after", tooltip="The session after"),
    ]  # fmt: skip

    def __init__(self, chain: Chain, event_key: int | None, among: Sequence[Named]) -> None:
        super().__init__(event_key)
        self.asked = SessionAsk(*chain)
        self.ask = self.asked
        self._among = tuple(among)

    def on_mount(self) -> None:
        self._titles = TitleReader(
            self.app, lambda rows: self.tokwatch.feed.titles(rows), self._show_titles
        )

    def _take(self, snapshot: Snapshot | None) -> None:
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is None or page.ask != self.ask or not isinstance(page.content, SessionPage):
            return
        if self.seen is page.content:
            return
        if self.seen is None or self.seen.chain != page.content.chain:
            self._show_titles({})
        self.seen = page.content
        if page.content.row is not None and self.tokwatch.config.ui.titles:
            self._titles.look([page.content.row])
            self._show_titles(self._titles.known)

    def has_more(self, content: object) -> bool:
        """Tell whether more is to be worked out; whoever reads a log tells when there is more."""
        return isinstance(content, SessionPage) and not content.is_whole

    def _show_titles(self, titles: dict[str, str]) -> None:
        row: SessionRow | None = self.seen.row if self.seen else None
        title = titles.get(row.key, "") if row else ""
        self.query_one(SessionName).session_title = title
        self.query_one(SessionFacts).session_title = title

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the day where carried cost is shown."""
        if action == "day":
            return self.view == "carried" if self.is_mounted else False
        return super().check_action(action, parameters)

    def action_show_view(self, view: str) -> None:
        """Show a view beneath the timeline; the day is asked for only while it is shown."""
        super().action_show_view(view)
        if view != "carried" and self.asked.day:
            self._ask(day=False)

    def action_day(self) -> None:
        """Take carried cost of the day, or of this session."""
        self._ask(day=not self.asked.day)

    def _ask(self, **changes: object) -> None:
        self.asked = replace(self.asked, **changes)  # type: ignore[arg-type]  # fields by name
        self.look(self.asked)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Open what a line is about."""
        row = event.row
        if isinstance(row, RequestLine):
            from tokwatch.model.usage import CostMode
            from tokwatch.ui.screens.request import RequestPanel

            mode = CostMode(self.tokwatch.config.prices.mode)
            self.app.push_screen(RequestPanel(row.request.key, mode, shows_raw=True))
        elif isinstance(row, Lane):
            self._open_agent(row)
        elif isinstance(row, Simulation):
            self.maximize(self.query_one(SessionLoss), container=False)
        elif isinstance(row, CarriedSum):
            self.query_one(CarriedSums).choose(row, self.query_one(CarriedBlocks))
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

    def _show(self, chain: Chain) -> None:
        """Show another agent, of this session or of another one."""
        kept = self.asked.kept if self._is_kin(chain) else SessionAsk(*chain).kept
        self.go_to(None)
        self.asked = SessionAsk(*chain, day=self.asked.day, kept=kept)
        self.look(self.asked)

    def _is_kin(self, chain: Chain) -> bool:
        return self.seen is not None and any(lane.chain == chain for lane in self.seen.lanes)

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

    async def action_workbench(self) -> None:
        """Take the context of the shown agent, at the cursor, to the workbench."""
        key = self.cursor or 0
        asked = LoggedAsk(self.asked.source, self.asked.session, self.asked.agent, key)
        await to_workbench(self.app, asked, f"context of {clean(self.asked.session)[:8]}")

    def action_copy(self) -> None:
        """Copy the command that resumes the session, or what fills the screen."""
        row = (self.seen.row if self.seen else None) or self._listed()
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
        from tokwatch.ui.export import export
        from tokwatch.ui.requests_export import as_csv

        if (page := self.seen) is not None:
            told = counted(len(page.lines), "request")
            export(self, "session", "csv", lambda: (told, as_csv(page)))

    def leave(self) -> None:
        """Go back to the screen from which it was opened."""
        self.app.pop_screen()
