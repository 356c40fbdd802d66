"""`tokwatch demo`: the screen on simulated sessions that keep moving, in a store of its own."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say more in the help; there are no options."""
    parser.description = (
        "Show the screen on simulated sessions that keep moving. Nothing of yours is read; the "
        "demo's own folder, below the data folder, is removed when you quit."
    )


def run(args: argparse.Namespace) -> int:
    """Show the demo until the user quits."""
    from tokwatch.config import load
    from tokwatch.ui.app import run as show

    code: int = show(load(args.config, args.data, args.profile), demo=True)
    return code
