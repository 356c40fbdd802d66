"""The options that choose days and sources, and the range that they stand for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.model.usage import Slice

if TYPE_CHECKING:
    from datetime import tzinfo

    from tokwatch.config import Config


def add_days(parser: argparse.ArgumentParser) -> None:
    """Add `--since`, `--until` and `--source`."""
    option = parser.add_argument
    option("--since", metavar="DATE", help="first day, YYYY-MM-DD or YYYYMMDD")
    option("--until", metavar="DATE", help="last day")
    option(
        "--source",
        metavar="NAME",
        action="append",
        default=[],
        help="only this source; may be repeated",
    )


def part_asked(args: argparse.Namespace, config: Config) -> Slice:
    """Return the range of the options, in the configured zone."""
    from tokwatch.cli.report_rows import day_asked
    from tokwatch.errors import ConfigError
    from tokwatch.ingest.chosen import chosen_sources
    from tokwatch.zones import find_zone

    sources = tuple(args.source)
    if sources:
        chosen_sources(config, sources)
    name, zone = find_zone(config.general.timezone)
    since, until = day_asked("--since", args.since), day_asked("--until", args.until)
    if since is not None and until is not None and since > until:
        raise ConfigError(f"--since {args.since} is after --until {args.until}.", "")
    return Slice(
        0 if since is None else begin_ms(since, name, zone),
        OPEN_END_MS if until is None else begin_ms(until + 1, name, zone),
        sources,
    )


def begin_ms(day: int, zone_name: str, zone: tzinfo) -> int:
    """Return the first instant of a day, given in days since 1970-01-01."""
    from tokwatch.analysis.calendar import calendar_of

    around = calendar_of(zone, zone_name, (day - 3) * DAY_MS, (day + 3) * DAY_MS)
    return around.begin_ms(day)
