"""`python -m bench NAME [OPTIONS]`: runs one benchmark."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Final, NamedTuple

from bench.measured import BenchError


class Benchmark(NamedTuple):
    """A benchmark; its module has `add_arguments(parser)` and `run(args) -> int`."""

    module: str
    about: str


BENCHMARKS: Final = {
    "cold": Benchmark("bench.reports", "a report with an empty store, beside ccusage and tokscale"),
    "warm": Benchmark("bench.reports", "a report when every log is known, beside the others"),
    "store": Benchmark("bench.reports", "a report from the store alone, beside the others"),
    "dense": Benchmark("bench.reports", "a cold report where every line is a usage event"),
    "latency": Benchmark("bench.latency", "from an appended response to the painted screen"),
    "frame": Benchmark("bench.frame", "from the start to the first frame, beside a bare app"),
    "idle": Benchmark("bench.idle", "what the screen takes while nothing happens"),
    "soak": Benchmark("bench.soak", "memory, threads and files over a day that is replayed fast"),
    "queries": Benchmark("bench.queries", "every way to read the store, with a million events"),
    "session": Benchmark("bench.session", "a session's contents, carried cost and truncation"),
    "sources": Benchmark("bench.sources", "how fast each tool's format is read"),
    "alerts": Benchmark("bench.alerts", "one judgement of all rules, with many live sessions"),
    "tokens": Benchmark("bench.tokens", "counting a prompt of 206,000 tokens, and editing it"),
    "check": Benchmark("bench.quick", "a check of budgets, beside an empty Python"),
    "statusline": Benchmark("bench.quick", "the status line, beside an empty Python"),
    "calibration": Benchmark("bench.calibration", "how far token counts are off on your pairs"),
    "opening": Benchmark("bench.session_screen", "from Enter to a painted session of 4 and 90 MB"),
    "compress": Benchmark("bench.compress", "a prompt of 215k tokens through the stages"),
    "techniques": Benchmark("bench.techniques", "what each stage of compression saves by itself"),
    "habits": Benchmark("bench.habits", "what other habits would have cost on your own logs"),
    "workbench": Benchmark("bench.workbench", "the loop's waits while 200k tokens are compressed"),
    "suggestions": Benchmark("bench.suggestions", "time and memory of a look for savings"),
    "corpus": Benchmark("bench.corpus", "make logs to measure with"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark that is named."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="bench", allow_abbrev=False)
    named = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, benchmark in BENCHMARKS.items():
        own = named.add_parser(name, help=benchmark.about, description=benchmark.about)
        if given[:1] == [name]:  # the others are not imported: some hold much memory
            import_module(benchmark.module).add_arguments(own)
    args = parser.parse_args(given)
    try:
        code: int = import_module(BENCHMARKS[args.name].module).run(args)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
