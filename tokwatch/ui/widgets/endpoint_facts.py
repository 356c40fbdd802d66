"""All that is known of one endpoint: where it is, how each part does, and what it told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config.endpoints import EndpointTable
from tokwatch.model.endpoint import EndpointHealth, EndpointState
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.sources import NO_STORE, SourcesPage
from tokwatch.ui import format as fmt
from tokwatch.ui.endpoint_words import GLYPHS, EndpointLine, gauge_words, since, sum_words, until
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.source_words import wrapped
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.words import counted

NAME = 12
"""Cells of a fact's name."""


class EndpointFacts(Scrolled[SourcesPage], can_focus=True):
    """Facts, a few lines each."""

    TITLE = "endpoint"
    KIND = SourcesPage
    EMPTY = NO_STORE
    HELP = """
    # An endpoint
    Where it is and where its key is looked for; of each part how it does, when it answered last,
    how new the newest use is that it told, when it is asked again, and what that has cost so far;
    then what its reports sum up to in the last 24 hours, and its gauges of the last 15 minutes.
    """

    def __init__(self, name: str, table: EndpointTable | None) -> None:
        super().__init__(id="endpoint-facts")
        self._name, self._table = name, table

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return its name."""
        return [(f"{self.TITLE} {self._name}", inks.text)]

    def lines(self, content: SourcesPage, width: int, inks: Inks) -> list[Line]:
        """Return the facts."""
        health = next((one for one in content.endpoints if one.name == self._name), None)
        if health is None:
            return [[("it is not configured any more", inks.muted)]]
        lines: list[Line] = []
        for name, text, is_bad in (*self._place(health), *_parts(health, self.now), *_told(health)):
            for number, part in enumerate(wrapped(text, width, NAME)):
                label = fmt.fit("" if number else name, NAME - 1) + " "
                lines.append([(label, inks.muted), (part, inks.error if is_bad else inks.text)])
        return lines

    def _place(self, health: EndpointHealth) -> Iterator[tuple[str, str, bool]]:
        yield "kind", health.title, False
        yield "address", health.address, False
        if self._table is not None:
            yield "key", self._table.key or "none", False

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is told."""
        return (
            "What the polling stored of this endpoint since it was first asked. Sums are those of "
            "its own reports over the last 24 hours, and never added to the requests of logs.",
        )


def _parts(health: EndpointHealth, now: datetime) -> Iterator[tuple[str, str, bool]]:
    """Yield a few lines for each part."""
    now_ms = epoch_ms(now)
    for part in health.parts:
        line = EndpointLine(health, part)
        state = line.state
        yield part.part, f"{GLYPHS[state]} {state}", False
        if part.error:
            yield "", f"{part.error} ({counted(part.failures, 'failure')} in a row)", True
        elif part.note:
            yield "", part.note, False
        yield "", _times(part, until(line, now_ms), now_ms), False
        traffic = f"{counted(part.requests, 'request')}, {fmt.size(part.bytes)}, 304: "
        bad = f", {counted(part.bad, 'unreadable record')}" if part.bad else ""
        yield "", f"{traffic}{part.unchanged:,}{bad}", False


def _times(part: EndpointState, next_words: str, now_ms: int) -> str:
    told = []
    for name, at_ms in (("answered", part.succeeded_ms), ("tells use up to", part.newest_ms)):
        if at_ms is not None:
            told.append(f"{name} {since(at_ms, now_ms)} ago")
    return ", ".join((*(told or ["never answered"]), f"next {next_words}"))


def _told(health: EndpointHealth) -> Iterator[tuple[str, str, bool]]:
    for number, one in enumerate(health.sums):
        yield "" if number else "sums", f"{one.report}: {sum_words(one)}", False
    for number, gauge in enumerate(health.gauges):
        yield "" if number else "gauges", gauge_words(gauge), False
