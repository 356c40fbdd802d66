"""`python -m bench NAME [OPTIONS]`: runs one benchmark."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

BENCHMARKS = {"queries": "every way to read the store, on a store of a million events or more"}


def main() -> int:
    """Run the benchmark that is named."""
    parser = argparse.ArgumentParser(prog="bench", allow_abbrev=False)
    named = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, about in BENCHMARKS.items():
        module = import_module(f"bench.{name}")
        module.add_arguments(named.add_parser(name, help=about, description=about))
    args = parser.parse_args()
    code: int = import_module(f"bench.{args.name}").run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
