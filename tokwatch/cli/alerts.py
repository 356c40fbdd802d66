"""`tokwatch alerts`: what rules found, and what a user does about it without a screen."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import TokwatchError

if TYPE_CHECKING:
    from tokwatch.cli.alerts_judged import Judged
    from tokwatch.config import Config
    from tokwatch.model.alert import Alert


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch alerts` and of what can be done to one."""
    parser.description = (
        "List the open alerts, with --all those of the last days too. Rules are judged while a "
        "screen is open, and by --now; `tokwatch check --alerts` tells by its exit code."
    )
    parser.add_argument("--now", action="store_true", help="read the logs and judge first")
    parser.add_argument("--all", action="store_true", help="list those that are over too")
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", parser_class=argparse.ArgumentParser
    )
    seen = actions.add_parser("ack", help="note that you have seen an alert", allow_abbrev=False)
    seen.add_argument("id", metavar="ID", type=int, help="its number in the list")
    quiet = actions.add_parser("snooze", help="keep an alert quiet for a while", allow_abbrev=False)
    quiet.add_argument("id", metavar="ID", type=int, help="its number in the list")
    quiet.add_argument(
        *("--minutes",), metavar="N", type=int, help="how long; as configured unless told"
    )
    test = actions.add_parser(
        "test", help="send a test by every road of [notify]", allow_abbrev=False
    )
    add_json(parser, seen, quiet, test)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    now = datetime.now(UTC)
    if args.action == "test":
        return _test(config, now, is_json=args.json)
    if args.action in ("ack", "snooze"):
        return _quiet(args, config, now)
    if args.now:
        _judge(config)
        now = datetime.now(UTC)
    found, when = _alerts(config, now, with_history=args.all)
    if args.json:
        _print_json(found, when, now)
    else:
        _print_text(found, when, config, now)
    return 0


def _judge(config: Config) -> None:
    """Bring the store up to date and judge the rules."""
    from tokwatch.alerts.judging import judge_now
    from tokwatch.cli.refreshed import refreshed

    looked = refreshed(config)
    judge_now(config, looked.errors if looked else {})


def _alerts(config: Config, now: datetime, *, with_history: bool) -> tuple[list[Alert], Judged]:
    from tokwatch.analysis.calendar import epoch_ms
    from tokwatch.cli.alerts_judged import NEVER, judged
    from tokwatch.model.units import DAY_MS
    from tokwatch.store.read.alerts import alerts, open_alerts
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return [], NEVER
    try:
        if database.notice:
            print(f"tokwatch: {database.notice}", file=sys.stderr)
        view = open_view(database, config.general.workspace)
        when = judged(config, database)
        if not with_history:
            return open_alerts(view), when
        return alerts(view, epoch_ms(now) - config.alerts.history_days * DAY_MS), when
    finally:
        database.close()


def _print_json(found: list[Alert], when: Judged, now: datetime) -> None:
    from tokwatch.alerts.notify import document, iso
    from tokwatch.analysis.calendar import epoch_ms

    at_ms = epoch_ms(now)
    rows = [document(one, at_ms) for one in found]
    print(as_json({"alerts": rows, "judgedAt": iso(when.at_ms)}))


def _print_text(found: list[Alert], when: Judged, config: Config, now: datetime) -> None:
    from tokwatch.analysis.calendar import epoch_ms, instant
    from tokwatch.cli.alerts_judged import in_words
    from tokwatch.words import printable
    from tokwatch.zones import find_zone

    zone = find_zone(config.general.timezone)[1]
    told = in_words(when, epoch_ms(now)) if config.alerts.on else "[alerts] on is false"
    if not found:
        print(f"No alert is open: {told}.")
    for one in found:
        opened = instant(one.opened_ms).astimezone(zone)
        state = one.state(epoch_ms(now))
        print(
            f"{one.id:>5}  {opened:%Y-%m-%d %H:%M}  {one.severity:<8}  {state:<12}  "
            f"{printable(one.title)}  [{printable(one.rule)}]"
        )
    if found:
        print(f"tokwatch: {told}", file=sys.stderr)


def _quiet(args: argparse.Namespace, config: Config, now: datetime) -> int:
    from tokwatch.alerts.alerting import quieted

    snoozes = args.action == "snooze"
    minutes = args.minutes if snoozes else None
    if minutes is not None and not 1 <= minutes <= 10_080:
        from tokwatch.errors import ConfigError

        raise ConfigError("--minutes is a whole number from 1 to 10080.")
    if not quieted(config, args.id, now, snoozes=snoozes, minutes=minutes):
        raise TokwatchError(
            f"there is no open alert {args.id}", "`tokwatch alerts` lists those there are."
        )
    length = config.alerts.snooze_minutes if minutes is None else minutes
    if args.json:
        state = "snoozed" if snoozes else "acknowledged"
        print(as_json({"id": args.id, "state": state, "minutes": length if snoozes else None}))
        return 0
    done = f"is snoozed for {length} minutes" if snoozes else "is acknowledged"
    print(f"Alert {args.id} {done}.")
    return 0


def _test(config: Config, now: datetime, *, is_json: bool) -> int:
    from tokwatch.alerts.notify import try_all

    results = try_all(config.notify, now)
    if is_json:
        print(
            as_json(
                {"tried": [{"channel": name, "error": error or None} for name, error in results]}
            )
        )
    elif not results:
        print("[notify] names neither a webhook nor a command; the screen tells of alerts.")
    for channel, error in () if is_json else results:
        print(f"{channel}: {error or 'sent'}")
    return 1 if any(error for _, error in results) else 0
