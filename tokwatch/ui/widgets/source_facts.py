"""One source: its folders, what was read of them, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final, cast

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot, SourceMode
from tokwatch.pages.sources import NO_STORE, SourcesPage
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.source_words import MEANINGS, MODES, Row, rows_of, troubles, wrapped
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp

NAME: Final = 10
"""Cells of a fact's name."""


class SourceFacts(PagePane[SourcesPage], can_focus=True):
    """The source under the table's cursor."""

    TITLE = "source"
    KIND = SourcesPage
    EMPTY = NO_STORE
    NUMBER = "source"
    HELP = """
    # One source
    Where it is looked for, how it is followed, its newest request with the log that tells of it,
    and what of its logs could not be counted. Of a record of an unknown shape only the names of
    its fields are shown, never a value.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.source = ""

    def show(self, source: str) -> None:
        """Show another source."""
        if source != self.source:
            self.source = source
            self.redraw()

    @property
    def tokwatch(self) -> TokwatchApp:
        """The application, as what it is."""
        return cast("TokwatchApp", self.app)

    @property
    def row(self) -> Row | None:
        """The shown source."""
        if self.content is None or self.snapshot is None:
            return None
        rows = rows_of(self.snapshot.sources, self.content)
        return next((row for row in rows if row.status.name == self.source), None)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the source's name."""
        row = self.row
        return [(row.status.title if row else self.TITLE, inks.text)]

    def page(self, content: SourcesPage, size: Size, inks: Inks) -> list[Line]:
        """Return the facts."""
        row = self.row
        if row is None:
            return [[("choose a source in the table above", inks.muted)]]
        return [line for part in self._parts(row, size, inks) for line in part]

    def _parts(self, row: Row, size: Size, inks: Inks) -> Iterator[list[Line]]:
        status, counts = row.status, row.counts
        mode = f"{MODES[status.mode]}: {MEANINGS[status.mode]}"
        bad = status.mode is SourceMode.ERROR
        if bad:
            mode += f", the next walk does within {self.tokwatch.config.sources.walk_seconds:g} s"
        yield _fact("state", mode, size.width, inks.error if bad else inks.text, inks)
        if status.error:
            error = fmt.from_home(fmt.clean(status.error))
            yield _fact("error", error, size.width, inks.error, inks)
        if status.endpoints:
            yield _fact("endpoint", ", ".join(status.endpoints), size.width, inks.text, inks)
        yield from self._roots(row, size, inks)
        held = f"{counted(status.files, 'file')} here, {counts.files:,} ever read"
        held += f" · {counted(status.events, 'request')}"
        if counts.conversations:
            held += f" · {counted(counts.conversations, 'conversation')} read"
        yield _fact("holds", held, size.width, inks.text, inks)
        if counts.newest is not None and row.newest is not None and self.snapshot is not None:
            at = fmt.moment(row.newest, self.now, self.snapshot.zone)
            place = fmt.from_home(fmt.clean(counts.newest.path))
            yield _fact("newest", f"{at} in {place}", size.width, inks.text, inks)
        told = list(troubles(counts))
        if told:
            yield _fact("left out", " · ".join(told), size.width, inks.warning, inks)
        if counts.sample:
            fields = f"fields of one such record: {fmt.clean(counts.sample)}"
            yield _fact("", fields, size.width, inks.muted, inks)
        if not told and counts.files:
            yield _fact("left out", "nothing", size.width, inks.muted, inks)

    def _roots(self, row: Row, size: Size, inks: Inks) -> Iterator[list[Line]]:
        """Yield its folders; of one that followers know nothing of, that."""
        roots = row.status.roots
        if not roots and not row.status.endpoints:
            follows = self.snapshot is not None and self.snapshot.follower_of is not None
            told = "another process reads it; its own screen shows the folders"
            if not follows:
                told = f'none on this machine; [sources.paths] {row.status.name} = ["FOLDER"]'
            yield _fact("folders", told, size.width, inks.muted, inks)
        for number, root in enumerate(sorted(roots, key=lambda root: not root.found)):
            name = ("folders" if len(roots) > 1 else "folder") if number == 0 else ""
            path = fmt.from_home(fmt.clean(root.path))
            word = root.error or ("" if root.found else "not found")
            ink = inks.error if root.error else inks.text if root.found else inks.muted
            yield _fact(name, f"{path}{'  ' + word if word else ''}", size.width, ink, inks)

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the audit is about."""
        row = self.row
        name = row.status.title if row else "a source"
        return (
            f"All that the store holds of {name}, of all time: what was read, what was merged and "
            "left out and why, and how sure the counts are.",
        )


def _fact(name: str, text: str, width: int, ink: Style, inks: Inks) -> list[Line]:
    """Return a name and a text beside it, in as many lines as it takes."""
    lines: list[Line] = []
    for number, part in enumerate(wrapped(text, width, NAME)):
        lines.append([(f"{'' if number else name:<{NAME}}", inks.muted), (part, ink)])
    return lines
