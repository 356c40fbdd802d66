"""A report as text: a table that fits the terminal, Markdown or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tokwatch.analysis.calendar import instant
from tokwatch.cli.money import usd
from tokwatch.cli.named import shown_model
from tokwatch.cli.report_forms import csv_cell
from tokwatch.cli.report_rows import KINDS, Report
from tokwatch.model.units import NANO
from tokwatch.model.usage import Usage
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.analysis.blocks import Block
    from tokwatch.cli.report_sections import Section


class Line(NamedTuple):
    """A row of any report, as it is printed."""

    name: str
    models: tuple[str, ...]
    requests: int
    """Of a block: its entries, some of which are none."""
    input: int
    output: int
    cache_write: int
    cache_read: int
    total: int
    nano: int
    unpriced: int
    lower_bound: int
    derived: int


class Column(NamedTuple):
    """A column of figures."""

    title: str
    brief: str
    """Its title where the figures are brief too."""
    figure: Callable[[Line], int]


COLUMNS = (
    Column("input", "input", lambda line: line.input),
    Column("output", "output", lambda line: line.output),
    Column("cache write", "write", lambda line: line.cache_write),
    Column("cache read", "read", lambda line: line.cache_read),
    Column("total", "total", lambda line: line.total),
)
_DOUBTS = ("unpriced_tokens", "lower_bound_requests", "derived_requests")
"""What CSV tells last, where tables have marks."""
LEAST_WIDTH = 10
"""A name is not cut to less than this, nor the list of models."""
NAME_WIDTH = 24
"""Nor is a name cut to less than this for the sake of exact figures."""
Table = list[list[str]]


def table_text(report: Report, is_subscription: bool, width: int) -> str:
    """Return a table; figures are exact where the width allows it, else to three digits."""
    lines = _lines(report)
    if not lines:
        return "No usage found.\n"
    table = _table(lines, report, is_subscription, is_exact=True)
    if _least_width(table) > width:
        table = _table(lines, report, is_subscription, is_exact=False)
    return _ruled(_fitted(table, width)) + _below(report, lines)


def markdown_text(report: Report, is_subscription: bool) -> str:
    """Return a Markdown table with exact figures."""
    lines = _lines(report)
    table = _table(lines, report, is_subscription, is_exact=True)
    table.insert(1, ["---", "---", *["---:"] * (len(table[0]) - 2)])
    rows = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in table)
    return "".join(f"| {row} |\n" for row in rows) + _below(report, lines)


def section_of(report: Report, is_subscription: bool) -> Section:
    """Return the report as a table with exact figures, for a page."""
    from tokwatch.cli.report_sections import Section

    lines = _lines(report)
    heads, *rows = _table(lines, report, is_subscription, is_exact=True)
    largest = max((line.nano for line in lines), default=0)
    return Section(
        "",
        tuple(heads),
        tuple(map(tuple, rows)) if lines else (),
        tuple(_notes(report, lines)) if lines else ("No usage found.",),
        names=2,
        has_total=True,
        shares=tuple(line.nano / largest if largest else 0.0 for line in lines),
    )


def csv_text(report: Report) -> str:
    """Return comma-separated values: plain integers, and dollars with all their digits."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    names = [column.title.replace(" ", "_") + "_tokens" for column in COLUMNS]
    kind = KINDS[report.ask.kind]
    title, count = kind.title.replace(" ", "_"), "entries" if kind.rows == "blocks" else "requests"
    write([title, "models", *names, "cost_usd", count, *_DOUBTS])
    for line in _lines(report):
        figures = [column.figure(line) for column in COLUMNS]
        head = map(csv_cell, (line.name, " ".join(line.models)))
        doubts = (line.requests, line.unpriced, line.lower_bound, line.derived)
        write([*head, *figures, f"{line.nano / NANO:.9f}", *doubts])
    return out.getvalue()


def _lines(report: Report) -> list[Line]:
    if KINDS[report.ask.kind].rows == "blocks":
        return [_block_line(block, report) for block in report.blocks if not block.is_gap]
    return [
        _line(
            row.name.partition("\0")[2] or row.name,
            () if report.ask.kind == "model" else row.models,
            row.usage,
            report,
        )
        for row in report.rows
    ]


def _line(name: str, models: Iterable[tuple[str, Usage]], usage: Usage, report: Report) -> Line:
    mode = report.ask.mode
    return Line(
        printable(name) or "(none)",
        tuple(printable(model) for model, _ in models),
        usage.requests,
        *(usage.input, usage.output, usage.cache_write, usage.cache_read, usage.total),
        usage.cost_nano(mode),
        usage.missing(mode),
        usage.lower_bound,
        usage.derived,
    )


def _block_line(block: Block, report: Report) -> Line:
    start = _local(block.start_ms, report)
    mark = " active" if block.is_active(report.ask.now_ms) else ""
    return Line(
        f"{start:%Y-%m-%d %H:%M}{mark}",
        tuple(map(printable, block.models)),
        block.entries,
        *(block.input, block.output, block.cache_write, block.cache_read, block.total),
        *(block.nano, block.uncosted, block.lower_bound, block.derived),
    )


def _local(at_ms: int, report: Report) -> datetime:
    return instant(at_ms).astimezone(report.ask.zone)


def _total(lines: Sequence[Line]) -> Line:
    nothing = Line("", (), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    figures = zip(*(line[2:] for line in [nothing, *lines]), strict=True)
    return Line("total", (), *map(sum, figures))


def _table(
    lines: Sequence[Line], report: Report, is_subscription: bool, *, is_exact: bool
) -> Table:
    """Return the cells of the table: its head, its lines and their total."""
    titles = [column.title if is_exact else column.brief for column in COLUMNS]
    models = "models" if any(line.models for line in lines) else ""
    money = "API-equivalent" if is_subscription else "cost"
    heads = [KINDS[report.ask.kind].title, models, *titles, money]
    return [heads, *(_cells(line, is_exact) for line in [*lines, _total(lines)])]


def _cells(line: Line, is_exact: bool) -> list[str]:
    figures = [column.figure(line) for column in COLUMNS]
    return [
        line.name,
        ", ".join(line.models if is_exact else map(shown_model, line.models)),
        *(f"{figure:,}" if is_exact else short(figure) for figure in figures),
        _money(line),
    ]


def _money(line: Line) -> str:
    """Return the cost, marked where it is a lower bound, derived or lacks a price."""
    if line.unpriced and not line.nano:
        return "unpriced"
    marks = "≥" if line.lower_bound or line.unpriced else ""
    marks += "~" if line.derived else ""
    return f"{marks}{usd(line.nano)}{'+?' if line.unpriced else ''}"


def short(count: int) -> str:
    """Return a count to three digits."""
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        # 999,500 would round to 1,000k: the next unit begins there.
        if count >= size * 0.9995:
            figure = count / size
            return f"{figure:.{2 if figure < 9.995 else 1 if figure < 99.95 else 0}f}{unit}"
    return str(count)


def _widths(table: Table) -> list[int]:
    return [max(map(len, column)) for column in zip(*table, strict=True)]


def _least_width(table: Table) -> int:
    """Return how wide the table is at least, with names and models cut."""
    names, models, *figures = _widths(table)
    return sum((min(names, NAME_WIDTH), min(models, LEAST_WIDTH), *figures)) + 2 * len(figures) + 2


def _fitted(table: Table, width: int) -> Table:
    """Cut names and models to what the figures leave of the width; no room, no models."""
    widths = _widths(table)
    room = width - sum(widths[2:]) - 2 * (len(widths) - 1)
    if room < 2 * LEAST_WIDTH:
        name = max(LEAST_WIDTH, room + 2)
        return [[_cut(row[0], name), *row[2:]] for row in table]
    name = min(widths[0], max(LEAST_WIDTH, room - min(widths[1], LEAST_WIDTH)))
    models = max(LEAST_WIDTH, room - name)
    return [[_cut(row[0], name), _cut(row[1], models), *row[2:]] for row in table]


def _cut(text: str, width: int) -> str:
    """Return text that fits; a path keeps its end, which tells it from others."""
    if len(text) <= width:
        return text
    return f"…{text[1 - width :]}" if "/" in text else f"{text[: width - 1]}…"


def _ruled(table: Table) -> str:
    """Return the table aligned, with rules below its head and above its total."""
    widths = _widths(table)
    rows = [
        "  ".join(
            cell.rjust(size) if place > len(row) - 2 - len(COLUMNS) else cell.ljust(size)
            for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    rule = "─" * max(map(len, rows))
    return "\n".join([rows[0], rule, *rows[1:-1], rule, rows[-1], ""])


def _below(report: Report, lines: Sequence[Line]) -> str:
    return "".join(f"\n{note}\n" for note in _notes(report, lines))


def _notes(report: Report, lines: Sequence[Line]) -> list[str]:
    """Return what the marks mean, and what is billed but in no transcript."""
    notes = []
    if any(line.lower_bound for line in lines):
        notes.append("≥ some answers were logged unfinished: these sums are lower bounds")
    if any(line.derived for line in lines):
        notes.append("~ some requests are derived from the running totals that their tool keeps")
    if any(line.unpriced for line in lines):
        notes.append("+? some models have no known price: see `tokwatch doctor`")
    if report.hidden is not None:
        cost = _money(_line("", (), report.hidden, report))
        notes.append(
            f"Not in these sums: calls that no transcript shows, at least {cost} "
            f"and {short(report.hidden.total)} tokens in "
            f"{counted(len(report.hidden_sessions), 'session')}"
        )
    return notes
