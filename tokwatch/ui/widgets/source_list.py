"""Every source: how it is followed, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tokwatch.model.snapshot import Snapshot, SourceMode
from tokwatch.pages.sources import NO_STORE, SourcesPage
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.source_words import GLYPHS, MODES, Row, rows_of
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _mode(row: Row, width: int, inks: Inks) -> Line:
    mode = row.status.mode
    ink = {SourceMode.ERROR: inks.error, SourceMode.ABSENT: inks.muted}.get(mode, inks.good)
    text = inks.error if mode is SourceMode.ERROR else inks.muted
    return [(f"{GLYPHS[mode]} ", ink), (fmt.fit(MODES[mode], width - 2), text)]


def _title(row: Row, width: int, inks: Inks) -> Line:
    ink = inks.muted if row.status.mode is SourceMode.ABSENT else inks.text
    return text_cell(row.status.title, width, ink)


def _number(name: str, row: Row, width: int, inks: Inks) -> Line:
    number: int = getattr(row.status, name)
    ink = inks.text if number else inks.muted
    return text_cell(f"{number:,}" if number else fmt.NOTHING, width, ink, right=True)


def _conversations(row: Row, width: int, inks: Inks) -> Line:
    number = row.counts.conversations
    ink = inks.text if number else inks.muted
    return text_cell(f"{number:,}" if number else fmt.NOTHING, width, ink, right=True)


def _troubles(row: Row, width: int, inks: Inks) -> Line:
    number = row.counts.troubles
    ink = inks.warning if number else inks.muted
    return text_cell(f"{number:,}" if number else fmt.NOTHING, width, ink, right=True)


def _newest(now: datetime, row: Row, width: int, inks: Inks) -> Line:
    age = fmt.age(row.newest, now) if row.newest else fmt.NOTHING
    return text_cell(age, width, inks.text if row.newest else inks.muted, right=True)


def _where(row: Row, width: int, inks: Inks) -> Line:
    """Return the error, else the first folder that is there, an endpoint, or any folder."""
    if row.status.error:
        return text_cell(fmt.from_home(fmt.clean(row.status.error)), width, inks.error)
    if row.status.mode is SourceMode.ENDPOINT:
        return text_cell(f"endpoint {', '.join(row.status.endpoints)}", width, inks.muted)
    roots = sorted(row.status.roots, key=lambda root: not root.found)
    path = fmt.from_home(fmt.clean(roots[0].path)) if roots else fmt.NOTHING
    return text_cell(path, width, inks.muted)


class SourceList(Table[SourcesPage, Row]):
    """A line for each source."""

    TITLE = "sources"
    KIND = SourcesPage
    EMPTY = NO_STORE
    HELP = """
    # Sources
    Every source that is read, what fails first. *live*: change notices arrive; *polling*: looked
    at every few seconds; *endpoint*: no logs, but one of the endpoints beneath tells its requests;
    *not here*: none of its folders exists. *left out* are lines and records
    that could not be counted; beneath the table stands what they are. *detail*: logs whose
    conversation was read too.

    * `enter` opens the source's audit: what was read, merged and left out, request by request
    * `R` looks at every folder again now, also at those that could not be read
    """

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("state", 10, _mode),
            TableColumn("source", 12, _title, most=22,
                        order=lambda row: row.status.title.lower()),
            TableColumn("files", 6, partial(_number, "files"), rank=2, right=True,
                        order=lambda row: row.status.files),
            TableColumn("requests", 9, partial(_number, "events"), rank=1, right=True,
                        order=lambda row: row.status.events),
            TableColumn("detail", 6, _conversations, rank=5, right=True,
                        order=lambda row: row.counts.conversations),
            TableColumn("left out", 8, _troubles, rank=3, right=True,
                        order=lambda row: row.counts.troubles),
            TableColumn("newest", 6, partial(_newest, self.now), rank=1, right=True,
                        order=lambda row: row.newest.timestamp() if row.newest else 0.0),
            TableColumn("where", 14, _where, rank=4, most=80),
        )  # fmt: skip

    def rows_of(self, content: SourcesPage) -> Sequence[Row]:
        """Return the sources that are followed, here or by another process."""
        return rows_of(self.snapshot.sources if self.snapshot else (), content)

    def key_of(self, row: Row) -> str:
        """Return the source's name."""
        return row.status.name

    def why_empty(self, content: SourcesPage) -> str:
        """Say why there is none."""
        return "no source is read: [sources] only and off decide which are"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, and how many fail."""
        modes = [one.mode for one in snapshot.sources]
        here = len(modes) - modes.count(SourceMode.ABSENT)
        line: Line = [(f"{self.TITLE} · {here} of {len(modes)} here", inks.text)]
        if failing := modes.count(SourceMode.ERROR):
            line.append((f" · {failing} failing", inks.error))
        return line

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Say how far history is read."""
        progress = snapshot.progress
        if progress is None:
            return []
        share = progress.done_bytes / max(1, progress.total_bytes)
        return [(f"reading history · {fmt.percent(share)}", inks.accent)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is counted."""
        return (
            "Files are logs as the last walk over the folders found them. Requests, conversations "
            "read and what was left out are what the store holds of the source, also of logs that "
            "are gone; these counts are some seconds old at most.",
        )
