"""A screen that stands still, and the application on literal snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.literal import BUSY, NOW, FakeFeed
from tests.ui.untraced import Tracing
from tokwatch.config import load
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.following import Clock

MakeApp = Callable[..., TokwatchApp]


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on the loop that Textual uses."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage while pictures are taken: other tests use what they draw."""
    for item in items:
        if item.path.stem.endswith("pictures"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True, scope="session")
def parsed_once() -> Iterator[None]:
    """Parse each style sheet once for all applications: a quarter of what a start costs."""
    parsed: dict[object, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(sheet: Stylesheet, *what: Any, **options: Any) -> list[RuleSet]:
        key = (tuple(sheet._variables.items()), what, tuple(options.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *what, **options)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def textual_untraced() -> Iterator[None]:
    """Let coverage trace what tokwatch draws, not how Textual brings it to the screen."""
    with pytest.MonkeyPatch.context() as patch:
        Tracing().leave_out(patch)
        yield


@pytest.fixture(autouse=True)
def still_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop everything that repaints by a clock of its own."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(App, "NOTIFICATION_TIMEOUT", 3600)


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Return what makes an application over literal snapshots, at a fixed time."""

    def make(
        *snapshots: Snapshot,
        titles: dict[str, str] | None = None,
        clock: Clock = lambda: NOW,
        config: str = "",
        make_demo: Callable[..., FakeFeed] | None = None,
    ) -> TokwatchApp:
        file = tmp_path / "config.toml"
        file.write_text(config)
        settings = load(file, tmp_path / "data", environ={})
        feed = FakeFeed(*(snapshots or (BUSY,)), titles=titles)
        if make_demo is None:
            return TokwatchApp(settings, feed, clock)
        return TokwatchApp(settings, feed, clock, make_demo=make_demo)

    return make


def feed_of(app: TokwatchApp) -> FakeFeed:
    """Return the feed that a test hands to the application."""
    assert isinstance(app.feed, FakeFeed)
    return app.feed


def text_of(app: TokwatchApp) -> str:
    """Return the screen as plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def settle(pilot: Pilot[int]) -> None:
    """Let threads bring what they were sent for, and the screen show it."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def enter_text(pilot: Pilot[int], text: str) -> None:
    """Press the keys of a text."""
    await pilot.press(*({" ": "space"}.get(letter, letter) for letter in text))
