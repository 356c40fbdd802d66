"""Endpoints beside the sessions: a line each, what fails first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.gateway import Gateway
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.endpoint_words import BAD, GLYPHS, EndpointLine, newest_of, since, told_of
from tokwatch.ui.glyphs import CURSOR
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.table import TableColumn, fitted, text_cell

MOST: Final = 3
"""Lines at most: the sessions need the room."""


def _state(one: Gateway, width: int, inks: Inks) -> Line:
    word = EndpointLine(one.health).state
    ink = inks.error if word in BAD else inks.good if word == "polled" else inks.muted
    if width == 1:
        return [(GLYPHS[word], ink)]
    return [(f"{GLYPHS[word]} ", ink), (fmt.fit(word, width - 2), inks.muted)]


def _name(one: Gateway, width: int, inks: Inks) -> Line:
    return text_cell(one.health.name, width, inks.text)


def _number(
    words: Callable[[Gateway], tuple[str, str]], one: Gateway, width: int, inks: Inks
) -> Line:
    """Return a value and what it is of, which is left out where nothing is known."""
    value, unit = words(one)
    room = width - len(unit) - 1
    if not value:
        return [
            (fmt.fit(fmt.NOTHING, room, right=True), inks.muted),
            (" " * (width - room), inks.muted),
        ]
    return [(fmt.fit(value, room, right=True), inks.text), (f" {unit}", inks.muted)]


def _through(one: Gateway) -> tuple[str, str]:
    if one.tokens_per_minute is None and one.requests_per_minute is not None:
        return f"{one.requests_per_minute:,.1f}", "req/min"
    tokens = one.tokens_per_minute
    return "" if tokens is None else fmt.count(round(tokens)), "tok/min"


def _hits(one: Gateway) -> tuple[str, str]:
    return "" if one.hit_rate is None else fmt.percent(one.hit_rate), "hits"


def _queue(one: Gateway) -> tuple[str, str]:
    if one.running is None and one.waiting is None:
        return "", "run/wait"
    told = ["–" if value is None else f"{value:,.0f}" for value in (one.running, one.waiting)]
    return "/".join(told), "run/wait"


def _spend(one: Gateway) -> tuple[str, str]:
    return "" if one.spend_nano is None else fmt.money(one.spend_nano), "in 24h"


def _left(one: Gateway) -> tuple[str, str]:
    return "" if one.left_nano is None else fmt.money(one.left_nano), "left"


def _age(now_ms: int, one: Gateway, width: int, inks: Inks) -> Line:
    told = since(newest_of(one.health.parts, "succeeded_ms"), now_ms)
    return text_cell(told if told == fmt.NOTHING else f"{told} ago", width, inks.muted, right=True)


AGE: Final = 8
"""Cells of "12m ago"."""
NARROW: Final = 70
"""Cells below which a state is its glyph alone, and names are short."""
NUMBERS: Final = (
    TableColumn("through", 14, partial(_number, _through)),
    TableColumn("hits", 9, partial(_number, _hits), rank=1),
    TableColumn("queue", 16, partial(_number, _queue), rank=3),
    TableColumn("spend", 15, partial(_number, _spend), rank=2),
    TableColumn("left", 13, partial(_number, _left), rank=4),
)


class Gateways(Pane, can_focus=True):
    """A few lines; not there where no endpoint is configured."""

    TITLE = "gateways"
    HELP = """
    # Gateways
    A line for each endpoint of `[endpoint.NAME]`: how it does, tokens a minute over the last five
    minutes, cache hits, requests running and waiting, what it says was spent in 24 hours, what is
    left of its tightest budget, and how long ago it answered. One that fails says why, and stands
    first. `enter` opens it on screen `9`, where it is tested, paused and changed.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="row.open", tooltip="Open the selected line"),
        Binding("j,down", "move(1)", "Down", show=False, id="row.down", tooltip="The next line"),
        Binding("k,up", "move(-1)", "Up", show=False, id="row.up", tooltip="The line before"),
    ]

    class Opened(Message):
        """An endpoint was asked for in detail."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    _chosen = ""

    @property
    def _rows(self) -> tuple[Gateway, ...]:
        return self.snapshot.gateways if self.snapshot else ()

    @property
    def _index(self) -> int:
        names = [one.health.name for one in self._rows]
        return names.index(self._chosen) if self._chosen in names else 0

    def watch_snapshot(self) -> None:
        """Be as high as there are lines, or not be there."""
        shown = min(MOST, len(self._rows))
        for number in range(1, MOST + 1):
            self.set_class(number == shown, f"-lines-{number}")
        self.redraw()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, and how many fail."""
        line: Line = [(f"{self.TITLE} · {len(self._rows)}", inks.text)]
        if failing := sum(one.health.worst is not None for one in self._rows):
            line.append((f" · {failing} failing", inks.error))
        return line

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the lines around the chosen one."""
        first = max(0, min(self._index - size.height + 1, len(self._rows) - size.height))
        shown = self._rows[first : first + size.height]
        now_ms = epoch_ms(self.now)
        is_narrow = size.width < NARROW
        longest = max((len(one.health.name) for one in shown), default=0)
        names = (
            TableColumn("state", 1 if is_narrow else 12, _state),
            TableColumn("name", min(longest, 12 if is_narrow else 20), _name),
        )
        return [self._line(one, names, now_ms, size.width, inks) for one in shown]

    def _line(
        self,
        one: Gateway,
        names: tuple[TableColumn[Gateway], ...],
        now_ms: int,
        width: int,
        inks: Inks,
    ) -> Line:
        is_chosen = self.has_focus and one is self._rows[self._index]
        line: Line = [(CURSOR if is_chosen else " ", inks.accent)]
        numbers = () if one.health.worst else NUMBERS
        for column, room in fitted((*names, *numbers), width - AGE - 3):
            line += [*column.draw(one, room, inks), (" ", inks.text)]
        told = fmt.clean(told_of(EndpointLine(one.health))) if one.health.worst else ""
        rest = max(0, width - width_of(line) - AGE - 1)
        line += [(fmt.fit(told, rest), inks.error), (" ", inks.text)]
        return [*line, *_age(now_ms, one, AGE, inks)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "What endpoints tell of themselves, as it was polled: growth of counters over five "
            "minutes, gauges of the last 15 minutes, and of sums the buckets that began within "
            "24 hours. Reports of one endpoint overlap, so the largest speaks. What it does not "
            "tell is a dash.",
            "None of it is added to the requests and costs of the sessions: both tell of the same "
            "use.",
        )

    def action_open(self) -> None:
        """Show the chosen endpoint in detail."""
        if self._rows:
            self.post_message(self.Opened(self._rows[self._index].health.name))

    def action_move(self, lines: int) -> None:
        """Choose another line."""
        if self._rows:
            index = max(0, min(self._index + lines, len(self._rows) - 1))
            self._chosen = self._rows[index].health.name
            self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked line, open it on the second click."""
        height = max(1, self.size.height - 2)
        first = max(0, min(self._index - height + 1, len(self._rows) - height))
        if 1 <= event.y <= height:
            self.action_move(first + event.y - 1 - self._index)
            if event.chain == 2:
                self.action_open()
