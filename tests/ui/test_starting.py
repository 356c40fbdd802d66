"""How the screen starts, and what it leaves behind when it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segments
from textual._compositor import Compositor
from textual.dom import DOMNode
from textual.events import ScreenResume
from textual.screen import Screen

from tests.ui.conftest import MakeApp, settle
from tests.ui.literal import FakeFeed
from tokwatch.config import Config, load
from tokwatch.ui import app as module
from tokwatch.ui.app import TokwatchApp, run

pytestmark = pytest.mark.anyio


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[TokwatchApp, dict[str, object]]]:
    """Return the applications that were run, none of which takes the terminal."""
    runs: list[tuple[TokwatchApp, dict[str, object]]] = []

    def note(app: TokwatchApp, **options: object) -> None:
        runs.append((app, options))

    monkeypatch.setattr(TokwatchApp, "run", note)
    return runs


@pytest.mark.parametrize("demo", [False, True])
def test_the_screen_shows_ones_own_sessions_or_simulated_ones(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[tuple[TokwatchApp, dict[str, object]]],
    demo: bool,
) -> None:
    made: list[str] = []

    def make(name: str) -> type[FakeFeed]:
        class Made(FakeFeed):
            def __init__(self, config: Config) -> None:
                super().__init__()
                made.append(name)

        return Made

    monkeypatch.setattr("tokwatch.monitor.monitor.Monitor", make("monitor"))
    monkeypatch.setattr("tokwatch.demo.DemoFeed", make("demo"))
    file = tmp_path / "config.toml"
    file.write_text("[ui]\nmouse = false")
    assert run(load(file, tmp_path, environ={}), demo=demo) == 0
    ((app, options),) = started
    assert made == ["demo" if demo else "monitor"]
    assert app.demo is demo
    assert options == {"mouse": False}


def test_the_demo_is_made_of_the_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.demo.DemoFeed", lambda config: config)
    config = load(None, tmp_path, environ={})
    assert module.demo_feed(config) is config  # type: ignore[comparison-overlap]  # a stand-in


async def test_the_start_paints_nothing_unseen_and_styles_nothing_twice(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen: list[Screen[object]] = []
    styled: list[DOMNode] = []

    def paint(compositor: Compositor, **options: Any) -> Any:
        if app._batch_count:
            unseen.append(app.screen)
        return textual_paint(compositor, **options)

    def style(node: DOMNode, *, animate: bool = True) -> None:
        styled.append(node)
        textual_style(node, animate=animate)

    textual_paint, textual_style = Compositor.render_update, DOMNode.update_node_styles
    monkeypatch.setattr(Compositor, "render_update", paint)
    monkeypatch.setattr(DOMNode, "update_node_styles", style)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        overview = app.screen
        assert (unseen, overview in styled) == ([], False)
        overview.post_message(ScreenResume())
        await settle(pilot)
        assert overview in styled


def test_a_crash_tells_where_but_not_what_was_shown(make_app: MakeApp) -> None:
    app = make_app()
    secret = "-".join(("canary", "prompt"))
    try:
        raise RuntimeError("broken" if secret else "")
    except RuntimeError as error:
        app._handle_exception(error)
    (renderable,) = app._exit_renderables
    assert isinstance(renderable, Segments)
    printed = "".join(segment.text for segment in renderable.segments)
    assert "RuntimeError: broken" in printed
    assert secret not in printed
    assert app.return_code == 1
