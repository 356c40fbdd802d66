"""The program under a clock that runs fast: `python -m bench.replayed`, for the soak only."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokwatch.config import load
from tokwatch.monitor.monitor import Monitor


def fast_clock(began: datetime, speed: float) -> Callable[[], datetime]:
    """Return a clock that shows an instant now and runs so many times as fast."""
    started = time.monotonic()
    return lambda: began + timedelta(seconds=(time.monotonic() - started) * speed)


def main() -> int:
    """Follow the logs of this home, on the screen or without one, until told to end."""
    parser = argparse.ArgumentParser(prog="bench.replayed")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--began", type=float, required=True, help="seconds since 1970")
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--screen", action="store_true")
    args = parser.parse_args()
    config = load(args.settings, args.data)
    clock = fast_clock(datetime.fromtimestamp(args.began, UTC), args.speed)
    monitor = Monitor(config, clock)
    if args.screen:
        gc.disable()  # until the first frame, as the command does
        from tokwatch.ui.app import TokwatchApp

        TokwatchApp(config, monitor, clock).run()
        return 0
    monitor.start(lambda snapshot: None)
    sys.stdin.read()
    monitor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
