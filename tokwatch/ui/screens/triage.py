"""Triage, for the engineer on call: what made a stretch of time cost what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.analysis.anomalies import Anomaly
from tokwatch.analysis.attribution import Contribution
from tokwatch.analysis.baseline import Against, Stretch, moved, resized, stretch_of
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.happenings import Happening, What
from tokwatch.pages.triage import TriageAsk, TriagePage, stretch_of_anomaly
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.screens.session import open_session
from tokwatch.ui.terminal import copy
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.triage_bridge import TriageBridge
from tokwatch.ui.widgets.triage_changes import TriageChanges
from tokwatch.ui.widgets.triage_chart import TriageChart
from tokwatch.ui.widgets.triage_events import Anomalies, TriageEvents
from tokwatch.ui.widgets.triage_verdict import TriageVerdict

BASELINES: Final = tuple(Against)


class TriageScreen(PageScreen):
    """Chart, verdict, what changed, the bridge, events and anomalies."""

    CSS_PATH = "triage.tcss"
    PLACE = "triage"
    AUTO_FOCUS = "TriageChanges"
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
        Binding("b", "baseline", "Baseline", id="triage.baseline",
                tooltip="Compare with another baseline"),
        Binding("m", "markdown", "Markdown", id="triage.markdown",
                tooltip="Copy the triage as Markdown for the incident"),
        Binding("e", "export", "Export", id="export",
                tooltip="Write the triage to a file"),
        Binding("<", "anomaly(-1)", "Anomaly before", show=False, id="anomaly.before",
                tooltip="The anomaly before"),
        Binding(">", "anomaly(1)", "Next anomaly", show=False, id="anomaly.after",
                tooltip="The anomaly after"),
    ]  # fmt: skip

    ask: TriageAsk

    def __init__(self) -> None:
        super().__init__()
        self.ask = TriageAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Panes(id="triage"):
            yield TriageChart(id="triage-chart")
            yield TriageVerdict(id="triage-verdict")
            with Horizontal(id="triage-causes"):
                yield TriageChanges(id="triage-changes")
                yield TriageBridge(id="triage-bridge")
            with Horizontal(id="triage-happenings"):
                yield TriageEvents(id="triage-events")
                yield Anomalies(id="triage-anomalies")

    @property
    def page(self) -> TriagePage | None:
        """The newest answer."""
        return self.query_one(TriageChart).content

    @property
    def _shown(self) -> Stretch | None:
        """The stretch that was asked for last: keys may be faster than the feed."""
        if self.ask.shown is not None:
            return self.ask.shown
        return self.page.triage.shown if self.page else None

    def triage(self, since: datetime, until: datetime) -> None:
        """Show another stretch of time."""
        stretch = stretch_of(epoch_ms(since), epoch_ms(until))
        self.look(replace(self.ask, shown=stretch, trail=()))

    def _look_at(self, **changes: object) -> None:
        """Ask about the same stretch, or another one, from here on."""
        asked = replace(self.ask, **{"shown": self._shown, **changes})  # type: ignore[arg-type]  # fields by name
        self.look(asked)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something for."""
        if action == "now":
            past = super().check_action(action, parameters)
            return past or self.ask.shown is not None
        if action == "anomaly":
            return self.page is not None and bool(self.page.anomalies)
        return super().check_action(action, parameters)

    def action_travel(self, halves: int) -> None:
        """Show A half its length earlier or later."""
        picture = self.tokwatch.snapshot
        if (shown := self._shown) is not None and picture is not None:
            end = picture.until or self.tokwatch.clock()
            self._look_at(shown=moved(shown, halves, epoch_ms(end)))

    def action_resize(self, steps: int) -> None:
        """Make A shorter or longer."""
        if (shown := self._shown) is not None:
            self._look_at(shown=resized(shown, steps))

    def action_now(self) -> None:
        """Go to the newest anomaly, or to the shown range, of now."""
        self._look_at(shown=None)
        super().action_now()

    def action_baseline(self) -> None:
        """Take the next kind of baseline."""
        if self.page is None:
            return
        asked = self.ask.against
        here = asked if isinstance(asked, Against) else self.page.against
        place = BASELINES.index(here) + 1 if here is not None else 0
        self._look_at(against=BASELINES[place % len(BASELINES)])

    def action_anomaly(self, steps: int) -> None:
        """Show the anomaly before or after A."""
        shown = self._shown
        if self.page is None or shown is None:
            return
        found = [stretch_of_anomaly(one) for one in self.page.anomalies]
        earlier = [one for one in found if one.since_ms < shown.since_ms]
        later = [one for one in reversed(found) if one.since_ms > shown.since_ms]
        one = next(iter(earlier if steps < 0 else later), None)
        if one is None:
            which = "earlier" if steps < 0 else "later"
            self.notify(f"No {which} anomaly is known.", markup=False)
        else:
            self._look_at(shown=one)

    def action_markdown(self) -> None:
        """Copy all of it as Markdown."""
        if (page := self.page) is not None and (shown := self.tokwatch.snapshot) is not None:
            from tokwatch.ui.triage_markdown import markdown

            copy(self.app, markdown(page, shown.zone))
            self.notify("Copied: the triage as Markdown", markup=False)

    def action_export(self) -> None:
        """Write all contributions and the bridge to a file, in a thread."""
        from tokwatch.ui.export import export
        from tokwatch.ui.triage_export import as_csv

        if (page := self.page) is not None:
            export(self, "triage", "csv", lambda: ("The triage was", as_csv(page)))

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Narrow to a value, triage an anomaly, or open the session of a happening."""
        row = event.row
        if isinstance(row, Contribution):
            self._look_at(trail=(*self.ask.trail, (row.dimension, row.value)))
        elif isinstance(row, Anomaly):
            self._look_at(shown=stretch_of_anomaly(row), trail=())
        elif isinstance(row, Happening) and row.session and self.page is not None:
            told = [each for each in self.page.happenings if each.session]
            among = list(dict.fromkeys((each.source, each.session) for each in told))
            open_session(self.app, row.source, row.session, row.agent, row.key, among)
        elif isinstance(row, Happening) and row.what is What.ALERT:
            self.tokwatch.action_place("alerts")
        elif isinstance(row, Happening):
            self.notify(f"A {row.what} is of no one session.", markup=False)

    def leave(self) -> None:
        """Widen again, then go where the user came from, and begin anew the next time."""
        if self.ask.trail:
            self._look_at(trail=self.ask.trail[:-1])
        else:
            self.ask = replace(self.ask, shown=None)
            super().leave()
