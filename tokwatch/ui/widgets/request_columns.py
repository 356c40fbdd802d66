"""The columns that lists of requests share; rows that are no request leave them empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from textual.app import App

from tokwatch.analysis.calendar import instant
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import CostMode, Usage
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import TableColumn, text_cell

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp

Row = TypeVar("Row")
UsageOf = Callable[[Row], Usage | None]
"""Return what a row used; None where it tells nothing of tokens."""

COUNTS: Final = (("new", "input", 2), ("read", "cache_read", 3), ("written", "cache_write", 6),
                 ("out", "output", 2))  # fmt: skip
"""Heading, class of tokens and rank."""


def mode_of(app: App[Any]) -> CostMode:
    """Return which of the two costs counts now."""
    return CostMode(cast("TokwatchApp", app).config.prices.mode)


def count_columns(of: UsageOf[Row]) -> Sequence[TableColumn[Row]]:
    """Return a column for each class of tokens."""
    return [
        TableColumn(name, 7, partial(_count, of, field), rank=rank, right=True,
                    order=partial(_number, of, field))
        for name, field, rank in COUNTS
    ]  # fmt: skip


def cost_column(of: UsageOf[Row], mode: CostMode) -> TableColumn[Row]:
    """Return the column of the cost that counts."""
    return TableColumn("cost", 9, partial(_cost, of, mode), right=True,
                       order=lambda row: _nano(of(row), mode))  # fmt: skip


def _number(of: UsageOf[Row], field: str, row: Row) -> int:
    usage = of(row)
    return -1 if usage is None else int(getattr(usage, field))


def _count(of: UsageOf[Row], field: str, row: Row, width: int, inks: Inks) -> Line:
    usage = of(row)
    number: int = 0 if usage is None else getattr(usage, field)
    text = "" if usage is None else fmt.count(number) if number else fmt.NOTHING
    return text_cell(text, width, inks.text if number else inks.muted, right=True)


def _nano(usage: Usage | None, mode: CostMode) -> int:
    return -1 if usage is None else usage.cost_nano(mode)


def _cost(of: UsageOf[Row], mode: CostMode, row: Row, width: int, inks: Inks) -> Line:
    usage = of(row)
    if usage is None:
        return text_cell("", width, inks.muted)
    missing = usage.missing(mode)
    text = precise_cost(usage, mode, width)
    return text_cell(text, width, inks.warning if missing else inks.strong, right=True)


def precise_cost(usage: Usage, mode: CostMode, width: int = 99) -> str:
    """Return the cost of one request, with as many decimals as say something of it."""
    nano = usage.cost_nano(mode)
    if usage.missing(mode) and not nano:
        return fmt.UNPRICED
    marks = ("≥" if usage.lower_bound else "") + ("~" if usage.derived else "")
    text = f"{marks}{fmt.money(nano, 4)}"
    return text if len(text) <= width else f"{marks}{fmt.narrow_money(nano, width - len(marks))}"


def time_text(at_ms: int, zone: str, *, with_day: bool) -> str:
    """Return the local time of a request."""
    at = instant(at_ms).astimezone(fmt.zone(zone))
    return f"{at:%d %b %H:%M:%S}" if with_day else f"{at:%H:%M:%S}"


def event_columns(zone: str, mode: CostMode, *, with_day: bool) -> Sequence[TableColumn[EventFact]]:
    """Return the columns of a list of requests."""

    def of(event: EventFact) -> Usage:
        return event.usage

    def cell(text: Callable[[EventFact], str], ink: str) -> Callable[[EventFact, int, Inks], Line]:
        return lambda event, width, inks: text_cell(text(event), width, getattr(inks, ink))

    return (
        TableColumn("time", 15 if with_day else 8,
                    cell(lambda one: time_text(one.instant_ms, zone, with_day=with_day), "muted"),
                    order=lambda one: one.instant_ms),
        TableColumn("source", 11, cell(lambda one: one.scope.source, "muted"), rank=7),
        TableColumn("session", 16, cell(session_text, "text"), rank=4),
        TableColumn("project", 10, cell(project_text, "text"), rank=5, most=24),
        TableColumn("model", 10, cell(model_text, "text"), rank=1, most=22),
        *count_columns(of),
        cost_column(of, mode),
    )  # fmt: skip


def session_text(event: EventFact) -> str:
    """Return the begin of the session's id, and whether a sub-agent made the request."""
    return event.scope.session[:8] + (" └ agent" if event.scope.agent else "")


def project_text(event: EventFact) -> str:
    """Return the project as its users call it."""
    return fmt.short_project(event.scope.project) or fmt.NOTHING


def model_text(event: EventFact) -> str:
    """Return the model as its users call it."""
    return fmt.short_model(event.model.name) or fmt.NOTHING
