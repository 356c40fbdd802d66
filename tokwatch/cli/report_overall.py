"""`tokwatch report summary` and `detailed`: a range as a whole, the last 30 days unless told."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.calendar import calendar_of, date_of, day_number
from tokwatch.analysis.overall import Consumer, Daily, Effect, daily, effects, top_consumers
from tokwatch.analysis.periods import Period as PeriodOf
from tokwatch.analysis.periods import Row, name_rows, period_rows
from tokwatch.cli.report_rows import Ask, part_of, report_of
from tokwatch.model.caching import CacheSum
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import NO_USAGE, Dimension, Slice, Usage

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.calendar import Calendar
    from tokwatch.model.suggestion import Suggestion
    from tokwatch.store.view import View

DAYS: Final = 30
"""What a summary covers unless told."""
_SORTS: Final = {
    "project": Dimension.PROJECT,
    "model": Dimension.MODEL,
    "agent": Dimension.KIND,
    "session": Dimension.SESSION,
}


class Overall(Struct, frozen=True):
    """A range as a whole."""

    since: date
    until: date
    total: Usage = NO_USAGE
    top: tuple[Consumer, ...] = ()
    agents: tuple[Row, ...] = ()
    models: tuple[Row, ...] = ()
    days: tuple[Row, ...] = ()
    """The oldest first."""
    daily: Daily = field(default_factory=Daily)
    cache: CacheSum = field(default_factory=CacheSum)
    effects: tuple[Effect, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    """The best first; none that was answered."""
    followed: tuple[Suggestion, ...] = ()
    newest_before: date | None = None
    """Of a range without a request: the day of the newest one before it."""


def asked(ask: Ask) -> Ask:
    """Return what is asked for, with the last days where no first day was named."""
    last = _last_day(ask)
    since = last - DAYS + 1 if ask.since_day is None else ask.since_day
    return replace(ask, since_day=since, until_day=last)


def read_overall(view: View, ask: Ask, config: Config) -> Overall:
    """Read the range; what is empty stays so."""
    from tokwatch.analysis.cache_savings import figures_of
    from tokwatch.analysis.compression import compressions
    from tokwatch.prompts.library import runs
    from tokwatch.store.read.cache import cached_requests
    from tokwatch.store.read.catalogue import bounds
    from tokwatch.store.read.response_cache import gateway_sums
    from tokwatch.store.read.suggestions import suggestions
    from tokwatch.store.read.usage import usage

    last = _last_day(ask)
    nothing = Overall(date_of(last if ask.since_day is None else ask.since_day), date_of(last))
    ends = bounds(view)
    if ends is None:
        return nothing
    calendar = calendar_of(ask.zone, ask.zone_name, ends[0] - DAY_MS, ends[1] + 2 * DAY_MS)
    part = part_of(view, ask, calendar, ends)
    rows = {
        sort: name_rows(usage(view, part, (by, Dimension.MODEL), calendar), ask.mode)
        for sort, by in _SORTS.items()
    }
    days = _days(view, part, calendar, ask)
    whole = report_of(ask, rows["model"]).total
    figures = [figures_of(request, None, None) for request in cached_requests(view, part)]
    cache = CacheSum(*map(sum, zip(*figures, strict=True))) if figures else CacheSum()
    found = suggestions(view)
    techniques = compressions(runs(view, part.since_ms, part.until_ms), 0).techniques
    return replace(
        nothing,
        total=whole,
        top=tuple(top_consumers(rows, whole, ask.mode)),
        agents=tuple(rows["agent"]),
        models=tuple(rows["model"]),
        days=tuple(days),
        daily=daily({_day(row): row.usage.cost_nano(ask.mode) for row in days}, last),
        cache=cache,
        effects=tuple(effects(cache, gateway_sums(view, part), techniques)),
        suggestions=tuple(one for one in found if str(one.state) == "new"),
        followed=tuple(one for one in found if one.is_followed),
        newest_before=None if whole.requests else _newest_before(view, part, calendar),
    )


def _newest_before(view: View, part: Slice, calendar: Calendar) -> date | None:
    from tokwatch.store.read.catalogue import bounds

    ends = bounds(view, replace(part, since_ms=0, until_ms=part.since_ms))
    return None if ends is None else date_of(calendar.day(ends[1]))


def _last_day(ask: Ask) -> int:
    """Return the last day of the range: no later than today."""
    around = calendar_of(ask.zone, ask.zone_name, ask.now_ms - DAY_MS, ask.now_ms + DAY_MS)
    today = around.day(ask.now_ms)
    return today if ask.until_day is None else min(today, ask.until_day)


def _days(view: View, part: Slice, calendar: Calendar, ask: Ask) -> list[Row]:
    from tokwatch.store.read.usage import usage

    cells = usage(view, part, (Dimension.DAY, Dimension.MODEL), calendar)
    return period_rows(cells, PeriodOf.DAY, ask.mode)


def _day(row: Row) -> int:
    return day_number(date.fromisoformat(row.name))


def print_overall(args: argparse.Namespace, config: Config, ask: Ask) -> int:
    """Bring the store up to date and print the range in the form asked for."""
    from tokwatch.cli import report_overall_told as told
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.cli.report_forms import told as in_form

    ask = asked(ask)
    if not args.no_refresh:
        refreshed(config, ask.sources)
    found = _read(config, ask)
    money = "API-equivalent" if config.plan.subscription else "cost"
    is_summary = args.kind == "summary"
    sections = told.summary_sections if is_summary else told.detailed_sections
    document = told.summary_document if is_summary else told.detailed_document
    print(
        in_form(
            args,
            f"tokwatch: {args.kind}",
            f"{found.since} to {found.until}, days in {ask.zone_name}",
            lambda: sections(found, ask.mode, money),
            lambda: document(found, ask.mode),
        ),
        end="",
    )
    if found.newest_before is not None:
        print(f"tokwatch: {_older(found.newest_before)}", file=sys.stderr)
    return 0


def _older(newest: date) -> str:
    """Return what a range without a request has before it, and how to see that."""
    since = date_of(day_number(newest) - DAYS + 1)
    return (
        f"the range has no request; the newest one before it is of {newest}:"
        f" --since {since} --until {newest} shows it"
    )


def _read(config: Config, ask: Ask) -> Overall:
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return Overall(date_of(ask.since_day or 0), date_of(_last_day(ask)))
    try:
        return read_overall(open_view(database, config.general.workspace), ask, config)
    finally:
        database.close()
