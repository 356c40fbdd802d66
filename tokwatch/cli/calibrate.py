"""`tokwatch calibrate`: measures token counts on your own logs, and says how far they are off."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.progress import progress

if TYPE_CHECKING:
    from tokwatch.tokens.calibrated import Calibration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch calibrate`."""
    parser.description = (
        "Count your newest logs again and compare with what the providers billed: that tells how "
        "many tokens of each model a text comes to, and how sure that is. The store keeps a few "
        "numbers for each model, no text. It is done daily while a screen is open."
    )
    option = parser.add_argument
    option("--background", action="store_true", help="give way to everything else, print nothing")
    add_json(parser)
    option("--no-refresh", action="store_true", help="do not read new logs first")


def run(args: argparse.Namespace) -> int:
    """Calibrate and print what was found; 1 where there is not enough to go by."""
    from tokwatch.calibration.calibrating import calibrate
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    if args.background:
        with suppress(AttributeError, OSError):
            os.nice(10)
    if not args.no_refresh and not args.background:
        refreshed(config)
    now_ms = time.time_ns() // 1_000_000
    if args.background:
        calibrate(config, now_ms)
        return 0
    with progress("counting logs") as shown:
        fits = calibrate(config, now_ms, told=lambda far: shown.tell(far.done, far.logs, "logs"))
    if args.json:
        print(as_json({"calibrations": [_record(one) for one in fits]}))
    else:
        for line in _lines(fits):
            print(line)
    return 0 if fits else 1


def _lines(fits: Sequence[Calibration]) -> Iterator[str]:
    """Yield the table."""
    from tokwatch.tokens.calibrated import BY_LENGTH
    from tokwatch.tokens.calibration import LEAST_PAIRS
    from tokwatch.words import printable

    if not fits:
        yield f"Too few answers to go by: a model needs {LEAST_PAIRS}, told to their end."
        return
    yield (
        f"{'model':<24}{'of':<8}{'counted in':<13}{'tokens x':>9}{'a call':>8}"
        f"{'n':>7}{'error':>8}{'of 90 %':>9}{'before':>8}"
    )
    for one in fits:
        mark = "  ! above 20 %" if one.is_doubtful and one.encoding != BY_LENGTH else ""
        yield (
            f"{printable(one.model)[:23]:<24}{one.kind:<8}{one.encoding:<13}{one.a:>9.3f}"
            f"{one.b:>8.1f}{one.pairs:>7,}{one.error:>8.1%}{one.p90:>9.1%}{one.raw_error:>8.1%}"
            f"{mark}"
        )
    yield ""
    yield "error: mean, on sessions left out of the fit; of 90 %: nine of ten are below it"


def _record(one: Calibration) -> dict[str, object]:
    return {
        "model": one.model,
        "kind": one.kind.value,
        "encoding": one.encoding,
        "perToken": one.a,
        "perCall": one.b,
        "measurements": one.pairs,
        "dropped": one.dropped,
        "sessions": one.sessions,
        "error": one.error,
        "errorOf90Percent": one.p90,
        "errorBefore": one.raw_error,
        "isDoubtful": one.is_doubtful,
        "fittedMs": one.fitted_ms,
    }
