"""The places of alerts and suggestions: until they are built they say what will stand there."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import ZOOM, Pane


class Alerts(Pane, can_focus=True):
    """What needs a look now."""

    TITLE = "alerts"
    HELP = """
    # Alerts
    Rules are not built yet. What is wrong with sources and prices is told here already;
    `enter` shows all of it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return what is known to be wrong, else what this place is for."""
        troubles = list(_troubles(snapshot))
        if troubles:
            return [
                [(line, inks.error if glyph == "x" else inks.warning)]
                for glyph, words in troubles
                for line in textwrap.wrap(f"{glyph} {words}", size.width, subsequent_indent="  ")
            ]
        return [
            [("nothing is wrong with sources and prices", inks.muted)],
            [("rules for budgets, spikes and cache drops come with screen 6", inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is listed."""
        return (
            "Sources that cannot be read, lines that no parser understood, models without a price.",
            "`tokwatch doctor` says what to do about each.",
        )


def _troubles(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, worst first: a glyph and words."""
    if snapshot.error:
        yield "x", fmt.clean(snapshot.error)
    for each in snapshot.sources:
        if each.error:
            yield "x", f"{each.title}: {fmt.clean(each.error)}"
    for each in snapshot.sources:
        if each.bad_lines:
            yield "!", f"{each.title}: {each.bad_lines:,} bad lines"
    if snapshot.unpriced_models:
        yield "!", f"no price known: {', '.join(map(fmt.clean, snapshot.unpriced_models))}"


class Suggestions(Pane, can_focus=True):
    """What would save money."""

    TITLE = "suggestions"
    HELP = """
    # Suggestions
    Not built yet: what would save money, with its evidence, will be ranked here.
    """

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return what this place is for."""
        return [
            [("not built yet: savings, ranked by dollars a day,", inks.muted)],
            [("each with its evidence, come with screen 6", inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say that there is nothing yet."""
        return ("No suggestion is made yet, so there is no number to explain.",)
