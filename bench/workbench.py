"""`python -m bench workbench`: how late the screen's loop is while a large prompt is worked on."""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from bench.compress import made_prompt
from bench.figures import Row, Table, figure, percentile, show
from tokwatch.compress.scene import Settings
from tokwatch.config import load
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding
from tokwatch.ui.app import TokwatchApp, demo_feed
from tokwatch.ui.screens.workbench import WorkbenchScreen
from tokwatch.workbench.state import Origin

TICK_S: Final = 0.002
DONE_S: Final = 60.0
Step = Callable[[], Awaitable[None]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the size of the prompt."""
    parser.add_argument("--tokens", type=int, default=200_000)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Drive the screen and print the waits of its loop."""
    gc.disable()  # as the command does until its first frame
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        rows = asyncio.run(_driven(Path(folder), args.tokens))
    title = f"workbench, {args.tokens:,} tokens: waits of the loop, ms"
    show(Table(title, ("p50", "p95", "p99", "most", "took"), tuple(rows)), as_json=args.json)
    return 0


async def _driven(folder: Path, tokens: int) -> list[Row]:
    config = load(None, folder, environ={})
    text = made_prompt(tokens, Settings(count_in(Encoding.O200K, config.data)))
    app = TokwatchApp(config, demo_feed(config), demo=True)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.snapshot is None:
            await asyncio.sleep(0.05)
        await pilot.press("8")
        await asyncio.sleep(2)
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)

        async def opened() -> None:
            screen.open_text(text, Origin("made"))
            await _done(screen)

        async def pressed(*keys: str) -> None:
            for key in keys:
                await pilot.press(key)
                await asyncio.sleep(0.05)
            await _done(screen)

        async def typed() -> None:
            await pilot.press("e")
            await asyncio.sleep(0.3)
            for _ in range(40):
                await pilot.press("a")
                await asyncio.sleep(0.05)
            await _done(screen)

        steps: dict[str, Step] = {
            "nothing": lambda: asyncio.sleep(1),
            "open": opened,
            "next change, 20 times": lambda: pressed(*["n"] * 20),
            "scroll, 20 times": lambda: pressed("tab", *["pagedown"] * 20),
            "reject, undo": lambda: pressed("x", "u"),
            "split, unified": lambda: pressed("v", "v"),
            "level, undo": lambda: pressed("l", "u"),
            "edit, 40 keys": typed,
        }
        return [await _measured(name, step) for name, step in steps.items()]


async def _done(screen: WorkbenchScreen) -> None:
    """Wait until everything is worked out."""
    await asyncio.sleep(0.3)
    begun = time.monotonic()
    while screen.shown.is_working and time.monotonic() - begun < DONE_S:
        await asyncio.sleep(0.02)


async def _measured(name: str, step: Step) -> Row:
    """Return how late a task of the loop wakes while a step is done."""
    waits: list[float] = []
    is_over = False

    async def tick() -> None:
        while not is_over:
            begun = time.perf_counter()
            await asyncio.sleep(TICK_S)
            waits.append(1000 * (time.perf_counter() - begun - TICK_S))

    ticking = asyncio.create_task(tick())
    begun = time.perf_counter()
    await step()
    took = time.perf_counter() - begun
    is_over = True
    await ticking
    shares = [figure([percentile(waits, share)]) for share in (0.5, 0.95, 0.99)]
    return Row(name, (*shares, figure([max(waits)]), figure([1000 * took])))
