"""`tokwatch report savings`: what came of the suggestions that were followed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tokwatch.cli.report_forms import told
from tokwatch.cli.report_sections import Section
from tokwatch.errors import ConfigError
from tokwatch.model.units import NANO
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.suggestion import Suggestion, TriggerCount


def print_savings(args: argparse.Namespace, config: Config) -> int:
    """Look once more, unless told not to, and print estimates beside what was realised."""
    from tokwatch.cli.suggestions import look_now, stored
    from tokwatch.cli.suggestions_text import savings_lines

    if any((args.since, args.until, args.source, args.model, args.project)):
        raise ConfigError("report savings takes no range and no names: it tells of all of them.")
    if not args.no_refresh:
        look_now(config, datetime.now(UTC))
    found, triggers = stored(config)
    if not (args.json or args.csv or args.md or args.html):
        print("\n".join(savings_lines(found)))
        return 0
    followed = [one for one in found if one.accepted_ms is not None]
    title, range_words = "tokwatch: savings", "all suggestions that were followed"
    page = told(
        *(args, title, range_words),
        lambda: [_section(followed)],
        lambda: _document(followed, triggers),
    )
    print(page, end="")
    return 0


def _document(followed: list[Suggestion], triggers: list[TriggerCount]) -> dict[str, Any]:
    from tokwatch.cli.suggestions import document
    from tokwatch.cli.suggestions_text import savings_sums

    promised, realised = savings_sums(followed)
    return {
        "savings": document(followed, triggers)["suggestions"],
        "totals": {"promisedUsdMonth": promised / NANO, "realisedUsdMonth": realised / NANO},
    }


def _section(followed: Sequence[Suggestion]) -> Section:
    from tokwatch.cli.money import usd
    from tokwatch.cli.suggestions_text import savings_sums

    if not followed:
        note = "No suggestion was followed yet: `tokwatch suggestions accept ID` begins to watch."
        return Section("", (), (), (note,))
    rows = [
        (
            printable(one.title) + ("" if one.is_followed else " [dismissed since]"),
            str(one.verdict or "too early"),
            usd(one.promised_nano_month),
            "–" if one.realised_nano_month is None else usd(one.realised_nano_month),
        )
        for one in followed
    ]
    total = ("total, what several save counted once", "", *map(usd, savings_sums(followed)))
    heads = ("suggestion", "verdict", "estimate a month", "realised a month")
    return Section("", heads, (*rows, total), names=2, has_total=True)
