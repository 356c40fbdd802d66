"""`tokwatch help`: the help of a command, as `--help` behind it prints it."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the argument of `tokwatch help`."""
    from tokwatch.cli import COMMANDS

    names = [command.name for command in COMMANDS]
    parser.add_argument("of", metavar="COMMAND", nargs="?", choices=names, help="all unless told")


def run(args: argparse.Namespace) -> int:
    """Print the help."""
    from tokwatch.cli import build_parser

    build_parser().parse_args([*([args.of] if args.of else []), "--help"])
    return 0
