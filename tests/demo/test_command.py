"""`tokwatch demo` from the command line to the screen, in an empty home."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from textual.pilot import Pilot

from tokwatch.cli import main
from tokwatch.config import Config, load
from tokwatch.ui.app import TokwatchApp, demo_feed


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on the loop that Textual uses."""
    return "asyncio"


def test_the_command_opens_the_screen_on_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[tuple[Config, bool]] = []

    def run(config: Config, *, demo: bool = False) -> int:
        opened.append((config, demo))
        return 3

    app = ModuleType("tokwatch.ui.app")
    monkeypatch.setitem(sys.modules, "tokwatch.ui.app", app)
    monkeypatch.setattr(app, "run", run, raising=False)

    assert main(["--data", str(tmp_path), "demo"]) == 3
    assert opened == [(load(data=tmp_path), True)]


def test_a_folder_that_is_a_link_ends_it_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo").symlink_to(tmp_path)

    assert main(["--data", str(tmp_path), "demo"]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"tokwatch: {tmp_path / 'demo'} is a link")


async def shown(pilot: Pilot[int], text: str) -> str:
    """Wait until the screen holds a text and return all of it."""
    for _ in range(2_000):
        strips = pilot.app.screen._compositor.render_strips()
        screen = "\n".join(strip.text for strip in strips)
        if text in screen:
            return screen
        await pilot.pause(0.01)
    raise AssertionError(screen)


@pytest.mark.anyio
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=str)
async def test_the_screen_says_demo_and_shows_sessions(
    size: tuple[int, int], tmp_path: Path, home: Path
) -> None:
    config = load(data=tmp_path / "data")
    app = TokwatchApp(config, demo_feed(config), demo=True)

    async with app.run_test(size=size) as pilot:
        screen = await shown(pilot, "opus-4-8")
        assert "tokwatch demo" in screen.splitlines()[0]
        await pilot.press("q")

    assert app.return_code == 0
    assert list((tmp_path / "data").iterdir()) == []
    assert list(home.iterdir()) == []
