"""All requests of one agent, in order, with what each one added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tokwatch.analysis.timeline import RequestLine
from tokwatch.model.caching import AVOIDABLE
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.request_columns import time_text
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


class SessionRequests(Table[SessionPage, RequestLine]):
    """One line a request; the cursor of the timeline is this table's."""

    TITLE = "requests"
    KIND = SessionPage
    HELP = """
    # Requests
    Every request of this agent, the oldest first: what it sent new, read from the cache, wrote
    to it and answered, how much more its prompt was than the one before (*grew*), what it cost,
    and why it did not find its prompt in the cache. `enter` shows all of it and its record.
    """

    follows = True
    """Whether the newest request has the cursor."""
    wanted: int | None = None
    """Key of the request to go to as soon as it is there."""

    def columns(self) -> Sequence[TableColumn[RequestLine]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        mode = self.content.mode if self.content else CostMode.AUTO
        with_day = bool(self.rows) and (
            self.rows[-1].request.instant_ms - self.rows[0].request.instant_ms >= DAY_MS
        )
        return (
            TableColumn("#", 4, _number, right=True),
            TableColumn("time", 15 if with_day else 8,
                        partial(_time, zone, with_day),
                        order=lambda line: line.request.instant_ms),
            TableColumn("new", 6, partial(_count, "input"), rank=2, right=True,
                        order=lambda line: line.request.cached.input),
            TableColumn("read", 6, partial(_count, "read"), rank=1, right=True,
                        order=lambda line: line.request.cached.cache_read or 0),
            TableColumn("written", 7, partial(_count, "written"), rank=3, right=True,
                        order=_written),
            TableColumn("out", 6, partial(_count, "output"), rank=4, right=True,
                        order=lambda line: line.request.output),
            TableColumn("grew", 7, _grew, rank=5, right=True,
                        order=lambda line: line.grew or 0),
            TableColumn("cost", 9, partial(_cost, mode), right=True,
                        order=lambda line: line.request.cost_nano(mode) or 0),
            TableColumn("cache", 9, self._cause, rank=6, most=26),
        )  # fmt: skip

    def _cause(self, line: RequestLine, width: int, inks: Inks) -> Line:
        broken = self.content.breaks.get(line.request.key) if self.content else None
        text = words.cause_words(broken)
        if line.cliff is not None and broken is None:
            text = "compaction"
        is_lost = broken is not None and broken.cause in AVOIDABLE
        return text_cell(("! " if is_lost else "") + text, width,
                         inks.warning if is_lost else inks.muted)  # fmt: skip

    def rows_of(self, content: SessionPage) -> Sequence[RequestLine]:
        """Return the requests, the oldest first."""
        return content.lines

    def key_of(self, row: RequestLine) -> str:
        """Return the event's key."""
        return str(row.request.key)

    def taken(self) -> None:
        """List a new page's requests; the newest keeps the cursor until it is moved away."""
        super().taken()
        if self.wanted is not None:
            if self.viewport.find(str(self.wanted)):
                self.follows, self.wanted = False, None
        elif self.follows and self.rows:
            self.viewport.select(len(self.rows) - 1)

    def go_to(self, key: int | None) -> None:
        """Put the cursor on a request, now or when it is listed; None follows the newest."""
        self.follows, self.wanted = key is None, key
        self.taken()
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Move the cursor; on the newest request it follows again."""
        super().action_move(lines)
        self.follows = self.viewport.index == len(self.rows) - 1
        self.wanted = None

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are."""
        return [("requests", inks.text), (f" · {len(self.rows):,}", inks.muted)]

    def why_empty(self, content: SessionPage) -> str:
        """Say why there is no row."""
        why = words.nothing_words(content)
        return why if content.pruned_nano is not None else f"{why}; n goes to now"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a line is."""
        return (
            "Each line is one event of the store: one billed request, as its log tells it. New is "
            "what was neither read from the cache nor written to it; grew is the prompt less the "
            "prompt before, which small requests to another model do not take part in.",
        )


def _number(line: RequestLine, width: int, inks: Inks) -> Line:
    return text_cell(f"{line.number}", width, inks.muted, right=True)


def _time(zone: str, with_day: bool, line: RequestLine, width: int, inks: Inks) -> Line:
    return text_cell(time_text(line.request.instant_ms, zone, with_day=with_day), width, inks.muted)


def _written(line: RequestLine) -> int:
    return line.request.cached.cache_write_5m + line.request.cached.cache_write_1h


def _count(name: str, line: RequestLine, width: int, inks: Inks) -> Line:
    told = line.request.cached
    if name == "read" and told.cache_read is None:
        return text_cell("n/a", width, inks.muted, right=True)
    number = {"input": told.input, "read": told.cache_read or 0, "written": _written(line)}.get(
        name, line.request.output
    )
    mark = "≥" if name == "output" and not line.request.is_final else ""
    text = f"{mark}{fmt.count(number)}" if number else fmt.NOTHING
    return text_cell(text, width, inks.text if number else inks.muted, right=True)


def _grew(line: RequestLine, width: int, inks: Inks) -> Line:
    if line.cliff is not None:
        return text_cell("↑", width, inks.warning, right=True)
    if line.grew is None:
        return text_cell(fmt.NOTHING, width, inks.muted, right=True)
    sign = "+" if line.grew > 0 else ""
    return text_cell(f"{sign}{fmt.count(line.grew)}", width, inks.text, right=True)


def _cost(mode: CostMode, line: RequestLine, width: int, inks: Inks) -> Line:
    cost = line.request.cost_nano(mode)
    if cost is None:
        return text_cell(fmt.UNPRICED, width, inks.warning, right=True)
    mark = ("" if line.request.is_final else "≥") + ("~" if line.request.cached.is_derived else "")
    text = f"{mark}{fmt.money(cost, 4)}"
    if len(text) > width:
        text = f"{mark}{fmt.narrow_money(cost, width - len(mark))}"
    return text_cell(text, width, inks.strong, right=True)
