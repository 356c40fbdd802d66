"""The places of alerts and suggestions: until they are built they say what will stand there."""

from __future__ import annotations

from textual.geometry import Size

from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane


class Alerts(Pane, can_focus=True):
    """What needs a look now."""

    TITLE = "alerts"
    HELP = """
    # Alerts
    Rules are not built yet. What is wrong with sources and prices is told here already.
    """

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return what is known to be wrong, else what this place is for."""
        lines: list[Line] = []
        if snapshot.error:
            lines.append([(f"x {fmt.clean(snapshot.error)}", inks.error)])
        lines += [
            [(f"x {each.title}: {fmt.clean(each.error)}", inks.error)]
            for each in snapshot.sources
            if each.error
        ]
        lines += [
            [(f"! {each.title}: {each.bad_lines:,} bad lines", inks.warning)]
            for each in snapshot.sources
            if each.bad_lines
        ]
        if snapshot.unpriced_models:
            names = ", ".join(map(fmt.clean, snapshot.unpriced_models))
            lines.append([(f"! no price known: {names}", inks.warning)])
        if lines:
            return lines
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
