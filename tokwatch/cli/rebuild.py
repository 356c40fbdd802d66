"""`tokwatch rebuild`: makes sums anew from stored requests, and requests anew from logs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.progress import progress
from tokwatch.words import counted, named

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.connect import Database


class Logs(NamedTuple):
    """How many logs were read anew, and how many could not be for they are gone."""

    read: int
    gone: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch rebuild`."""
    parser.description = "Make every sum anew from the stored requests, and say what differed."
    option = parser.add_argument
    option("--logs", action="store_true", help="first read logs again that an older parser read")
    option("--all", action="store_true", help="with --logs: read every log again")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Rebuild, and print what had differed."""
    from tokwatch.cli.writing import writing
    from tokwatch.config import load
    from tokwatch.errors import ConfigError
    from tokwatch.ingest.ingest import day_of, open_ingest
    from tokwatch.store.rebuild import rebuild
    from tokwatch.zones import find_zone

    if args.all and not args.logs:
        raise ConfigError("--all goes with --logs.", "Write: tokwatch rebuild --logs --all")
    config = load(args.config, args.data, args.profile)
    with writing(config) as (database, workspace):
        open_ingest(config, database)  # lets the days follow the configured zone
        logs = _read_logs(config, database, workspace, every=args.all) if args.logs else None
        with progress("making sums anew"):
            differed = rebuild(database, workspace, day_of(find_zone(config.general.timezone)[1]))
    if args.json:
        told = {"logs": {"readAnew": logs.read, "gone": logs.gone}} if logs else {}
        print(as_json({**told, "differed": differed}))
    else:
        _print(logs, differed)
    return 0


def _read_logs(config: Config, database: Database, workspace: int, *, every: bool) -> Logs:
    """Read logs from their starts; of those that are gone, keep what they told."""
    from tokwatch.ingest.chosen import sources_of
    from tokwatch.ingest.ingest import open_ingest
    from tokwatch.store.rebuild import outdated, read_anew

    machine = config.general.machine
    versions = {each.name: each.version for each in sources_of(config)}
    read_anew(database, workspace, machine, versions, every=every)
    asked = len(outdated(database, workspace, machine, versions))
    ingest = open_ingest(config, database)
    found = ingest.walk()
    with progress("reading logs") as shown:
        for _ in ingest.read(found.pending, shown.of_bytes(found.bytes_pending)):
            pass
    gone = len(outdated(database, workspace, machine, versions))
    return Logs(asked - gone, gone)


def _print(logs: Logs | None, differed: dict[str, int]) -> None:
    if logs is not None:
        print(f"{counted(logs.read, 'log was', 'logs were')} read again from their starts.")
        if logs.gone:
            gone = counted(logs.gone, "log is", "logs are")
            print(f"{gone} gone or switched off: what they told is kept.")
    for table, cells in differed.items():
        differed_ = f"{counted(cells, 'sum')} by {table} differed from the requests"
        print(f"{differed_} and {named(cells, 'was', 'were')} made anew.")
    if not differed:
        print("Every sum equalled its requests.")
