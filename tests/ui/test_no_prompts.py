"""No prompt of real transcripts reaches the screen while titles are off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.sources.road import CANARY, FIXTURES
from tests.ui.conftest import text_of
from tokwatch.config import load
from tokwatch.ingest.ingest import refresh
from tokwatch.monitor.monitor import Monitor
from tokwatch.ui.app import TokwatchApp

pytestmark = pytest.mark.anyio
WORD = CANARY.split()[0]
LOOKS = 200


async def seen(app: TokwatchApp, pilot: Pilot[int], wanted: str) -> str:
    """Return what the screen shows once it shows this."""
    for _ in range(LOOKS):
        await pilot.pause(0.05)
        if app.snapshot is not None and app.snapshot.sessions and wanted in text_of(app):
            return text_of(app)
    raise AssertionError(text_of(app))


@pytest.mark.parametrize("titles", [True, False])
async def test_prompts_are_shown_as_titles_only(home: Path, tmp_path: Path, titles: bool) -> None:
    shutil.copytree(FIXTURES, home, dirs_exist_ok=True)
    settings = {"TOKWATCH_UI__TITLES": str(titles).lower(), "TOKWATCH_PRICES__UPDATE": "false"}
    config = load(data=tmp_path / "data", environ=settings)
    refresh(config)
    monitor = Monitor(config)
    app = TokwatchApp(config, monitor)
    async with app.run_test(size=(200, 60)) as pilot:
        shown = [await seen(app, pilot, WORD if titles else "sessions")]
        for key in ("enter", "escape", "i", "escape", "+", "?"):
            await pilot.press(key)
            await pilot.pause()
            shown.append(text_of(app))
        await pilot.press("q")

    assert any(WORD in text for text in shown) is titles
