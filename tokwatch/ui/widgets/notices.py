"""What wants a look now, and what would save money."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.analysis.calendar import epoch_ms, instant
from tokwatch.model.alert import Alert
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import GLYPHS, ink_of, ranked, wanting
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane
from tokwatch.words import counted

SHORT = {"low": "low", "medium": "med", "high": "high"}
"""How sure a saving is."""
NARROW = 44
"""Cells below which only dollars and title have room."""


class Alerts(Pane, can_focus=True):
    """What needs a look now."""

    TITLE = "alerts"
    HELP = """
    # Alerts
    What is wrong with settings, sources and prices, then what the rules of `[alerts.rules]` found
    and nobody has seen to, the newest first. `enter` opens the list of alerts.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.place('alerts')", "Alerts", show=False, id="alerts.open",
                tooltip="Open the list of alerts")
    ]  # fmt: skip

    settings_error: reactive[str] = reactive("", repaint=False)

    def on_mount(self) -> None:
        self.follow_app("settings_error")

    def watch_settings_error(self) -> None:
        self.redraw()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, since only some may be visible."""
        count = len(self._troubles(snapshot)) + len(_open_of(snapshot))
        return [(self.TITLE, inks.text), (f" · {count}" if count else "", inks.warning)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return what is known to be wrong and what rules found."""
        alerts = _open_of(snapshot)
        troubles = self._troubles(snapshot)
        if size.height == 1 and alerts and not any(glyph == "x" for glyph, _ in troubles):
            troubles = []  # the only line is for what matters most
        room = max(1, size.height - min(len(alerts), max(1, size.height // 2)))
        lines = _fitted(troubles, Size(size.width, room), inks)[:room] if troubles else []
        lines += [_alert_line(one, snapshot, size.width, inks) for one in alerts]
        if lines:
            return lines
        return [
            [("sources and prices: fine", inks.muted)],
            [("rules: nothing to report", inks.muted)],
        ]

    def _troubles(self, snapshot: Snapshot) -> list[tuple[str, str]]:
        """Return what is wrong, worst first: a glyph and words."""
        settings = [("x", fmt.clean(self.settings_error))] if self.settings_error else []
        return [*settings, *_in_picture(snapshot)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is listed."""
        return (
            "Wrong settings, sources that cannot be read, lines that no parser understood, models "
            "without a price; the command tokwatch doctor says what to do about each.",
            "Below, the open alerts that nobody has seen to: rules of [alerts.rules] that hold, "
            "as the process that reads the logs judged them last.",
        )


def _open_of(snapshot: Snapshot) -> list[Alert]:
    """Return the alerts that want a look, what matters most first."""
    at_ms = epoch_ms(snapshot.now)
    return ranked(wanting(snapshot.alerts, at_ms), at_ms)


def _alert_line(alert: Alert, snapshot: Snapshot, width: int, inks: Inks) -> Line:
    """Return one alert: how much it matters, since when, what."""
    since = fmt.clock(instant(alert.opened_ms), snapshot.zone)
    text = f"{GLYPHS[alert.severity]} {since}  {fmt.clean(alert.title)}"
    return [(fmt.fit_to(text, width), ink_of(alert.severity, inks))]


def _fitted(troubles: list[tuple[str, str]], size: Size, inks: Inks) -> list[Line]:
    """Return troubles in whole words, or where there is no room for that, each in its line."""
    lines: list[Line] = []
    cut: list[Line] = []
    for glyph, words in troubles:
        text, ink = f"{glyph} {words}", inks.error if glyph == "x" else inks.warning
        wrapped = textwrap.wrap(text, size.width, subsequent_indent="  ")
        lines += [[(line, ink)] for line in wrapped]
        cut.append([(fmt.fit_to(text, size.width), ink)])
    is_full = len(troubles) >= size.height and len(lines) > size.height
    return cut if is_full else lines


def _in_picture(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the shown picture, worst first."""
    if snapshot.error:
        yield "x", fmt.clean(snapshot.error)
    for each in snapshot.sources:
        if each.error:
            yield "x", f"{each.title}: {fmt.from_home(fmt.clean(each.error))}"
    for each in snapshot.sources:
        if each.bad_lines:
            yield "!", f"{each.title}: {counted(each.bad_lines, 'bad line')}"
    if snapshot.unpriced_models:
        yield "!", f"no price known: {', '.join(map(fmt.clean, snapshot.unpriced_models))}"


class Suggestions(Pane, can_focus=True):
    """What would save money."""

    TITLE = "suggestions"
    HELP = """
    # Suggestions
    What would save most, in dollars a month at the prices that you paid. The sum counts no dollar
    twice. `enter` opens the list, with evidence and steps.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.place('alerts')", "Suggestions", show=False, id="suggestions.open",
                tooltip="Open the list of suggestions")
    ]  # fmt: skip

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what all of them would save."""
        saved = snapshot.savings.nano_month
        told = f" · {fmt.short_money(saved)}/month" if saved else ""
        return [(self.TITLE, inks.text), (told, inks.muted)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the best ones, each with what it would save."""
        lines: list[Line] = []
        is_narrow = size.width < NARROW
        for number, (title, confidence, nano) in enumerate(snapshot.savings.top, 1):
            told = f"{number} {fmt.money(nano):>8}  "
            sure = f" ({SHORT[confidence]})"
            if is_narrow:
                told, sure = f"{fmt.short_money(nano)} ", ""
            room = max(1, size.width - len(told) - len(sure))
            what = fmt.fit_to(fmt.clean(title), room).rstrip()
            lines.append([(told, inks.text), (what, inks.text), (sure, inks.muted)])
        if lines:
            return lines
        found = snapshot.savings.count
        told = f"{counted(found, 'remark')}, no saving: 6 lists them" if found else "nothing found"
        if not snapshot.savings.is_looked:
            told = "not looked yet"
        return [[(told, inks.muted)], [("6: what was looked at", inks.muted)]]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where they come from."""
        return (
            "The best suggestions of screen 6, as they were found last: dollars of 30 days like "
            "the last, at the rates that each request was priced at.",
            "The sum takes from each request what no suggestion above has claimed of its cost.",
        )
