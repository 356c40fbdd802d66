"""`tokwatch status`: the overview in sentences, for pipes, mails and screen readers."""

from __future__ import annotations

import argparse
import time

from tokwatch.cli.json_form import add_json, as_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch status`."""
    parser.description = (
        "Say in plain sentences what the overview shows: today, burn rate, cache, forecast, open "
        "alerts, the tightest budget, live sessions, gateways and suggestions."
    )
    option = parser.add_argument
    option("--all", action="store_true", help="every session of the last 24 hours, not only live")
    add_json(parser)
    option("--no-refresh", action="store_true", help="do not read the logs first")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, take one picture and say what is on it."""
    from tokwatch.analysis.calendar import instant
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load
    from tokwatch.monitor.at_once import picture

    config = load(args.config, args.data, args.profile)
    if not args.no_refresh:
        refreshed(config)
    found = picture(config, instant(time.time_ns() // 1_000_000))
    if args.json:
        from tokwatch.cli.status_text import document

        print(as_json(document(found, everything=args.all)))
        return 0
    from tokwatch.cli.status_text import lines
    from tokwatch.zones import find_zone

    money = "API-equivalent" if config.plan.subscription else "spent"
    for line in lines(found, find_zone(config.general.timezone)[1], money, everything=args.all):
        print(line)
    return 0
