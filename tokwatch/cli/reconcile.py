"""`tokwatch reconcile`: what logs, gateways and providers tell of the same days, and the gaps."""

from __future__ import annotations

import argparse
import sys
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from tokwatch.errors import ConfigError
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode

if TYPE_CHECKING:
    from tokwatch.analysis.reconciliation import Reconciliation
    from tokwatch.config import Config
    from tokwatch.model.reconciliation import Pair

DAYS: Final = 7
"""What is compared unless told."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch reconcile`."""
    from tokwatch.cli.report_forms import add_forms

    parser.description = (
        "Set what the logs tell beside what each endpoint tells, by UTC day and model, "
        "and say how far they are apart and why that is likely."
    )
    option = parser.add_argument
    option("--since", metavar="DATE", help="first UTC day; six days before the last one")
    option("--until", metavar="DATE", help="last UTC day; today")
    option("--model", metavar="NAME", help="only this model, under any name; * is any text")
    option("--mode", choices=[str(mode) for mode in CostMode], help="which cost counts")
    option("--no-refresh", action="store_true", help="do not read the logs first")
    add_forms(parser)


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, ask it and print the answer."""
    from tokwatch.cli import reconcile_told as told
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.cli.report_forms import told as in_form
    from tokwatch.config import load
    from tokwatch.ui.gap_export import csv_text, document
    from tokwatch.ui.gap_words import date

    config = load(args.config, args.data, args.profile)
    days = _days(args, time.time_ns() // 1_000_000)
    mode = CostMode(args.mode or config.prices.mode)
    if not args.no_refresh:
        refreshed(config)
    found = _read(config, days, mode, args.model)
    title = f"{date(days.start)} to {date(days.stop - 1)}, UTC days"
    if args.csv:
        print(csv_text(found), end="")
        return 0
    print(
        in_form(
            args,
            "tokwatch: reconciliation",
            title,
            lambda: told.sections(found, title, args.model),
            lambda: document(found, days),
        ),
        end="",
    )
    return 0


def _days(args: argparse.Namespace, now_ms: int) -> range:
    """Return the days asked for: none lies in the future."""
    from tokwatch.cli.report_rows import day_asked

    today = now_ms // DAY_MS
    asked = day_asked("--until", args.until)
    last = today if asked is None else min(today, asked)
    since = day_asked("--since", args.since)
    days = range(last - DAYS + 1 if since is None else since, last + 1)
    if not days:
        raise ConfigError("--since is after --until, or in the future.")
    return days


def _read(config: Config, days: range, mode: CostMode, model: str | None) -> Reconciliation:
    """Ask the store; one that does not exist yet holds nothing."""
    from tokwatch.analysis.reconciliation import Reconciliation
    from tokwatch.pages.reconciled_days import read_reconciliation
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return Reconciliation()
    if database.notice:
        print(f"tokwatch: {database.notice}", file=sys.stderr)
    try:
        view = open_view(database, config.general.workspace)
        found = read_reconciliation(view, days, mode)
    finally:
        database.close()
    if model is None:
        return found
    rows = tuple(row for row in found.rows if _is_meant(row.pair, model))
    return Reconciliation(rows)


def _is_meant(pair: Pair, pattern: str) -> bool:
    """Tell whether a pair is of one model, and that is meant by any of its names."""
    names = (pair.model, *pair.logged_as, *pair.told_as) if pair.model else ()
    return any(fnmatchcase(name, pattern) for name in names)
