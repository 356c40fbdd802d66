"""`tokwatch import`: takes what the logs of other machines told, from files or from their logs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.progress import progress
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.machines.machines import EventImport, FolderRead, Imported


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
    add_json(parser)


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
    return _import_folder(args, config) if args.path else _import_files(args, config)


def _import_folder(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.cli.writing import tell_wait
    from tokwatch.machines.machines import import_folder

    with progress("reading logs") as shown:
        sources = tuple(args.source)
        done = import_folder(config, args.path, args.machine, sources, tell_wait, shown.of_bytes)
    if args.json:
        print(as_json(_folder_document(args, done)))
    else:
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


def _folder_document(args: argparse.Namespace, done: FolderRead) -> dict[str, object]:
    return {
        "machine": args.machine,
        "folder": str(args.path),
        "logs": len(done.logs),
        "newLogs": len(done.new),
        "addedRequests": done.added,
        "errors": [{"path": path, "error": error} for path, error in done.errors.items()],
    }


def _import_files(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.cli.writing import writing
    from tokwatch.machines.machines import EventImport

    found: list[tuple[str, Imported | None]] = []
    with writing(config) as (database, workspace):
        events = EventImport(config, database, workspace)
        for name in args.files:
            done = _import_file(events, name)
            found.append((name, done))
            if done and not args.json:
                print(f"{printable(_shown(name))}: {_in_words(done)}")
    if args.json:
        print(as_json({"files": [_file_document(name, done) for name, done in found]}))
    return 1 if any(done is None or done.left_out for _, done in found) else 0


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


def _import_file(events: EventImport, name: str) -> Imported | None:
    """Import one file and tell its troubles; a broken one, None, does not stop the others."""
    from tokwatch.errors import TokwatchError

    shown = _shown(name)
    try:
        if name == "-":
            done = events.take(sys.stdin.buffer, shown)
        else:
            with open(name, "rb") as file, progress(f"taking {printable(shown)}") as seen:
                seen.watch(file.tell, os.fstat(file.fileno()).st_size)
                done = events.take(file, shown)
    except TokwatchError as error:
        print(f"tokwatch: {printable(error.message)}. {error.hint}", file=sys.stderr)
        return None
    except OSError as error:
        told = f"cannot read {printable(shown)}: {error.strerror or type(error).__name__}"
        print(f"tokwatch: {told}", file=sys.stderr)
        return None
    for reason in done.left_out:
        print(f"tokwatch: {printable(reason)}", file=sys.stderr)
    if done.bad_lines:
        print(
            f"tokwatch: {counted(done.bad_lines, 'bad line')} in {printable(shown)}",
            file=sys.stderr,
        )
    return done


def _file_document(name: str, done: Imported | None) -> dict[str, object]:
    """Return what became of a file; null where it could not be read."""
    if done is None:
        return {"file": name, "taken": None}
    taken = done.taken
    return {
        "file": name,
        "taken": {
            "logs": taken.logs,
            "newLogs": taken.new,
            "toldAnewLogs": taken.grown,
            "knownLogs": taken.known,
            "olderLogs": taken.older,
            "outdatedLogs": taken.outdated,
            "readHereLogs": taken.read_here,
            "addedRequests": done.added,
            "addedEvents": done.events,
            "changedEvents": done.changed,
            "changedMeasures": done.measures,
            "badLines": done.bad_lines,
            "leftOut": list(done.left_out),
        },
    }


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
