"""Reads the rows of a report from the store."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.calendar import calendar_of, day_number
from tokwatch.analysis.periods import Period, Row, name_rows, period_rows
from tokwatch.analysis.sums import by_cost, total
from tokwatch.cli.named import MODEL, PROJECT, named, strangers
from tokwatch.errors import ConfigError
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.model.usage import NO_USAGE, CostMode, Dimension, Slice, Usage
from tokwatch.store.read.catalogue import (
    bounds,
    has_ledgers,
    log_counts,
    model_names,
    newest_ms,
    project_names,
)
from tokwatch.store.read.usage import usage
from tokwatch.store.view import View

if TYPE_CHECKING:
    from tokwatch.analysis.blocks import Block
    from tokwatch.store.read.sessions import Activity


class Kind(NamedTuple):
    """A kind of report: what it calls its list and the name of a row in it."""

    rows: str
    name: str
    title: str
    period: Period | None = None
    dimension: Dimension | None = None


KINDS: Final = {
    "daily": Kind("daily", "date", "day", period=Period.DAY),
    "weekly": Kind("weekly", "week", "week of", period=Period.WEEK),
    "monthly": Kind("monthly", "month", "month", period=Period.MONTH),
    "session": Kind("sessions", "sessionId", "session", dimension=Dimension.SESSION),
    "block": Kind("blocks", "id", "block"),
    "model": Kind("models", "modelName", "model", dimension=Dimension.MODEL),
    "project": Kind("projects", "project", "project", dimension=Dimension.PROJECT),
    "agent": Kind("agents", "agent", "agent", dimension=Dimension.KIND),
    "user": Kind("users", "user", "user", dimension=Dimension.USER),
    "key": Kind("keys", "key", "key", dimension=Dimension.KEY),
    "tool": Kind("tools", "tool", "tool"),
    "provider": Kind("providers", "provider", "provider", dimension=Dimension.PROVIDER),
    "source": Kind("sources", "source", "source", dimension=Dimension.SOURCE),
}


class Ask(Struct, frozen=True):
    """What a report is asked for."""

    kind: str
    zone_name: str
    zone: tzinfo
    since_day: int | None = None
    until_day: int | None = None
    """The last day that counts."""
    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    mode: CostMode = CostMode.AUTO
    week_starts: str = "monday"
    block_hours: int = 5
    now_ms: int = 0


class Report(Struct, frozen=True):
    """What was read: rows, or blocks, and what the whole comes to."""

    ask: Ask
    rows: tuple[Row, ...] = ()
    blocks: tuple[Block, ...] = ()
    sessions: dict[str, Activity] = field(default_factory=dict)
    """Where and when the sessions of a session report took place, by row name."""
    total: Usage = NO_USAGE
    models: tuple[tuple[str, Usage], ...] = ()
    hidden_sessions: dict[str, Usage] = field(default_factory=dict)
    """Billed calls that no transcript shows, by session; in none of the sums."""
    bad_lines: int = 0
    newest_ms: int = 0
    strangers: tuple[str, ...] = ()
    """In words: asked for names that no request has."""

    @property
    def hidden(self) -> Usage | None:
        """The hidden calls of all sessions together."""
        return total(self.hidden_sessions.values()) if self.hidden_sessions else None


LAST_DAY: Final = 2_900_000
"""In the year 9909: a day as late as that, or before 1970, only means that a range is open."""


def day_asked(option: str, text: str | None) -> int | None:
    """Return the day that an option names, or the nearest one of those there may be."""
    if text is None:
        return None
    try:
        return min(max(0, day_number(date.fromisoformat(text))), LAST_DAY)
    except ValueError as error:
        raise ConfigError(
            f"{option} {text!r} is not a date.", "Use YYYY-MM-DD or YYYYMMDD."
        ) from error


def read_report(view: View, ask: Ask) -> Report:
    """Read a report from the store."""
    ends = bounds(view)
    if ends is None:
        return Report(ask)
    calendar = calendar_of(ask.zone, ask.zone_name, ends[0] - DAY_MS, ends[1] + 2 * DAY_MS)
    part = part_of(view, ask, calendar, ends)
    counts = log_counts(view, part.sources)
    return replace(
        _read(view, ask, calendar, part),
        hidden_sessions=_hidden(view, part),
        bad_lines=sum(count.bad_lines + count.oversized_lines for count in counts),
        newest_ms=newest_ms(view),
        strangers=_strangers(view, ask),
    )


def _strangers(view: View, ask: Ask) -> tuple[str, ...]:
    models = strangers(MODEL, model_names(view), ask.models) if ask.models else []
    projects = strangers(PROJECT, project_names(view), ask.projects) if ask.projects else []
    return (*models, *projects)


def _read(view: View, ask: Ask, calendar: Calendar, part: Slice) -> Report:
    """Read the rows; what only some kinds need is imported for them alone."""
    kind = KINDS[ask.kind]
    if ask.kind == "block":
        from tokwatch.cli.report_blocks import read_blocks

        return Report(ask, blocks=read_blocks(view, ask, part), models=_models(view, ask, part))
    if ask.kind == "session":
        from tokwatch.cli.report_sessions import read_activity, read_sessions

        return report_of(
            ask, read_sessions(view, part, ask.mode), sessions=read_activity(view, part)
        )
    if kind.period is not None:
        cells = usage(view, part, (Dimension.DAY, Dimension.MODEL), calendar)
        return report_of(ask, period_rows(cells, kind.period, ask.mode, ask.week_starts))
    if ask.kind == "tool":
        from tokwatch.cli.report_tools import read_tools

        return report_of(ask, read_tools(view, ask, part))
    by = (kind.dimension or Dimension.MODEL, Dimension.MODEL)
    return report_of(ask, name_rows(usage(view, part, by, calendar), ask.mode))


def report_of(ask: Ask, rows: list[Row], sessions: dict[str, Activity] | None = None) -> Report:
    """Return the report of rows, with what they come to by model and as a whole."""
    models: dict[str, list[Usage]] = {}
    for row in rows:
        for name, used in row.models:
            models.setdefault(name, []).append(used)
    by_model = by_cost({name: total(parts) for name, parts in models.items()}, ask.mode)
    whole = total(usage for _, usage in by_model)
    return Report(ask, tuple(rows), sessions=sessions or {}, total=whole, models=by_model)


def _models(view: View, ask: Ask, part: Slice) -> tuple[tuple[str, Usage], ...]:
    cells = usage(view, part, (Dimension.MODEL,))
    return by_cost({str(cell.group[0]): cell.usage for cell in cells}, ask.mode)


def _hidden(view: View, part: Slice) -> dict[str, Usage]:
    if not has_ledgers(view):
        return {}
    from tokwatch.monitor.hidden_calls import read_hidden

    return read_hidden(view, part)


def part_of(view: View, ask: Ask, calendar: Calendar, ends: tuple[int, int]) -> Slice:
    """Return the range asked for; an end beyond all usage is left open, which is cheaper."""
    since, until = ask.since_day, ask.until_day
    return Slice(
        0 if since is None or since <= calendar.day(ends[0]) else calendar.begin_ms(since),
        OPEN_END_MS
        if until is None or until >= calendar.day(ends[1])
        else calendar.begin_ms(until + 1),
        ask.sources,
        named(MODEL, model_names(view), ask.models) if ask.models else (),
        named(PROJECT, project_names(view), ask.projects) if ask.projects else (),
    )


def unpriced_models(report: Report) -> list[str]:
    """Return the models with tokens that have no cost."""
    mode = report.ask.mode
    return sorted(name for name, used in report.models if used.missing(mode))
