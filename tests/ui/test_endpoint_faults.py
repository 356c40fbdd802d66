"""An endpoint that refuses, then is gone: the screen says so, and goes on with everything else."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.endpoint_server import Answer, endpoint_server
from tests.transcripts import append, response, transcript
from tests.ui.conftest import text_of
from tokwatch.config import load
from tokwatch.monitor.monitor import Monitor
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.reconcile import ReconcileScreen

pytestmark = pytest.mark.anyio
LOOKS = 400


async def seen(app: TokwatchApp, pilot: Pilot[int], wanted: str) -> str:
    """Return what the screen shows once it shows this."""
    for _ in range(LOOKS):
        await pilot.pause(0.05)
        if wanted in text_of(app):
            return text_of(app)
    raise AssertionError(text_of(app))


async def test_the_screen_lives_on_while_an_endpoint_refuses_and_is_gone(
    home: Path, tmp_path: Path
) -> None:
    append(transcript(home), response(1, at=datetime.now(UTC)))
    with ExitStack() as until_gone:
        server = until_gone.enter_context(endpoint_server())
        server.clock_ms = lambda: int(datetime.now(UTC).timestamp() * 1000)
        server.tell("/metrics", b"llamacpp:requests_processing 2\n")
        server.tell("/v1/models", {"data": [{"id": "qwen"}]})
        server.tell("/slots", [])
        file = tmp_path / "config.toml"
        file.write_text(
            f'[prices]\nupdate = false\n[endpoint.box]\nkind = "llamacpp"\nurl = "{server.url}"\n'
        )
        config = load(file, tmp_path / "data", environ={})
        app = TokwatchApp(config, Monitor(config))
        async with app.run_test(size=(120, 36)) as pilot:
            await seen(app, pilot, "gateways · 1")
            await pilot.press("9")
            well = await seen(app, pilot, "running 2 (qwen)")
            server.fault = lambda _: Answer(status=401, headers={"Connection": "close"})
            await pilot.press("R")
            refused = await seen(app, pilot, "x left alone")
            until_gone.close()
            await pilot.press("R")
            gone = await seen(app, pilot, "cannot be reached")
            append(transcript(home, session="after"), response(2, at=datetime.now(UTC)))
            await pilot.press("v")
            await pilot.pause()
            assert isinstance(app.screen, ReconcileScreen)
            await pilot.press("escape", "1")
            await seen(app, pilot, "2 in range")
            overview = await seen(app, pilot, "gateways · 1 · 1 failing")
            await pilot.press("q")

    assert "● polled" in well
    assert "failing" not in well
    for shown in (refused, gone):
        assert "endpoints · 1 · 1 failing" in shown
    assert "answered with status 401" in refused
    assert "cannot be reached" in overview
