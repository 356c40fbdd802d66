"""`tokwatch quality`: how long requests take, how often they fail, what they cost; no screen."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tokwatch.analysis.calendar import calendar_of, epoch_ms
from tokwatch.analysis.quality import By, Narrow
from tokwatch.cli.json_form import add_json
from tokwatch.errors import ConfigError
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.performance import Told
    from tokwatch.pages.quality import QualityPage
    from tokwatch.store.view import View

GROUPS: Final = tuple(str(by) for by in By)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch quality`."""
    parser.description = (
        "Say how long requests, turns and sessions take, how fast answers come, how often "
        "something failed, and what requests cost. Times are written as 13:20, 2025-11-18, "
        "2025-11-18T13:20, 2h (ago) or now."
    )
    option = parser.add_argument
    option("--since", metavar="T", help="begin of the range; all time unless told")
    option("--until", metavar="T", help="its end; a date means the end of that day")
    option("--model", metavar="NAME", help="only this model; a part of its name is enough")
    option("--agent", metavar="SORT", help='only this sort of agent, such as "main"')
    option("--source", metavar="NAME", help="only this source")
    option("--by", metavar="WHAT", choices=GROUPS, default="model", help=f"{', '.join(GROUPS)}")
    option("--before-after", metavar="T", help="compare what was before with what came after")
    add_json(parser)
    option("--no-refresh", action="store_true", help="do not read the logs first")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, ask it and print the answer."""
    from tokwatch.cli.conversations import read_conversations
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load
    from tokwatch.zones import find_zone

    config = load(args.config, args.data, args.profile)
    now = datetime.now(UTC)
    since, until, mark_ms = _times(args, config, now)
    if not args.no_refresh:
        refreshed(config)
        read_conversations(config, since)
    page = _page(args, config, Slice(since, until), mark_ms)
    zone = find_zone(config.general.timezone)[0]
    if args.json:
        from tokwatch.cli.quality_json import document

        print(document(page))
    else:
        from tokwatch.cli.quality_text import lines

        for line in lines(page, zone):
            print(line)
    return 0


def _times(args: argparse.Namespace, config: Config, now: datetime) -> tuple[int, int, int | None]:
    """Return begin, end and the instant that splits the range, in UTC ms."""
    from tokwatch.cli.instants import instant_asked
    from tokwatch.zones import find_zone

    zone = find_zone(config.general.timezone)[1]

    def asked(option: str, text: str | None, *, ends: bool = False) -> int | None:
        return None if text is None else epoch_ms(instant_asked(option, text, now, zone, ends=ends))

    since = asked("--since", args.since) or 0
    until = asked("--until", args.until, ends=True)
    until = epoch_ms(now) + 1 if until is None else until
    if since >= until:
        raise ConfigError("--since is not before --until.")
    return since, until, asked("--before-after", args.before_after)


def _page(
    args: argparse.Namespace, config: Config, part: Slice, mark_ms: int | None
) -> QualityPage:
    """Ask the store; one that does not exist yet holds nothing."""
    from tokwatch.analysis.trend import Cut
    from tokwatch.model.performance import Told
    from tokwatch.pages.quality import page_of
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    by = By(args.by)
    database = open_existing(config.store.url, config.data)
    if database is None:
        division = Cut((part.since_ms,), part.until_ms)
        return page_of(Told(), division, by, _trail(args, Told()), mark_ms)
    if database.notice:
        print(f"tokwatch: {database.notice}", file=sys.stderr)
    try:
        view = open_view(database, config.general.workspace)
        return _answer(args, config, view, part, mark_ms)
    finally:
        database.close()


def _answer(
    args: argparse.Namespace, config: Config, view: View, part: Slice, mark_ms: int | None
) -> QualityPage:
    from tokwatch.analysis.trend import cut_days
    from tokwatch.pages.quality import page_of
    from tokwatch.store.read.every import bounds, performance
    from tokwatch.zones import find_zone

    told = performance(view, part, CostMode(config.prices.mode))
    ends = bounds(view, part)
    since_ms, until_ms = part.since_ms, part.until_ms
    if ends is not None:
        since_ms, until_ms = max(since_ms, ends[0]), min(until_ms, ends[1] + QUARTER_MS)
    name, zone = find_zone(config.general.timezone)
    first_ms = max(0, since_ms - 3 * DAY_MS)
    calendar = calendar_of(zone, name, first_ms, until_ms + 3 * DAY_MS)
    division = cut_days(since_ms, until_ms, calendar)
    return page_of(told, division, By(args.by), _trail(args, told), mark_ms)


def _trail(args: argparse.Namespace, told: Told) -> tuple[Narrow, ...]:
    """Return what is narrowed to."""
    trail = []
    for by, asked, known in (
        (By.SOURCE, args.source, {one.source for one in told.answered}),
        (By.MODEL, args.model, {one.model for one in told.answered}),
        (By.AGENT, args.agent, {one.kind for one in told.answered}),
    ):
        if asked is not None:
            trail.append(Narrow(by, _meant(by, asked, known)))
    return tuple(trail)


def _meant(by: By, asked: str, known: set[str]) -> str:
    """Return the name that is meant by it or by a part of it."""

    found = sorted(name for name in known if asked.lower() in name.lower())
    if asked in known or len(found) == 1:
        return asked if asked in known else found[0]
    some = ", ".join(map(printable, (found or sorted(known))[:8])) or "none"
    what = "means several" if found else "is not used in this range"
    raise ConfigError(f"--{by} {printable(asked)!r} {what}.", f"There are: {some}.")
