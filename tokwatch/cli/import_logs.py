"""`tokwatch import`: takes what the logs of other machines told, from files or from their logs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.machines.machines import EventImport, Imported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch import`."""
    parser.description = (
        "Take files of `tokwatch export --events`, in any order and any number of times; or read "
        "the logs in a copy of another machine's home, each time what is new."
    )
    option = parser.add_argument
    option("files", nargs="*", metavar="FILE", help="an export; - for the standard input")
    option("--path", metavar="FOLDER", type=Path, help="a copy of another machine's home")
    option("--machine", metavar="LABEL", help="with --path: what that machine is called")
    option("--source", metavar="NAME", action="append", default=[],
           help="with --path: only this source; may be repeated")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Import files, or a folder; 1 where something had to be left out."""
    from tokwatch.config import load
    from tokwatch.errors import ConfigError

    config = load(args.config, args.data, args.profile)
    if bool(args.files) == bool(args.path):
        raise ConfigError(
            "What is to be imported?",
            "Write: tokwatch import FILE..., or tokwatch import --path FOLDER --machine LABEL",
        )
    if bool(args.path) != bool(args.machine) or (args.source and not args.path):
        raise ConfigError(
            "--path and --machine go together, --source goes with them.",
            "Write: tokwatch import --path FOLDER --machine LABEL; files carry their labels.",
        )
    return _import_folder(args, config) if args.path else _import_files(args.files, config)


def _import_folder(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.cli.writing import tell_wait
    from tokwatch.machines.machines import import_folder

    done = import_folder(config, args.path, args.machine, tuple(args.source), tell_wait)
    logs = counted(len(done.logs), "log")
    print(
        f"{printable(args.machine)}: {logs} in {printable(str(args.path))},"
        f" {len(done.new):,} with something new: {counted(done.added, 'request')} added."
    )
    for path, error in done.errors.items():
        print(f"tokwatch: cannot read {printable(path)}: {error}", file=sys.stderr)
    if not done.logs:
        told = "no log of any tool; the folder must be a copy of the machine's home"
        print(f"tokwatch: {printable(str(args.path))}: {told}", file=sys.stderr)
    return 1 if done.errors or not done.logs else 0


def _import_files(names: list[str], config: Config) -> int:
    from tokwatch.cli.writing import writing
    from tokwatch.machines.machines import EventImport

    failed = 0
    with writing(config) as (database, workspace):
        events = EventImport(config, database, workspace)
        for name in names:
            failed += not _import_file(events, name)
    return 1 if failed else 0


def _import_file(events: EventImport, name: str) -> bool:
    """Import one file and print what became of it; a broken one does not stop the others."""
    from tokwatch.errors import TokwatchError

    shown = "standard input" if name == "-" else name
    try:
        if name == "-":
            done = events.take(sys.stdin.buffer, shown)
        else:
            with open(name, "rb") as file:
                done = events.take(file, shown)
    except TokwatchError as error:
        print(f"tokwatch: {printable(error.message)}. {error.hint}", file=sys.stderr)
        return False
    except OSError as error:
        told = f"cannot read {printable(shown)}: {error.strerror or type(error).__name__}"
        print(f"tokwatch: {told}", file=sys.stderr)
        return False
    print(f"{printable(shown)}: {_in_words(done)}")
    for reason in done.left_out:
        print(f"tokwatch: {printable(reason)}", file=sys.stderr)
    if done.bad_lines:
        print(
            f"tokwatch: {counted(done.bad_lines, 'bad line')} in {printable(shown)}",
            file=sys.stderr,
        )
    return not done.left_out


def _in_words(done: Imported) -> str:
    taken = done.taken
    parts = [
        (taken.new, "new"),
        (taken.grown, "told anew"),
        (taken.known, "already here"),
        (taken.older, "older than what is here"),
        (taken.outdated, "of an older parser"),
        (taken.read_here, "read on this machine"),
    ]
    kinds = ", ".join(f"{count:,} {words}" for count, words in parts if count) or "none"
    measures = f", {counted(done.measures, 'measure')} new or changed" if done.measures else ""
    events = f" ({counted(done.events, 'event')})" if done.events != done.added else ""
    return (
        f"{counted(taken.logs, 'log')} ({kinds}): {counted(done.added, 'request')} added{events},"
        f" {done.changed:,} changed{measures}."
    )
