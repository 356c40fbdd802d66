"""Where the numbers of a pane come from: what `i` shows."""

from __future__ import annotations

import textwrap

from textual.geometry import Size

from tokwatch.snapshot import Snapshot, SourceMode
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane


class Explanation(Pane, can_focus=True):
    """The definition of what a pane shows, its sources, and how far it can be trusted."""

    ALLOW_MAXIMIZE = False
    HELP = "# Where this comes from\nWhat the numbers of the pane mean and which logs they rest on."

    def __init__(self, about: Pane) -> None:
        super().__init__()
        self._about = about

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name of the explained pane."""
        return [(f"{self._about.TITLE} · where this comes from", inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the definition, the sources and the doubts."""
        lines: list[Line] = []
        for sentence in self._about.meaning(snapshot):
            lines += [[(line, inks.text)] for line in textwrap.wrap(sentence, size.width)]
            lines.append([])
        lines.append([("Read from", inks.strong)])
        for source in snapshot.sources:
            if source.mode is SourceMode.ABSENT:
                continue
            bad = f", {source.bad_lines:,} bad lines" if source.bad_lines else ""
            requests = f"{source.events:,} requests in " if source.events else ""
            what = f"{requests}{source.files:,} logs{bad}"
            lines.append([(f"  {source.title}: ", inks.text), (what, inks.muted)])
        return [*lines, [], *_doubts(snapshot, size.width, inks)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the explained pane's own words."""
        return self._about.meaning(snapshot)


def _doubts(snapshot: Snapshot, width: int, inks: Inks) -> list[Line]:
    lines: list[Line] = [[("How sure it is", inks.strong)]]
    share = snapshot.lower_bound_share
    lines.append([(f"  ≥ lower bounds: {share * 100:.1f}% of the shown requests", inks.text)])
    if snapshot.derived_share:
        told = f"  ~ derived: {snapshot.derived_share * 100:.1f}% of the shown requests"
        lines.append([(told, inks.text)])
    if snapshot.unpriced_models:
        names = ", ".join(map(fmt.clean, snapshot.unpriced_models))
        wrapped = textwrap.wrap(f"+? without a price: {names}", width - 2)
        lines += [[(f"  {line}", inks.warning)] for line in wrapped]
    else:
        lines.append([("  every model in use has a price", inks.text)])
    if snapshot.follower_of is not None:
        words = f"  the logs are read by process {snapshot.follower_of}; this one follows its store"
        lines.append([(words, inks.text)])
    return lines
