"""The columns of the session table: which fit a width, and what each shows of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from tokwatch.model.snapshot import Context, SessionRow, SessionState
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge, spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.listing import Listed

STATE_WORDS: Final = 12
"""Width from which the state stands in words; below it is a glyph."""
TITLE_FROM: Final = 14
"""Width of the session column from which titles take the place of ids."""
BOTH_FROM: Final = 48
"""Width from which the id stands before the title."""


class Cell(Struct, frozen=True):
    """What a column needs to draw one row."""

    listed: Listed
    title: str
    now: datetime
    width: int
    inks: Inks

    @property
    def row(self) -> SessionRow:
        """The row of the snapshot."""
        return self.listed.row


class Column(Struct, frozen=True):
    """A column: its least width, and when it gives way to others."""

    name: str
    least: int
    rank: int
    """Columns of a higher rank are the first to go where the table is narrow."""
    draw: Callable[[Cell], Line]
    right: bool = False
    sort: str = ""
    since: int = 0
    """Width of the table from which it is there at all."""

    def heading(self, width: int, arrow: str = "") -> str:
        """Return the column's name in its width, with an arrow where the table is sorted by it."""
        if width < len(self.name):
            return " " * width
        name = f"{self.name} {arrow}" if arrow and width >= len(self.name) + 2 else self.name
        return fmt.fit(name, width, right=self.right)


def _session(cell: Cell) -> Line:
    row, inks = cell.row, cell.inks
    fold = "" if not cell.listed.children else ("▸ " if cell.listed.folded else "▾ ")
    more = f" +{cell.listed.children}" if cell.listed.folded else ""
    ink = inks.text if row.state is not SessionState.ENDED else inks.muted
    name = row.label
    if cell.title and cell.width >= TITLE_FROM:
        name = cell.title if cell.width < BOTH_FROM else f"{row.label}  {cell.title}"
    lead = cell.listed.guide + (fold or ("" if cell.listed.guide else "  "))
    room = max(1, cell.width - cell_len(lead) - len(more))
    return [(lead, inks.muted), (fmt.fit(name, room), ink), (more, inks.accent)]


def _project(cell: Cell) -> Line:
    name = fmt.short_project(cell.row.project) or fmt.NOTHING
    return [(fmt.fit(name, cell.width), cell.inks.text)]


def _model(cell: Cell) -> Line:
    return [(fmt.fit(fmt.short_model(cell.row.model) or fmt.NOTHING, cell.width), cell.inks.text)]


def share_of(context: Context) -> str:
    """Return how full a context is; `≈` where the window's size is only inferred."""
    sure = context.basis in ("logged", "configured")
    return f"{'' if sure else '≈'}{context.share * 100:.0f}%"


def _context(cell: Cell) -> Line:
    context, inks = cell.row.context, cell.inks
    if context is None:
        return [(fmt.fit(fmt.NOTHING, cell.width, right=True), inks.muted)]
    mark = {"warning": "!", "critical": "!!"}.get(context.level, "")
    label = f"{mark:>2}{share_of(context):>5}"
    ink = inks.context.get(context.level, inks.text)
    bar = cell.width - len(label)
    if bar < 4:
        return [(fmt.fit(label, cell.width, right=True), ink)]
    filled, empty = gauge(context.share, bar)
    return [(filled, ink), (empty, inks.frame), (label, ink)]


def _cost(cell: Cell) -> Line:
    row = cell.row
    text = fmt.cost(row.cost_nano, row.usage, cell.width)
    ink = cell.inks.warning if row.usage.uncosted_tokens else cell.inks.strong
    return [(fmt.fit(text, cell.width, right=True), ink)]


def _rate(cell: Cell) -> Line:
    nano = cell.row.nano_per_hour
    ink = cell.inks.text if nano >= NANO // 100 else cell.inks.muted
    return [(fmt.fit(fmt.rate(nano, cell.width), cell.width, right=True), ink)]


def _cache(cell: Cell) -> Line:
    hits = cell.row.usage.hit_rate
    ink = cell.inks.muted if hits is None else cell.inks.text
    return [(fmt.fit(fmt.percent(hits), cell.width, right=True), ink)]


def _trend(cell: Cell) -> Line:
    return [(spark(cell.row.trend_nano, cell.width), cell.inks.trend)]


def _tokens(cell: Cell) -> Line:
    total = fmt.count(cell.row.usage.total)
    return [(fmt.fit(total, cell.width, right=True), cell.inks.text)]


def _requests(cell: Cell) -> Line:
    requests = f"{cell.row.usage.requests:,}"
    return [(fmt.fit(requests, cell.width, right=True), cell.inks.text)]


def _source(cell: Cell) -> Line:
    return [(fmt.fit(cell.row.source, cell.width), cell.inks.muted)]


def state_of(row: SessionRow, now: datetime) -> tuple[str, str]:
    """Return a session's state as a glyph and in words."""
    if row.context is not None and row.context.level == "critical" and _lives(row):
        return "!", "near limit"
    if row.state is SessionState.LIVE:
        return "●", "live"
    if row.state is SessionState.IDLE:
        return "○", f"idle {fmt.age(row.last, now)}"
    return "·", f"ended {fmt.age(row.last, now)}"


def _lives(row: SessionRow) -> bool:
    return row.state is not SessionState.ENDED


def _state(cell: Cell) -> Line:
    glyph, words = state_of(cell.row, cell.now)
    inks = cell.inks
    ink = {"!": inks.error, "●": inks.good}.get(glyph, inks.muted)
    return [(fmt.fit(f"{glyph} {words}" if cell.width >= STATE_WORDS else glyph, cell.width), ink)]


COLUMNS: Final = (
    Column("session", 11, 0, _session, sort="session"),
    Column("project", 9, 3, _project, sort="project"),
    Column("model", 9, 4, _model, sort="model"),
    Column("context", 7, 1, _context, sort="context"),
    Column("cost", 9, 0, _cost, right=True, sort="cost"),
    Column("$/h", 7, 5, _rate, right=True, sort="$/h"),
    Column("cache", 5, 2, _cache, right=True, sort="cache"),
    Column("tokens", 7, 7, _tokens, right=True, sort="tokens", since=130),
    Column("requests", 8, 8, _requests, right=True, since=143),
    Column("source", 8, 9, _source, since=152),
    Column("trend 30m", 9, 6, _trend, since=110),
    Column("state", 1, 1, _state, sort="last"),
)
GROWTH: Final = (
    {"context": 13},
    {"state": STATE_WORDS},
    {"session": 22, "project": 11, "model": 11},
    {"session": 26, "project": 13, "model": 13},
    {"session": 36, "trend 30m": 15},
    {"project": 18, "model": 16, "source": 12, "context": 17},
    {"session": 60},
    {"project": 28, "model": 24, "context": 27},
    {"session": 200},
)
"""Where room that is left over goes, in this order."""


class Naming(Struct, frozen=True):
    """How wide the longest names are: no column is wider than what it shows."""

    project: int
    model: int

    def of(self, column: str) -> int:
        """Return the most that a column can use."""
        widest = {"project": self.project, "model": self.model}
        return max(len(column), widest.get(column, 999))


ANY_NAMES: Final = Naming(999, 999)


def naming(rows: Iterable[SessionRow]) -> Naming:
    """Return how wide the names in these rows are."""
    names = {(row.project, row.model) for row in rows}
    return Naming(
        max((cell_len(fmt.clean(fmt.short_project(project))) for project, _ in names), default=0),
        max((cell_len(fmt.clean(fmt.short_model(model))) for _, model in names), default=0),
    )


@lru_cache(maxsize=32)
def columns_for(width: int, names: Naming = ANY_NAMES) -> tuple[tuple[Column, int], ...]:
    """Return the columns that fit a width, each with its own."""
    widths: dict[str, int] = {}
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        least = min(column.least, names.of(column.name))
        taken = sum(widths.values())
        if taken + len(widths) + least > width or width < column.since:
            break
        widths[column.name] = least
    spare = width - sum(widths.values()) - len(widths) + 1
    for wanted in GROWTH:
        for name in [each for each in wanted if each in widths]:
            more = min(spare, max(0, min(wanted[name], names.of(name)) - widths[name]))
            if name == "state" and widths[name] + more < STATE_WORDS:
                continue
            widths[name], spare = widths[name] + more, spare - more
    return tuple((column, widths[column.name]) for column in COLUMNS if column.name in widths)
