"""`tokwatch export`: writes what the logs told to a file that another store can import."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tokwatch.cli.days import add_days, part_asked
from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.progress import progress
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.machines.machines import Exported
    from tokwatch.model.usage import Slice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch export`."""
    parser.description = (
        "Write every request with the log that told it, as JSON lines: counts, names and "
        "instants, never prompts. A log with a request in the range is written whole, so that "
        "the store that imports it can settle what several logs tell."
    )
    option = parser.add_argument
    option("--events", metavar="FILE", required=True, help="where to; - for the standard output")
    add_days(parser)
    option(
        "--machine",
        metavar="LABEL",
        default="",
        help="what this machine is called where it has no [general] machine; else the host's name",
    )
    option("--no-refresh", action="store_true", help="do not read the logs first")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date and export it."""
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load
    from tokwatch.errors import ConfigError
    from tokwatch.machines.machines import label_of

    if args.json and args.events == "-":
        raise ConfigError("--json tells of a file, and - is the standard output.")
    config = load(args.config, args.data, args.profile)
    part, label = part_asked(args, config), label_of(config, args.machine)
    if not args.no_refresh:
        refreshed(config)
    done = _export(config, part, label, args.events)
    if args.json:
        told = {"logs": done.logs, "records": done.records, "requests": done.requests}
        print(as_json({"file": args.events, "machine": label, **told}))
        return 0
    where = "the standard output" if args.events == "-" else args.events
    print(
        f"tokwatch: wrote {counted(done.logs, 'log')} with {_in_words(done)} to {where};"
        f" this machine is called {label}",
        file=sys.stderr,
    )
    return 0


def _in_words(done: Exported) -> str:
    """Say how much a file holds; a range may be a part of what its logs tell."""
    records = counted(done.records, "record")
    return f"{records} of {counted(done.requests, 'request')}" if done.requests else records


def _export(config: Config, part: Slice, label: str, where: str) -> Exported:
    from tokwatch.machines.machines import export_events, replacing

    now_ms = time.time_ns() // 1_000_000
    if where == "-":
        return export_events(config, part, label, now_ms, sys.stdout.buffer)
    with replacing(Path(where)) as file, progress("writing") as shown:
        shown.watch(file.tell)
        return export_events(config, part, label, now_ms, file)
