"""What an endpoint answers, line by line as it comes; whoever asks waits in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from tokwatch.ingest.asking import Answer
from tokwatch.ui import format as fmt
from tokwatch.words import counted

Trial = Callable[[], Iterator[Answer]]
"""Asks, and yields what each part answers; it may take its time."""


class Answers(VerticalScroll, can_focus=True):
    """Lines of plain text, a mark before each; those that fail begin with an exclamation mark."""

    class Done(Message):
        """All parts answered, or failed."""

        def __init__(self, failing: int, parts: int) -> None:
            super().__init__()
            self.failing, self.parts = failing, parts

    def compose(self) -> ComposeResult:
        """Show the lines."""
        yield Static("", markup=False)

    def say(self, text: str) -> None:
        """Show a text in place of answers."""
        self.query_one(Static).update(text)

    def ask(self, trial: Trial) -> None:
        """Ask, and show what comes; what was asked before is not waited for."""
        self.say("asking …")
        self.run_worker(self._follow(trial), exclusive=True)

    async def _follow(self, trial: Trial) -> None:
        came: asyncio.Queue[Answer | Exception | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def bring(one: Answer | Exception | None) -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(came.put_nowait, one)

        def run() -> None:
            try:
                for one in trial():
                    bring(one)
            except Exception as error:  # a worker's top: told
                bring(error)
            bring(None)

        # A daemon: neither leaving the form nor quitting waits for an endpoint.
        threading.Thread(target=run, name="endpoint-trial", daemon=True).start()
        await self._show(came)

    async def _show(self, came: asyncio.Queue[Answer | Exception | None]) -> None:
        lines: list[str] = []
        failing = parts = 0
        while (one := await came.get()) is not None:
            parts += 1
            if isinstance(one, Answer):
                failing += one.is_failing
                lines += one.lines
            else:
                failing += 1
                lines.append(f"! it failed: {type(one).__name__}")
            self.say("\n".join(fmt.clean(line) for line in (*lines, "asking …")))
        lines.append(verdict(failing, parts))
        self.say("\n".join(map(fmt.clean, lines)))
        self.post_message(self.Done(failing, parts))


def verdict(failing: int, parts: int) -> str:
    """Return in a sentence how a trial ended."""
    if not failing:
        return "It answers."
    if failing == parts:
        return "It does not answer so."
    return f"It answers, but {counted(failing, 'part')} of {parts} failed."
