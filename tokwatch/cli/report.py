"""`tokwatch report`: usage by day, week, month, session, block or name, in four forms."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from tokwatch.cli.refreshed import refreshed
from tokwatch.cli.report_forms import add_forms
from tokwatch.cli.report_rows import (
    KINDS,
    Ask,
    Report,
    day_asked,
    read_report,
    unpriced_models,
)
from tokwatch.errors import ConfigError
from tokwatch.model.usage import CostMode
from tokwatch.store.store import open_existing
from tokwatch.store.view import open_view
from tokwatch.uncollected import uncollected
from tokwatch.words import counted, printable
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.ingest.ingest import Refreshed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch report`."""
    parser.description = (
        "Print usage and cost: by day, week, month, session, five-hour block, or by a name; as a "
        "summary of the last 30 days; or what suggestions and compressions came to. Logs are read "
        "first; a table fits the terminal, every other form is exact."
    )
    option = parser.add_argument
    kinds = (*KINDS, "summary", "detailed", "savings", "suggestions", "compression")
    option("kind", choices=kinds, metavar="KIND", help=", ".join(kinds))
    option("--since", metavar="DATE", help="first day, YYYY-MM-DD or YYYYMMDD")
    option("--until", metavar="DATE", help="last day")
    option("--timezone", metavar="ZONE", help='zone of the days, such as "Europe/Berlin"')
    for name in ("source", "model", "project"):
        option(
            f"--{name}",
            metavar="NAME",
            action="append",
            default=[],
            help=f"only this {name}; may be repeated"
            + ("" if name == "source" else ", * stands for any text"),
        )
    option("--mode", choices=[str(mode) for mode in CostMode], help="which cost counts")
    option("--no-refresh", action="store_true", help="do not read the logs first")
    add_forms(parser)


@uncollected()
def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, read the report from it and print it."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    if args.kind == "savings":
        from tokwatch.cli.report_savings import print_savings

        return print_savings(args, config)
    if args.kind == "suggestions":
        from tokwatch.cli.report_suggestions import print_suggestions

        return print_suggestions(args, config)
    if args.kind == "compression":
        from tokwatch.cli.report_compression import print_compression

        return print_compression(args, config)
    ask = _ask(args, config)
    if args.kind in ("summary", "detailed"):
        from tokwatch.cli.report_overall import print_overall

        return print_overall(args, config, ask)
    looked = None if args.no_refresh else refreshed(config, ask.sources)
    if args.kind == "tool" and not args.no_refresh:
        _read_conversations(config, ask)
    report = _read(config, ask)
    _print(report, args, config)
    for line in _remarks(report, looked):
        print(f"tokwatch: {line}", file=sys.stderr)
    return 0


def _ask(args: argparse.Namespace, config: Config) -> Ask:
    zone_name, zone = find_zone(args.timezone or config.general.timezone)
    if args.source:
        _check_sources(args.source, config)
    since, until = day_asked("--since", args.since), day_asked("--until", args.until)
    if since is not None and until is not None and since > until:
        raise ConfigError(f"--since {args.since} is after --until {args.until}.")
    return Ask(
        kind=args.kind,
        zone_name=zone_name,
        zone=zone,
        since_day=since,
        until_day=until,
        sources=tuple(args.source),
        models=tuple(args.model),
        projects=tuple(args.project),
        mode=CostMode(args.mode or config.prices.mode),
        week_starts=config.week.starts,
        block_hours=config.blocks.hours,
        now_ms=time.time_ns() // 1_000_000,
    )


def _check_sources(names: Sequence[str], config: Config) -> None:
    from tokwatch.ingest.chosen import sources_of

    known = [source.name for source in sources_of(config)]
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
            raise ConfigError(f"There is no source {name!r}.", hint)


def _read(config: Config, ask: Ask) -> Report:
    """Read the report; a store that does not exist yet holds nothing."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return Report(ask)
    if database.notice:
        print(f"tokwatch: {database.notice}", file=sys.stderr)
    try:
        return read_report(open_view(database, config.general.workspace), ask)
    finally:
        database.close()


def _print(report: Report, args: argparse.Namespace, config: Config) -> None:
    if args.json:
        from tokwatch.cli.report_json import document

        sys.stdout.buffer.write(document(report))
        return
    from tokwatch.cli.report_text import csv_text, markdown_text, table_text

    if args.csv:
        text = csv_text(report)
    elif args.md:
        text = markdown_text(report, config.plan.subscription)
    elif args.html:
        from tokwatch.cli.report_sections import html
        from tokwatch.cli.report_text import section_of

        section = section_of(report, config.plan.subscription)
        text = html(f"tokwatch: {args.kind}", _range_words(report), [section])
    else:
        text = table_text(report, config.plan.subscription, get_terminal_size().columns)
    print(text, end="")


def _read_conversations(config: Config, ask: Ask) -> None:
    """Read what the answers of the range called."""
    from tokwatch.cli.conversations import read_conversations
    from tokwatch.cli.days import begin_ms

    since = ask.since_day
    read_conversations(config, 0 if since is None else begin_ms(since, ask.zone_name, ask.zone))


def _range_words(report: Report) -> str:
    """Return the range of a report in words."""
    from tokwatch.analysis.calendar import date_of

    since, until = (
        None if day is None else date_of(day).isoformat()
        for day in (report.ask.since_day, report.ask.until_day)
    )
    return f"{since or 'the beginning'} to {until or 'now'}, days in {report.ask.zone_name}"


def _remarks(report: Report, refreshed: Refreshed | None) -> Iterator[str]:
    """Yield what the figures lack, a line each."""
    if refreshed is not None and refreshed.locked_by is not None:
        age = _age(report.ask.now_ms - report.newest_ms) if report.newest_ms else "none"
        yield f"process {refreshed.locked_by} reads the logs; the newest event here: {age}"
    yield from map(printable, report.strangers)
    if report.bad_lines:
        yield f"{counted(report.bad_lines, 'bad line')} in the logs left out"
    if unpriced := unpriced_models(report):
        yield f"no price is known for {', '.join(map(printable, unpriced))}"


def _age(age_ms: int) -> str:
    for unit, size_ms in (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)):
        if age_ms >= 2 * size_ms:
            return f"{age_ms // size_ms} {unit} ago"
    return f"{max(0, age_ms) // 1000} seconds ago"
