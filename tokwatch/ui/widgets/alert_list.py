"""Every alert: the open ones first, then those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from tokwatch.analysis.calendar import epoch_ms, instant
from tokwatch.model.alert import Alert, AlertState
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.alerts import AlertsPage
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import GLYPHS, SHORT, ink_of, ranked, state_words, wanting
from tokwatch.ui.empty_store import alerts_of
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted


def _since(zone: str, now: datetime, row: Alert, width: int, inks: Inks) -> Line:
    opened = instant(row.opened_ms)
    is_new = now - opened < timedelta(days=1)
    return text_cell(fmt.clock(opened, zone) if is_new else fmt.age(opened, now), width, inks.muted)


def _severity(row: Alert, width: int, inks: Inks) -> Line:
    ink = inks.muted if row.closed_ms is not None else ink_of(row.severity, inks)
    return text_cell(f"{GLYPHS[row.severity]} {SHORT[row.severity]}", width, ink)


def _what(row: Alert, width: int, inks: Inks) -> Line:
    ink = inks.muted if row.closed_ms is not None else inks.text
    return text_cell(fmt.clean(row.title), width, ink)


def _times(row: Alert, width: int, inks: Inks) -> Line:
    return text_cell(f"{row.times}x" if row.times > 1 else "", width, inks.muted, right=True)


def _state(now: datetime, row: Alert, width: int, inks: Inks) -> Line:
    is_open = row.state(epoch_ms(now)) is AlertState.OPEN
    return text_cell(state_words(row, now), width, inks.text if is_open else inks.muted)


class AlertList(Table[AlertsPage, Alert]):
    """A line for each alert."""

    TITLE = "alerts"
    KIND = AlertsPage
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "screen.acknowledge", "Acknowledge", id="alert.acknowledge",
                tooltip="You have seen it: it stays listed, and quiet"),
        Binding("z", "screen.snooze", "Snooze", id="alert.snooze",
                tooltip="Keep it quiet for a while; [alerts] snooze_minutes says how long"),
    ]  # fmt: skip
    HELP = """
    # Alerts
    What the rules of `[alerts.rules]` found, the open ones first. *open*: it holds, and nobody
    has seen to it; *acknowledged*: `a` was pressed; *snoozed*: `z` keeps it quiet for a while;
    *closed*: below 80 % of its threshold for two minutes. One that comes back within the hour is
    the same one. `enter` shows the request that caused it. docs/alerts.md has every rule.
    """

    def of_empty(self, snapshot: Snapshot) -> object:
        """Return what the picture tells."""
        return alerts_of(snapshot)

    def columns(self) -> Sequence[TableColumn[Alert]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return (
            TableColumn("since", 5, partial(_since, zone, self.now), rank=3,
                        order=lambda row: row.opened_ms),
            TableColumn("level", 6, _severity, order=lambda row: row.severity.rank),
            TableColumn("what", 20, _what, most=200),
            TableColumn("back", 4, _times, rank=5, right=True),
            TableColumn("state", 14, partial(_state, self.now), rank=2),
        )  # fmt: skip

    def rows_of(self, content: AlertsPage) -> Sequence[Alert]:
        """Return the alerts, what wants a look first."""
        return ranked(content.alerts, content.at_ms)

    def key_of(self, row: Alert) -> str:
        """Return what identifies an alert."""
        return str(row.id)

    def why_empty(self, content: AlertsPage) -> str:
        """Say that all is well, or why nothing is watched."""
        if not content.at_ms:
            return "nothing to report: no requests yet"
        if not content.rules_on:
            return "alerts are off: [alerts] on = true watches"
        return f"nothing to report: {content.rules_on} rules are watched"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many are open; how many of those are notices, which the first line leaves."""
        at_ms = epoch_ms(self.now)
        opened = [one for one in self.rows if one.state(at_ms) is AlertState.OPEN]
        notices = len(opened) - len(wanting(opened, at_ms))
        told = f" · {len(opened)} open" if opened else ""
        more = f" · {notices} info" if notices else ""
        return [(self.TITLE, inks.text), (told, inks.warning), (more, inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many rules are watched."""
        if self.content is None or not self.content.at_ms:
            return []
        return [(counted(self.content.rules_on, "rule"), inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where alerts come from."""
        return (
            "Each line is a rule of [alerts.rules] that held for something: what it measures, how "
            "much that is, and against what. The process that reads the logs judges every rule "
            "once a second, and writes what it finds into the store.",
            "Values are of the last moment at which the rule held; the panel beside has the worst.",
        )
