"""How an explanation looks: what a number means, what it rests on, and each of its requests."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.geometry import Size

from tokwatch.analysis.audit import Audit
from tokwatch.errors import TokwatchError
from tokwatch.model.evidence import Number, Shown
from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.evidence_lines import Look, doubts_of, event_line, places_of, read_from, sums_of
from tokwatch.ui.glyphs import CURSOR
from tokwatch.ui.grounds import ground_of
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, under_cursor
from tokwatch.ui.viewport import Excerpt
from tokwatch.ui.widgets.painted import Pane

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class ExplanationLines(Pane):
    """Asks the feed once for what the number of a pane rests on, and draws that."""

    ALLOW_MAXIMIZE = False

    def __init__(self, about: Pane) -> None:
        super().__init__()
        self._about = about
        self._row: SessionRow | None = None
        if about.NUMBER == Number.AGENT:
            self._row = getattr(about, "row", None)
        self._audit: Audit | None = None
        self._waits = False
        self._trouble = ""
        self._index = 0
        self._open: set[int] = set()
        self._excerpt = Excerpt()
        self._requests: list[int | None] = []
        """For each line, drawn or not, the request that it is about."""

    def on_mount(self) -> None:
        snapshot = cast("TokwatchApp", self.app).snapshot
        shown = None if snapshot is None else ground_of(self._about, snapshot)
        if shown is not None:
            self._waits = True
            read = partial(self._read, shown)
            self.run_worker(read, group="explain", thread=True, exit_on_error=False)

    def _read(self, shown: Shown) -> None:
        """Read in a thread what the number rests on."""
        app = cast("TokwatchApp", self.app)
        audit, trouble = None, "The store could not be read."
        try:
            audit, trouble = app.feed.explain(shown), ""
        except TokwatchError as error:
            trouble = error.message
        finally:
            app.call_from_thread(self._take, audit, trouble)

    def _take(self, audit: Audit | None, trouble: str) -> None:
        self._audit, self._trouble, self._waits = audit, trouble, False
        if self.is_attached:
            self.redraw()
            self.refresh_bindings()

    def watch_snapshot(self) -> None:
        """Follow the picture only while nothing exact is shown of one moment."""
        if self._audit is None:
            self.redraw()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name of the explained number."""
        name = f"session {fmt.clean(self._row.label)}" if self._row else self._about.TITLE
        return [(f"{name} · where this comes from", inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the visible lines: the definition, the sums, the requests."""
        lines: list[Line] = []
        for sentence in self._about.meaning(snapshot):
            lines += [[(line, inks.text)] for line in textwrap.wrap(sentence, size.width)]
            lines.append([])
        if self._audit is not None:
            config = cast("TokwatchApp", self.app).config
            titles = {source.name: source.title for source in snapshot.sources}
            look = Look(config.prices.mode, snapshot.zone, titles, size.width, inks)
            lines += sums_of(self._audit, look)
            self._requests = [None] * len(lines)
            self._list(self._audit, look, lines)
        else:
            told = "reading …" if self._waits else self._trouble
            lines += [[(told, inks.muted if self._waits else inks.warning)], []] if told else []
            lines += [*read_from(snapshot, inks), [], *doubts_of(snapshot, size.width, inks)]
            self._requests = [None] * len(lines)
        self._excerpt.fit(len(lines), size.height)
        return lines[self._excerpt.top :]

    def _list(self, audit: Audit, look: Look, lines: list[Line]) -> None:
        """Add the requests to the lines, the open ones with all that is known of them."""
        for index, event in enumerate(audit.events):
            line = event_line(event, look)
            chosen = index == self._index
            marked: Line = [(CURSOR, look.inks.accent) if chosen else (" ", look.inks.text), *line]
            lines.append(under_cursor(marked, look.width, look.inks) if chosen else marked)
            lines += places_of(event, look) if event.key in self._open else []
            self._requests += [index] * (len(lines) - len(self._requests))

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the explained pane's own words."""
        return self._about.meaning(snapshot)

    def thumb(self) -> tuple[int, int] | None:
        """Return the handle of the scroll bar."""
        return self._excerpt.thumb()
