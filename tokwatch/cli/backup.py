"""`tokwatch backup`: copies the store to a file while it is in use."""

from __future__ import annotations

import argparse
from pathlib import Path

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.progress import progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the argument of `tokwatch backup`."""
    parser.description = (
        "Copy the store to a new file, whole and as of one moment, while it is in use. To go back "
        "to it, quit tokwatch and put the file in the place of the store."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; must not exist")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Copy the store."""
    from tokwatch.config import load
    from tokwatch.errors import TokwatchError
    from tokwatch.store.backup import backup
    from tokwatch.store.connect import store_file
    from tokwatch.words import size

    config = load(args.config, args.data, args.profile)
    store = store_file(config.store.url, config.data)
    if store is None:
        raise TokwatchError(
            "the store is in PostgreSQL", "Its own tools copy it: pg_dump, and psql to restore."
        )
    with progress("copying the store") as shown:
        shown.watch(lambda: args.file.stat().st_size if args.file.exists() else 0)
        backup(store, args.file)
    copied = args.file.stat().st_size
    if args.json:
        print(as_json({"store": str(store), "file": str(args.file), "bytes": copied}))
    else:
        print(f"{store} is copied to {args.file}, {size(copied)}.")
    return 0
