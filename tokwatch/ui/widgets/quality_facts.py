"""The panel that opens on a measure, a share or a kind of error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.glyphs import CURSOR
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, under_cursor
from tokwatch.ui.quality_lines import Entry, Look, Of
from tokwatch.ui.viewport import Excerpt
from tokwatch.ui.widgets.painted import Pane, quiet


class QualityFacts(Pane, can_focus=True):
    """Lines to read; those about a session can be chosen and opened."""

    ALLOW_MAXIMIZE = False
    HELP = """
    # All of it
    The definition, the exact figures, who tells them, and the single values or errors behind
    them. `enter` on one goes to its session.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="row.open", tooltip="Open the selected line"),
        quiet("j,down", "move(1)", "Down", "row.down", "The next line"),
        quiet("k,up", "move(-1)", "Up", "row.up", "The line before"),
        quiet("pagedown", "page(1)", "Page down", "row.page-down", "A screen further"),
        quiet("pageup", "page(-1)", "Page up", "row.page-up", "A screen back"),
        quiet("home,g", "move(-1000000)", "First", "row.first", "The first line"),
        quiet("end,G", "move(1000000)", "Last", "row.last", "The last line"),
    ]

    class Opened(Message):
        """The session of a line is wanted."""

        def __init__(self, of: Of) -> None:
            super().__init__()
            self.of = of

    def __init__(self, name: str, entries: Callable[[Look], Iterable[Entry]]) -> None:
        super().__init__()
        self._label, self._entries = name, entries
        self._lines: list[Entry] = []
        self._excerpt = Excerpt()
        self._chosen: int | None = None
        """Number of the selected line; None until one is."""

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name of what is shown."""
        return [(self._label, inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the visible lines."""
        titles = {source.name: source.title for source in snapshot.sources}
        look = Look(size.width - 1, snapshot.zone, titles, inks)
        self._lines = list(self._entries(look))
        self._excerpt.fit(len(self._lines), size.height)
        first, last = self._excerpt.top, self._excerpt.top + size.height
        return [
            self._line(place, size.width, inks)
            for place in range(first, min(last, len(self._lines)))
        ]

    def _line(self, place: int, width: int, inks: Inks) -> Line:
        line, of = self._lines[place]
        if of is None:
            return line
        if place != self._chosen:
            return [(" ", inks.text), *line]
        return under_cursor([(CURSOR, inks.accent), *line], width, inks)

    def thumb(self) -> tuple[int, int] | None:
        """Return the handle of the scroll bar."""
        return self._excerpt.thumb()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `enter` to the panel while no line is selected."""
        return action != "open" or self._chosen is not None

    def action_open(self) -> None:
        """Go to the session of the selected line."""
        of = None if self._chosen is None else self._lines[self._chosen][1]
        if of is not None:
            self.post_message(self.Opened(of))

    def action_move(self, steps: int) -> None:
        """Select another line that can be opened; where there is none, scroll."""
        places = [place for place, (_, of) in enumerate(self._lines) if of is not None]
        here = -1 if self._chosen is None else places.index(self._chosen)
        first_visible = any(place < self._excerpt.top + self._excerpt.height for place in places)
        if not places or here + steps < 0 or (here < 0 and not first_visible and abs(steps) == 1):
            self._scroll(steps)
            return
        self._chosen = places[max(0, min(len(places) - 1, here + steps))]
        self._excerpt.reveal(self._chosen, self._chosen)
        self.redraw()
        self.screen.refresh_bindings()

    def action_page(self, pages: int) -> None:
        """Scroll by a screen."""
        self._scroll(pages * self._excerpt.height)

    def on_click(self, event: events.Click) -> None:
        """Select the clicked line; a second click opens it."""
        place = self._excerpt.top + event.y - 1
        if event.y > 0 and self._excerpt.shows(place) and self._lines[place][1]:
            self._chosen = place
            self.redraw()
            self.screen.refresh_bindings()
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def _scroll(self, lines: int) -> None:
        self._excerpt.scroll(lines)
        if lines < 0 and self._chosen is not None:
            self._chosen = None
            self.screen.refresh_bindings()
        self.redraw()

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say that the lines themselves tell it."""
        return ("Every line is of the range that was shown when the panel opened.",)
