"""`tokwatch triage`: what made a stretch of time cost what it did, without a screen."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tokwatch.analysis.attribution import DIMENSIONS
from tokwatch.analysis.baseline import Against, Stretch, stretch_of
from tokwatch.cli.json_form import add_json
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Dimension

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.pages.triage import TriageAsk, TriagePage
    from tokwatch.store.view import View

KINDS: Final = tuple(str(against) for against in Against)
NAMES: Final = {("agent" if one is Dimension.KIND else str(one)): one for one in DIMENSIONS}
"""Dimensions by what they are called."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch triage`."""
    parser.description = (
        "Say what made a stretch of time cost more or less than another one. Times are written "
        "as 13:20, 2025-11-18, 2025-11-18T13:20, 2h (ago) or now. Without --from: the newest "
        "anomaly of the last 24 hours, else all of them."
    )
    option = parser.add_argument
    option("--from", metavar="T", dest="since", help="begin of the stretch")
    option("--to", metavar="T", dest="until", help="its end; a date means the end of that day")
    option(
        "--against",
        metavar="B",
        help="what to compare with: prev, yesterday, week, or a range T..T",
    )
    option(
        "--by",
        metavar="DIMENSION",
        action="append",
        default=[],
        choices=tuple(NAMES),
        help=f"list all values of {', '.join(NAMES)}; may be repeated",
    )
    option("--no-refresh", action="store_true", help="do not read the logs first")
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--md", action="store_true", help="print Markdown for the incident's page")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, triage it and print that."""
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load
    from tokwatch.zones import find_zone

    config = load(args.config, args.data, args.profile)
    now = datetime.now(UTC)
    ask = _ask(args, config, now)
    if not args.no_refresh:
        refreshed(config)
    page = _read(config, ask, now)
    zone = find_zone(config.general.timezone)[0]
    _print(page, zone, args)
    return 0


def _ask(args: argparse.Namespace, config: Config, now: datetime) -> TriageAsk:
    from tokwatch.pages.triage import TriageAsk

    return TriageAsk(_shown(args, config, now), _against(args.against, config, now))


def _shown(args: argparse.Namespace, config: Config, now: datetime) -> Stretch | None:
    """Return the stretch that is asked for."""
    from tokwatch.cli.instants import instant_asked
    from tokwatch.zones import find_zone

    if args.since is None:
        if args.until is not None:
            raise ConfigError("--to goes with --from.")
        return None
    zone = find_zone(config.general.timezone)[1]
    since = instant_asked("--from", args.since, now, zone, ends=False)
    until = now if args.until is None else instant_asked("--to", args.until, now, zone, ends=True)
    if since >= until:
        raise ConfigError("--from is not before --to.")
    return _stretch(since, until)


def _against(text: str | None, config: Config, now: datetime) -> Against | Stretch | None:
    from tokwatch.cli.instants import range_asked
    from tokwatch.zones import find_zone

    if text is None or text in KINDS:
        return None if text is None else Against(text)
    if ".." not in text:
        raise ConfigError(
            f"--against {text!r} is nothing to compare with.", f"Known: {', '.join(KINDS)}, T..T."
        )
    return _stretch(*range_asked("--against", text, now, find_zone(config.general.timezone)[1]))


def _stretch(since: datetime, until: datetime) -> Stretch:
    from tokwatch.analysis.calendar import epoch_ms

    return stretch_of(epoch_ms(since), epoch_ms(until))


def _read(config: Config, ask: TriageAsk, now: datetime) -> TriagePage:
    """Triage the store."""
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        raise TokwatchError("There is nothing to triage yet.", "`tokwatch sources` says why.")
    if database.notice:
        print(f"tokwatch: {database.notice}", file=sys.stderr)
    try:
        return _answer(open_view(database, config.general.workspace), config, ask, now)
    finally:
        database.close()


def _answer(view: View, config: Config, ask: TriageAsk, now: datetime) -> TriagePage:
    from tokwatch.analysis.calendar import calendar_of, epoch_ms
    from tokwatch.analysis.ranges import range_of
    from tokwatch.analysis.session_rows import RowRules
    from tokwatch.model.snapshot import Span
    from tokwatch.pages.sight import Sight
    from tokwatch.store.read.every import bounds
    from tokwatch.zones import find_zone

    at_ms = epoch_ms(now)
    ends = bounds(view)
    if ends is None:
        raise TokwatchError("There is nothing to triage yet.", "`tokwatch sources` says why.")
    name, zone = find_zone(config.general.timezone)
    first_ms = min(ends[0], at_ms, *([ask.shown.since_ms] if ask.shown else []))
    calendar = calendar_of(zone, name, first_ms - 120 * DAY_MS, at_ms + 3 * DAY_MS)
    return ask.answer(
        Sight(
            view=view,
            config=config,
            at_ms=at_ms,
            now_ms=at_ms,
            span=Span.DAY,
            range=range_of(Span.DAY, at_ms, calendar, ends[0]),
            calendar=calendar,
            zone_name=name,
            zone=zone,
            rows=RowRules(),
        )
    )


def _print(page: TriagePage, zone: str, args: argparse.Namespace) -> None:
    by = tuple(NAMES[name] for name in args.by)
    if args.json:
        from tokwatch.cli.triage_json import document

        print(document(page, by))
    elif args.md:
        from tokwatch.ui.triage_markdown import markdown

        print(markdown(page, zone, by), end="")
    else:
        from tokwatch.cli.triage_text import lines

        for line in lines(page, zone, by):
            print(line)
