"""What happened in A, and the anomalies around it: two tables whose lines can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tokwatch.analysis.anomalies import Anomaly
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.happenings import Happening
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _time(zone: str, pattern: str, at_ms: int, width: int, inks: Inks) -> Line:
    at = instant(at_ms).astimezone(fmt.zone(zone))
    return text_cell(f"{at:{pattern}}", width, inks.muted)


def _what(one: Happening, width: int, inks: Inks) -> Line:
    return text_cell(str(one.what), width, inks.text)


def _words(zone: str, one: Happening, width: int, inks: Inks) -> Line:
    return text_cell(words.happening_words(one, zone), width, inks.text)


class TriageEvents(Table[TriagePage, Happening]):
    """One line for each thing that happened."""

    TITLE = "events in A"
    KIND = TriagePage
    HELP = """
    # Events in A
    What happened in A at the sessions that make most of the difference: the first cache miss of
    each agent, models that an agent took to, sessions, projects and models that are new, retry
    storms, changed list prices; and the alerts that were raised. Enter opens the session at that
    request.
    """

    def columns(self) -> Sequence[TableColumn[Happening]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        is_long = self.content is not None and self.content.triage.shown.length_ms > 86_400_000
        pattern, width = ("%d %b %H:%M", 12) if is_long else ("%H:%M:%S", 8)

        def time(one: Happening, width: int, inks: Inks) -> Line:
            return _time(zone, pattern, one.at_ms, width, inks)

        return (
            TableColumn("time", width, time, order=lambda one: one.at_ms),
            TableColumn("event", 12, _what),
            TableColumn("what", 20, partial(_words, zone), most=200),
        )

    def rows_of(self, content: TriagePage) -> Sequence[Happening]:
        """Return what happened, the oldest first."""
        return content.happenings

    def key_of(self, row: Happening) -> str:
        """Return what tells happenings apart."""
        return f"{row.at_ms}\0{row.what}\0{row.session}\0{row.agent}\0{row.name}"

    def why_empty(self, content: TriagePage) -> str:
        """Say why there is no row."""
        return "no cache miss, new model, new session or retry storm where the cost changed"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are."""
        return [(self.TITLE, inks.text), (f" · {len(self.rows):,}", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is looked at."""
        return (
            "Found in the requests of the twelve sessions whose cost differs most. A cache miss "
            "is a request that read less than nine tenths of what the one before it had in the "
            "cache; its loss is what sending the rest anew cost above reading it.",
        )


def _cost(one: Anomaly, width: int, inks: Inks) -> Line:
    return text_cell(fmt.narrow_money(one.nano, width), width, inks.strong, right=True)


def _times(one: Anomaly, width: int, inks: Inks) -> Line:
    return text_cell(fmt.times(one.times), width, inks.warning, right=True)


class Anomalies(Table[TriagePage, Anomaly]):
    """One line for each stretch of time that cost far more than usual."""

    TITLE = "anomalies"
    KIND = TriagePage
    HELP = """
    # Anomalies
    Hours that cost far more than yours usually do at this time of the week: at least three times
    as much, a dollar more, and more than your hours scatter. Enter triages the line.
    """

    def columns(self) -> Sequence[TableColumn[Anomaly]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"

        def time(one: Anomaly, width: int, inks: Inks) -> Line:
            return _time(zone, "%a %d %b %H:%M", one.since_ms, width, inks)

        return (
            TableColumn("from", 16, time, order=lambda one: one.since_ms),
            TableColumn("cost", 7, _cost, rank=1, right=True, order=lambda one: one.nano),
            TableColumn("usual", 6, _times, right=True, order=lambda one: one.times),
        )

    def rows_of(self, content: TriagePage) -> Sequence[Anomaly]:
        """Return the anomalies, the newest first."""
        return content.anomalies

    def key_of(self, row: Anomaly) -> str:
        """Return its begin: its end moves while it lasts."""
        return str(row.since_ms)

    def why_empty(self, content: TriagePage) -> str:
        """Say whether none was found, or none can be yet."""
        return "none: all as usual" if content.has_history else "too little use to tell yet"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are."""
        return [(self.TITLE, inks.text), (f" · {len(self.rows):,}", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what an anomaly is."""
        return (
            "Judged is each hour that begins with any quarter of one. The usual is the median of "
            "the hours with use in the 8 weeks before, of the same hour of the week where at "
            "least 5 tell it (else with the hour before and after), and never less than that of "
            "any hour.",
            "How far your hours scatter is the median absolute deviation of the logarithms of the "
            "dearer half; flagged is what lies 2.25 standard deviations above, about 1 hour in "
            "80 by chance, and at least 3 times and a dollar above the usual. Looked for in the "
            "shown range, and in the last 7 days at least.",
        )
