"""The mouse: rows, headings, tiles, ranges, screens and keys can be clicked."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of
from tests.ui.literal import BUSY
from tokwatch.model.snapshot import Span
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.first_line import FirstLine
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.ui.widgets.spend import SpendOverTime
from tokwatch.ui.widgets.tiles import BurnRate

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def column_of(app: TokwatchApp, pane: type[Sessions | SpendOverTime | FirstLine], text: str) -> int:
    """Return where a text begins in the first line of a pane that holds it."""
    lines = app.screen.query_one(pane).plain.splitlines()
    return next(line.index(text) for line in lines if text in line)


async def test_a_click_selects_and_a_second_one_opens(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(Sessions, offset=(10, 5))
        assert app.screen.query_one(Sessions).row == BUSY.sessions[3]
        await pilot.click(Sessions, offset=(10, 4), times=2)
        assert isinstance(app.screen, SessionScreen)


async def test_a_click_below_the_last_row_does_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(Sessions, offset=(10, 13), times=2)
        assert app.screen.query_one(Sessions).viewport.index == 0
        assert not isinstance(app.screen, SessionScreen)


@pytest.mark.parametrize("name", ["project", "model", "context", "cost", "$/h", "cache", "state"])
async def test_a_heading_sorts_and_turns(make_app: MakeApp, name: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        table = app.screen.query_one(Sessions)
        at = (table.plain.splitlines()[1].index(name), 1)
        table.view = replace(table.view, sort="tokens")
        await pilot.click(Sessions, offset=at)
        assert table.view.sort == {"state": "last"}.get(name, name)
        assert not table.view.reverse
        await pilot.click(Sessions, offset=at)
        assert table.view.reverse


async def test_shift_on_a_heading_turns_at_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        table = app.screen.query_one(Sessions)
        at = (column_of(app, Sessions, "project"), 1)
        await pilot.click(Sessions, offset=at, shift=True)
        assert (table.view.sort, table.view.reverse) == ("project", True)


async def test_the_wheel_scrolls_long_lists(make_app: MakeApp) -> None:
    rows = tuple(replace(BUSY.sessions[0], key=f"k{n}", cost_nano=-n) for n in range(100))
    app = make_app(replace(BUSY, sessions=rows))
    async with app.run_test(size=SIZE) as pilot:
        table = app.screen.query_one(Sessions)
        await pilot.hover(Sessions, offset=(10, 5))
        table.on_mouse_scroll_down()
        table.on_mouse_scroll_down()
        table.on_mouse_scroll_up()
        assert (table.viewport.top, table.viewport.index) == (3, 0)
        assert "┃" in table.plain


async def test_a_click_on_a_tile_zooms_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(BurnRate)
        assert app.screen.maximized is app.screen.query_one(BurnRate)


async def test_a_click_on_a_range_asks_for_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        at = (column_of(app, SpendOverTime, "7d"), 0)
        await pilot.click(SpendOverTime, offset=at)
        assert feed_of(app).shown == [(Span.WEEK, None)]


async def test_a_click_on_a_screens_name_opens_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(FirstLine, offset=(column_of(app, FirstLine, "8 Bench"), 0))
        await pilot.pause()
        assert app.current_mode == "workbench"


async def test_a_click_on_a_key_presses_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        line = app.screen.query_one(LastLine).plain
        await pilot.click(LastLine, offset=(line.index("p pause"), 0))
        await pilot.pause()
        assert app.paused
