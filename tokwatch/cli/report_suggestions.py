"""`tokwatch report suggestions`: what would save money, in every form that reports have."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokwatch.cli.report_forms import told
from tokwatch.cli.report_sections import Section
from tokwatch.errors import ConfigError
from tokwatch.model.units import NANO
from tokwatch.words import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokwatch.config import Config
    from tokwatch.model.suggestion import Suggestion


def print_suggestions(args: argparse.Namespace, config: Config) -> int:
    """Look once more, unless told not to, and print those that ask for something."""
    from tokwatch.cli.suggestions import document, look_now, stored
    from tokwatch.pages.suggestions import listed

    if any((args.since, args.until, args.source, args.model, args.project)):
        raise ConfigError(
            "report suggestions takes no range and no names.",
            "`tokwatch suggestions --days N` looks further back.",
        )
    now = datetime.now(UTC)
    if not args.no_refresh:
        look_now(config, now)
    found, triggers = stored(config)
    shown = [one for one in listed(found) if one.is_listed]
    subtitle = f"as of {now:%Y-%m-%d %H:%M} UTC"
    print(
        told(
            args,
            "tokwatch: suggestions",
            subtitle,
            lambda: [_section(shown)],
            lambda: document(shown, triggers),
        ),
        end="",
    )
    return 0


def _section(found: Sequence[Suggestion]) -> Section:
    from tokwatch.model.suggestion import saving_sum

    largest = max((one.saving_nano_month for one in found), default=0)
    return Section(
        "Suggestions",
        ("suggestion", "class", "confidence", "risk", "of its slice", "saves a month"),
        tuple(
            (
                printable(one.title),
                *(str(one.klass), str(one.confidence), str(one.risk)),
                f"{one.saving_share:.0%}" if one.saving_nano_month else "–",
                f"${one.saving_nano_month / NANO:,.2f}" if one.saving_nano_month else "–",
            )
            for one in found
        ),
        (f"${saving_sum(found) / NANO:,.2f} a month in all; what several would save counts once.",)
        if found
        else ("None: nothing was found that is worth the change, or nothing was looked at yet.",),
        names=4,
        shares=tuple(one.saving_nano_month / largest if largest else 0.0 for one in found),
    )
