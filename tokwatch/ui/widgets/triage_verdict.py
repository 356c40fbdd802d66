"""What triage found, in a few sentences."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import triage_names as names
from tokwatch.ui import triage_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM


class TriageVerdict(PagePane[TriagePage], can_focus=True):
    """The cost against what was expected, the main cause and where it arose."""

    TITLE = "verdict"
    KIND = TriagePage
    HELP = """
    # Verdict
    What A cost against what B leads to expect, why, and where. *Expected* is what B cost, scaled
    to the length of A.

    * `m` copies the whole triage as Markdown, for the incident's page
    * `e` writes it as CSV
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name, and what was narrowed to."""
        line: Line = [(self.TITLE, inks.text)]
        if self.equivalent:
            line.append((" · API-equivalent", inks.muted))
        if self.content is not None and self.content.triage.trail:
            line.append((f" · only {names.trail_words(self.content.triage)}", inks.accent))
        return line

    def page(self, content: TriagePage, size: Size, inks: Inks) -> list[Line]:
        """Return the sentences, wrapped."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        verdict = content.triage.verdict
        rises = verdict.difference_nano > 0 and not verdict.is_as_expected
        first, *others = words.sentences(content, zone)
        told: list[tuple[str, Style]] = [(first, inks.warning if rises else inks.strong)]
        told += [(text, inks.text if text.startswith("Why") else inks.muted) for text in others]
        if not content.has_history:
            told.append((TOO_LITTLE, inks.muted))
        return [
            [(line, ink)] for text, ink in told for line in textwrap.wrap(text, size.width or 1)
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the verdict is reached."""
        return (
            "The cause is the largest part of the cost bridge that goes the way of the "
            "difference; where it arose is the first of session, project, model and so on of "
            "which one value makes at least 60 % of the difference.",
            "A difference of up to a tenth of what was expected is no reason to look for a cause.",
        )


TOO_LITTLE = (
    "No anomalies are looked for yet: what is usual is told by 10 hours with use on 3 days "
    "within 8 weeks."
)
