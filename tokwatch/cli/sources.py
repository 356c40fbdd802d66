"""`tokwatch sources`: which logs are read, where they were looked for, and what was found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.words import counted, printable, size

if TYPE_CHECKING:
    from tokwatch.ingest.inventory import SourceState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch sources` and of `tokwatch sources test`."""
    parser.description = (
        "Print every source: in which folders its logs are looked for, what is there, what was "
        "read, and what could not be. With test: try one on a file, and store nothing."
    )
    actions = parser.add_subparsers(
        dest="action", metavar="test", parser_class=argparse.ArgumentParser
    )
    test = actions.add_parser(
        "test", help="print what a source makes of the first lines of a file", allow_abbrev=False
    )
    test.add_argument("name", metavar="NAME", help="a source, or a mapping of your settings")
    test.add_argument("file", metavar="FILE", type=Path, help="a log of it")
    test.add_argument(
        "--lines", metavar="N", type=int, default=20, help="how many lines; 20 unless told"
    )
    add_json(parser, test)


def run(args: argparse.Namespace) -> int:
    """Look at every folder and print what is there, or try a source on a file."""
    if args.action == "test":
        from tokwatch.cli import trial

        return trial.run(args)
    from tokwatch.config import load
    from tokwatch.ingest.inventory import inventory

    states = inventory(load(args.config, args.data, args.profile))
    states.sort(key=lambda state: not (state.files or state.read_files))  # what is here first
    if args.json:
        print(as_json({"sources": [_document(state) for state in states]}))
    else:
        for state in states:
            _print(state)
    return 0


def _document(state: SourceState) -> dict[str, object]:
    return {
        "name": state.name,
        "title": state.title,
        "enabled": state.enabled,
        "roots": [
            {"path": root.path, "found": root.found, "error": root.error} for root in state.roots
        ],
        "files": state.files,
        "bytes": state.size,
        "unreadable": [log._asdict() for log in state.unread],
        "readFiles": state.read_files,
        "events": state.events,
        "badLines": state.bad_lines,
        "oversizedLines": state.oversized_lines,
        "undatedRecords": state.undated,
        "unknownRecords": state.unknown,
        "unknownSample": state.sample,
        "retention": state.retention,
    }


def _print(state: SourceState) -> None:
    told = "" if state.enabled else "  (off in the settings)"
    print(f"{state.title}  [{state.name}]{told}")
    for root in state.roots:
        mark, word = ("+", "") if root.found else ("-", "" if root.error else "  not found")
        error = f"  {root.error}" if root.error else ""
        print(f"  {mark} {printable(f'{root.path}{word}{error}')}")
    for name in state.endpoints:
        print(f"  + endpoint {name} tells requests of it")
    if not state.roots and not state.endpoints:
        print("  - nothing says where its logs lie; [sources.paths] can")
    print(
        f"  {counted(state.files, 'log')}, {size(state.size)};"
        f" {state.read_files:,} read, {counted(state.events, 'request')}"
    )
    if state.unread:
        path, error = state.unread[0]
        told = f"{counted(len(state.unread), 'log')} cannot be read: {path}: {error}"
        print(f"  ! {printable(told)}")
    fields = f": fields {state.sample}" if state.sample else ""
    troubles = (
        ("unreadable lines", state.bad_lines),
        ("oversized lines", state.oversized_lines),
        ("records without a time", state.undated),
        (f"records of an unknown shape{fields}", state.unknown),
    )
    for name, number in troubles:
        if number:
            print(f"  ! {number:,} {name}")
    if state.retention:
        print(f"  {state.retention}")
    print()
