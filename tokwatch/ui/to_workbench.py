"""The way from a logged session to the workbench."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App
from textual.binding import Binding

from tokwatch.pages.workbench_logged import LoggedAsk

TO_WORKBENCH: Final = Binding(
    "w", "workbench", "Workbench", id="workbench.open",
    tooltip="Take its text to the workbench, read from the log",
)  # fmt: skip


async def to_workbench(app: App[Any], asked: LoggedAsk, name: str) -> None:
    """Show the workbench, and let it fetch a text from a log."""
    from tokwatch.ui.screens.workbench import WorkbenchScreen

    before = app.current_mode
    await app.switch_mode("workbench")
    screen = app.screen
    if isinstance(screen, WorkbenchScreen):
        screen.fetch(asked, name, before)
