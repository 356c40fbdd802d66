"""`tokwatch report savings`: what came of the suggestions that were followed."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokwatch.errors import ConfigError

if TYPE_CHECKING:
    from tokwatch.config import Config


def print_savings(args: argparse.Namespace, config: Config) -> int:
    """Look once more, unless told not to, and print estimates beside what was realised."""
    from tokwatch.cli.suggestions import document, look_now, stored
    from tokwatch.cli.suggestions_text import savings_lines

    narrowed = args.since, args.until, args.source, args.model, args.project
    if args.csv or args.md or any(narrowed):
        raise ConfigError("report savings takes --json and --no-refresh only.")
    if not args.no_refresh:
        look_now(config, datetime.now(UTC))
    found, triggers = stored(config)
    followed = [one for one in found if one.accepted_ms is not None]
    if args.json:
        told = document(followed, triggers)
        realised = sum(one.realised_nano_month or 0 for one in followed)
        promised = sum(one.promised_nano_month for one in followed)
        totals = {"promisedUsdMonth": promised / 1e9, "realisedUsdMonth": realised / 1e9}
        print(json.dumps({"savings": told["suggestions"], "totals": totals}, indent=2))
        return 0
    for line in savings_lines(found):
        print(line)
    return 0
