"""`tokwatch audit`: where each number comes from, source by source or request by request."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tokwatch.cli.days import add_days, begin_ms, part_asked
from tokwatch.cli.json_form import add_json
from tokwatch.cli.progress import progress
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.analysis.audit import Audit
    from tokwatch.config import Config
    from tokwatch.model.evidence import Focus
    from tokwatch.store.view import View

MOST_EVENTS = 1_000_000
"""Requests of one session or day that are listed at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch audit`."""
    parser.description = (
        "Say where the numbers come from: what was read, what was merged and left out and why, "
        "how much is a lower bound, derived, hidden or without a price. For one session or one "
        "day it lists every request with its file and offset."
    )
    option = parser.add_argument
    option("--session", metavar="ID", help="one session; its beginning is enough")
    option("--day", metavar="DATE", help="one day, YYYY-MM-DD or YYYYMMDD")
    add_days(parser)
    add_json(parser)
    option("--no-refresh", action="store_true", help="do not read the logs first")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, audit it and print that."""
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    focus = _focus(args, config)
    if not args.no_refresh:
        refreshed(config, focus.part.sources)
    with progress("auditing"):
        found = _read(config, focus, lists_events=bool(args.day or args.session))
    if args.json:
        from tokwatch.cli.audit_json import document

        print(document(config, found))
    else:
        from tokwatch.cli.audit_text import lines

        for line in lines(config, found):
            print(line)
    return 0


def _focus(args: argparse.Namespace, config: Config) -> Focus:
    from tokwatch.cli.report_rows import day_asked
    from tokwatch.model.evidence import Focus
    from tokwatch.zones import find_zone

    if args.session == "":
        raise ConfigError("--session is empty.", "`tokwatch report session` lists the sessions.")
    part = part_asked(args, config)
    day = day_asked("--day", args.day)
    if day is not None:
        if args.since or args.until:
            raise ConfigError("--day is a range of its own.", "Leave --since and --until out.")
        name, zone = find_zone(config.general.timezone)
        ends = (begin_ms(day, name, zone), begin_ms(day + 1, name, zone))
        part = replace(part, since_ms=ends[0], until_ms=ends[1])
    return Focus(part, args.session or "")


def _read(config: Config, focus: Focus, *, lists_events: bool) -> Audit:
    """Audit the store; one that does not exist yet holds nothing."""
    from tokwatch.analysis.audit import Audit
    from tokwatch.audit.reading import calendar_for, read_audit
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        if focus.session:
            raise _no_session(focus.session)
        return Audit(focus)
    if database.notice:
        print(f"tokwatch: {database.notice}", file=sys.stderr)
    try:
        view = open_view(database, config.general.workspace)
        if focus.session:
            focus = dataclasses.replace(focus, session=_whole_name(view, focus.session))
        calendar = calendar_for(view, config.general.timezone)
        most = MOST_EVENTS if lists_events else 0
        return read_audit(view, focus, calendar=calendar, events=most)
    finally:
        database.close()


def _whole_name(view: View, asked: str) -> str:
    """Return the session that is meant by its id or by the beginning of it."""
    from tokwatch.store.read.every import activity

    names = {one.session for one in activity(view)}
    found = sorted(name for name in names if name.startswith(asked))
    if asked in names or len(found) == 1:
        return asked if asked in names else found[0]
    if not found:
        raise _no_session(asked)
    some = ", ".join(map(printable, found[:5])) + (", ..." if len(found) > 5 else "")
    raise TokwatchError(f"{counted(len(found), 'session')} begin with {printable(asked)!r}", some)


def _no_session(asked: str) -> TokwatchError:
    return TokwatchError(
        f"there is no session {printable(asked)!r}", "`tokwatch report session` lists them."
    )
