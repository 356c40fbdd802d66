"""The program with a task that notes how late its loop wakes it: `python -m bench.late_loop`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
from pathlib import Path
from typing import Final

from tokwatch.config import load
from tokwatch.monitor.monitor import Monitor
from tokwatch.ui import app

SLEEP_S: Final = 0.005


class LateLoopApp(app.TokwatchApp):
    """Sleeps again and again, and keeps (when, how many ms late) of every waking."""

    CSS_PATH = str(Path(app.__file__).with_name("tokwatch.tcss"))

    def on_mount(self) -> None:
        self.waits: list[tuple[float, float]] = []
        self._ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(SLEEP_S)
            woken = time.monotonic()
            self.waits.append((woken, 1000 * (woken - begun - SLEEP_S)))


def main() -> int:
    """Show the screen until it is left, then write what was noted."""
    parser = argparse.ArgumentParser(prog="bench.late_loop")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--waits", type=Path, required=True, help="file that gets the waits")
    args = parser.parse_args()
    gc.disable()  # as the command does until its first frame
    config = load(None, args.data)
    shown = LateLoopApp(config, Monitor(config))
    shown.run()
    args.waits.write_text(json.dumps(shown.waits), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
