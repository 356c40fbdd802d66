"""The chosen alert: its rule, its course, what it rests on, how it was told."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.alerts.words import amount, name_of
from tokwatch.analysis.calendar import instant
from tokwatch.config.alerting import Rule
from tokwatch.model.alert import Alert, DeliveryState
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.alerts import AlertsPage
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import GLYPHS, ink_of, state_words
from tokwatch.ui.empty_store import alerts_of
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.words import counted

NAME = 10
"""Cells of a fact's name."""


class AlertFacts(PagePane[AlertsPage], can_focus=True):
    """The alert under the table's cursor."""

    TITLE = "alert"
    KIND = AlertsPage
    HELP = """
    # One alert
    The rule that found it with its condition, when it opened, its newest and its worst value, the
    requests that it rests on, and whether webhook and command took it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._alert = 0

    def show(self, alert: int) -> None:
        """Show another alert."""
        if alert != self._alert:
            self._alert = alert
            self.redraw()

    @property
    def alert(self) -> Alert | None:
        """The shown alert."""
        alerts = self.content.alerts if self.content else ()
        return next((one for one in alerts if one.id == self._alert), None)

    def of_empty(self, snapshot: Snapshot) -> object:
        """Return what the picture tells."""
        return alerts_of(snapshot)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the rule's name and how much it matters."""
        alert = self.alert
        if alert is None:
            return [(self.TITLE, inks.text)]
        told = f"{GLYPHS[alert.severity]} {alert.severity}"
        return [(fmt.clean(alert.rule), inks.text), (f" · {told}", ink_of(alert.severity, inks))]

    def page(self, content: AlertsPage, size: Size, inks: Inks) -> list[Line]:
        """Return what is known of the alert, wrapped."""
        alert = self.alert
        if alert is None:
            return [[("no alert is chosen", inks.muted)]]
        lines: list[Line] = []
        for name, text, ink in self._facts(content, alert, inks):
            wrapped = textwrap.wrap(text, max(8, size.width - NAME)) or [""]
            for number, part in enumerate(wrapped):
                lines.append([(f"{'' if number else name:<{NAME}}", inks.muted), (part, ink)])
        return lines

    def _facts(
        self, content: AlertsPage, alert: Alert, inks: Inks
    ) -> Iterator[tuple[str, str, Style]]:
        zone = self.snapshot.zone if self.snapshot else "UTC"
        rule = self._rule(alert)
        measure = _measure(rule)
        yield "what", fmt.clean(alert.title), inks.text
        yield "state", state_words(alert, self.now), ink_of(alert.severity, inks)
        opened = fmt.moment(instant(alert.opened_ms), self.now, zone)
        again = f" · came back {counted(alert.times - 1, 'time')}" if alert.times > 1 else ""
        yield "opened", f"{opened}{again}", inks.text
        if rule is not None:
            worst = "" if alert.worst == alert.value else f" · worst {amount(measure, alert.worst)}"
            yield "value", f"{amount(measure, alert.value)}{worst}", inks.text
            least = f" for {rule.minutes:g} min" if rule.minutes else ""
            yield "rule", f"{rule.when}{least}", inks.text
            if rule.threshold is not None:
                yield "threshold", amount(measure, rule.threshold), inks.text
            narrowed = [*rule.projects, *rule.models, *rule.agents, *rule.users]
            if narrowed:
                yield "only", ", ".join(map(fmt.clean, narrowed)), inks.text
        yield "of", fmt.clean(alert.subject), inks.muted
        chain = content.chain(alert)
        if chain is not None:
            told = f"{counted(len(alert.events), 'request')}; enter shows the one to look at first"
            yield "rests on", told, inks.text
        elif alert.events:
            yield "rests on", "requests that were pruned", inks.muted
        else:
            yield "rests on", f"{name_of(measure)}: no single request", inks.muted
        yield from self._deliveries(content, alert, inks)

    def _rule(self, alert: Alert) -> Rule | None:
        config = getattr(self.app, "config", None)
        return None if config is None else config.alerts.rules.get(alert.rule)

    def _deliveries(
        self, content: AlertsPage, alert: Alert, inks: Inks
    ) -> Iterator[tuple[str, str, Style]]:
        for one in content.deliveries:
            if one.alert == alert.id:
                told = f"{one.state}, {counted(one.tries, 'try', 'tries')}"
                why = f": {fmt.clean(one.error)}" if one.error else ""
                failed = one.state is DeliveryState.FAILED
                yield one.channel, f"{told}{why}", inks.error if failed else inks.text

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the facts come from."""
        return (
            "What the store keeps of the alert, and the rule of [alerts.rules] as it stands now.",
            "The requests are those that the rule's measure was made of when the alert opened, "
            "the one to look at first in front.",
        )


def _measure(rule: Rule | None) -> str:
    """Return the measure that a rule tells of."""
    if rule is None:
        return ""
    from tokwatch.config.expression import parse

    return parse(rule.when).names[0]
