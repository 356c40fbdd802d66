"""Every rule that is watched, with its threshold; those that hold now stand first."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.alert_rules import WatchedRule
from tokwatch.pages.alerts import AlertsPage
from tokwatch.ui import format as fmt
from tokwatch.ui.empty_store import no_requests
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

GAP: Final = 3
"""Cells between two rules."""


class AlertRules(PagePane[AlertsPage], can_focus=True):
    """The rules, one after the other in as many lines as there are."""

    TITLE = "rules (config.toml)"
    KIND = AlertsPage
    EMPTY = AlertsPage(0)
    HELP = """
    # Rules
    The rules of `[alerts.rules]`, each with what it alerts from: those that hold now stand first,
    marked `!`, then your own, the shipped ones, and those that are off. `+` shows them all;
    docs/alerts.md says what each looks at.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def page(self, content: AlertsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the rules, and how many found no room."""
        if not content.at_ms:
            return [[(no_requests(size.width), inks.muted)]]
        if not content.watched:
            return [[("alerts are off: [alerts] on = true watches", inks.muted)]]
        lines = _flowed(self._told(content, inks), size.width)
        if len(lines) > size.height > 0:
            lines = lines[: size.height]
            shown = sum(ink is not None for line in lines for _, ink in line)
            left = len(content.watched) - shown
            more = f" +{left} · + all"
            room = size.width - len(more)
            lines[-1] = [*_cut(lines[-1], room), (more, None)]
        return [[(text, ink or inks.muted) for text, ink in line] for line in lines]

    def _told(self, content: AlertsPage, inks: Inks) -> list[tuple[str, Style]]:
        held = {one.rule for one in content.alerts if one.closed_ms is None}
        ordered = sorted(content.watched, key=lambda one: one.name not in held)
        return [_one(rule, rule.name in held, inks) for rule in ordered]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where rules come from."""
        return (
            "The rules of [alerts.rules], as config.toml ships them and as your own changes them. "
            "Shown is the threshold; conditions beside it are in the panel of an alert and in "
            "docs/alerts.md.",
        )


def _one(rule: WatchedRule, is_held: bool, inks: Inks) -> tuple[str, Style]:
    told = fmt.clean(f"{rule.name} {rule.words}".strip())
    ink = inks.warning if is_held else inks.text if rule.is_on else inks.muted
    return f"! {told}" if is_held else told, ink


def _flowed(told: list[tuple[str, Style]], width: int) -> list[list[tuple[str, Style | None]]]:
    """Return entries one after the other, in lines of so many cells."""
    lines: list[list[tuple[str, Style | None]]] = [[]]
    used = 0
    for text, ink in told:
        fitted = fmt.fit_to(text, width).rstrip() if len(text) > width else text
        if lines[-1] and used + GAP + len(fitted) > width:
            lines.append([])
            used = 0
        if lines[-1]:
            lines[-1].append((" " * GAP, None))
            used += GAP
        lines[-1].append((fitted, ink))
        used += len(fitted)
    return lines


def _cut(line: list[tuple[str, Style | None]], room: int) -> list[tuple[str, Style | None]]:
    """Return what of a line fits, in whole entries."""
    while line and sum(len(text) for text, _ in line) > room:
        line = line[:-1]
    return line
