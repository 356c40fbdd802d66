"""Pictures of the session screen; look at one before accepting it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.conftest import MakeApp
from tests.ui.session_pages import app_with, page
from tests.ui.test_pictures import TITLES, Compare, keys
from tokwatch.model.detail import DetailReading
from tokwatch.pages.session import SessionPage

READING = DetailReading("claude-code", "7f3a", 31_000_000, 90_000_000)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 30)], ids=["120x36", "80x24", "60"])
@pytest.mark.parametrize("views", range(5), ids=["requests", "agents", "carried", "cut", "facts"])
def test_views(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], views: int) -> None:
    app = app_with(make_app, page(), titles=TITLES)
    press = keys("enter", *"v" * views)
    assert snap_compare(app, terminal_size=size, run_before=press)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        pytest.param(lambda: page(told=False, reading=READING), (), id="reading"),
        pytest.param(page, ("left",) * 30, id="cursor"),
        pytest.param(page, ("?",), id="help"),
        pytest.param(page, ("+",), id="zoomed-table"),
        pytest.param(page, ("shift+tab", "shift+tab", "+"), id="zoomed-timeline"),
    ],
)
def test_states(
    make_app: MakeApp,
    snap_compare: Compare,
    make: Callable[[], SessionPage],
    names: tuple[str, ...],
) -> None:
    app = app_with(make_app, make(), titles=TITLES)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys("enter", *names))


@pytest.mark.parametrize("theme", ["tokwatch-light", "terminal"])
def test_themes(make_app: MakeApp, snap_compare: Compare, theme: str) -> None:
    app = app_with(make_app, page(), config=f'[ui]\ntheme = "{theme}"', titles=TITLES)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys("enter"))


def test_no_color(
    make_app: MakeApp, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_with(make_app, page(), titles=TITLES)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys("enter"))
