"""`tokwatch prune`: deletes requests that are older than `[retention] events_days` allows."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from tokwatch.cli.json_form import add_json, as_json, camel_keys
from tokwatch.cli.progress import progress
from tokwatch.words import counted, named

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.prune import Prunable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch prune`."""
    parser.description = (
        "Delete the single requests of sessions that ended more than [retention] events_days "
        "ago. Their sums stay: reports by day, session, model and project do not change."
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prune, or say what pruning would do."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    days = config.retention.events_days
    found = _prune(config, dry_run=args.dry_run) if days else None
    if args.json:
        told = None if found is None else camel_keys(asdict(found))
        print(as_json({"days": days, "dryRun": args.dry_run, "pruned": told}))
    elif found is None:
        print("Nothing is pruned: [retention] events_days is 0, which keeps requests for ever.")
    else:
        _print(config, found, dry_run=args.dry_run)
    return 0


def _prune(config: Config, *, dry_run: bool) -> Prunable:
    from tokwatch.cli.writing import writing
    from tokwatch.store.prune import prunable, prune, retention_begin_ms
    from tokwatch.store.store import open_store, workspace_id

    before_ms = retention_begin_ms(time.time_ns() // 1_000_000, config.retention.events_days)
    if dry_run:
        database = open_store(config.store.url, config.data, read_only=True)
        try:
            workspace = workspace_id(database, config.general.workspace) or 0
            return prunable(database, workspace, before_ms)
        finally:
            database.close()
    with writing(config) as (database, workspace), progress("deleting requests"):
        found = prune(database, workspace, before_ms)
        if found.events:
            database.shrink()
        return found


def _print(config: Config, found: Prunable, *, dry_run: bool) -> None:
    from datetime import datetime

    from tokwatch.zones import find_zone

    zone = find_zone(config.general.timezone)[1]

    def day(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, zone).date().isoformat()

    limit = f"{counted(config.retention.events_days, 'day')} ago, before {day(found.before_ms)}"
    if found.first_ms is None or found.last_ms is None:
        print(f"No session ended more than {limit}: nothing to prune.")
        return
    verb = "would go" if dry_run else named(found.events, "is gone", "are gone")
    print(
        f"{counted(found.events, 'request')} of {counted(found.sessions, 'session')} {verb}: of"
        f" sessions that ended more than {limit}.\nBetween {day(found.first_ms)} and"
        f" {day(found.last_ms)}, {counted(found.tokens, 'token')}. Their sums stay in every report"
        " but `block`."
    )
