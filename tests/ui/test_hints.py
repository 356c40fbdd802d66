"""The screen offers the keys that do something at the moment, and explains all of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.geometry import Region

from tests.ui import session_pages
from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.ui.widgets.tiles import Today

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_every_key_can_be_reached_in_the_help(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("?")
        await pilot.pause()
        assert "pgdn more keys" in app.screen.query_one(LastLine).plain
        seen = text_of(app)
        for _ in range(12):
            await pilot.press("pagedown")
            await pilot.pause()
            seen += text_of(app)
        for key in ("Fold out", "Earlier", "Turn order", "Where from", "Theme"):
            assert key in seen
        assert app.screen.query_one(Sessions).viewport.index == 0
        (keys,) = app.screen.query("#keys-help")
        below = keys.scroll_offset.y
        await pilot.press("pageup")
        await pilot.pause()
        assert keys.scroll_offset.y < below


async def test_in_a_narrow_window_the_help_covers_the_panes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(60, 30)) as pilot:
        await pilot.press("?")
        await settle(pilot)
        (panel,) = app.screen.query("HelpPanel")
        assert panel.region == Region(0, 1, 60, 28)
        assert "pgdn more keys" in text_of(app).splitlines()[-1]
        await pilot.resize_terminal(80, 30)
        await settle(pilot)
        assert panel.region == Region(44, 0, 36, 30)
        await pilot.press("escape")
        await settle(pilot)
        assert "more keys" not in text_of(app)
        await pilot.press("4")
        await settle(pilot)
        offered = {each.binding.action for each in app.screen.active_bindings.values()}
        assert "explain" in offered
        assert not {one for one in offered if one.startswith(("scroll_", "page_"))}


async def test_keys_of_a_table_that_is_not_visible_are_not_offered(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(Today).focus()
        await pilot.press("+")
        await pilot.pause()
        line = app.screen.query_one(LastLine).plain
        assert "filter" not in line
        assert "sort" not in line
        assert "esc back" in line
        await pilot.press("/")
        assert not app.screen.query("FilterLine")
        await pilot.press("escape")
        await pilot.pause()
        assert "filter" in app.screen.query_one(LastLine).plain


async def test_a_zoomed_table_keeps_its_keys(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("+")
        await pilot.pause()
        assert "/ filter" in app.screen.query_one(LastLine).plain


@pytest.mark.parametrize("keys", [("y",), ("enter", "y")])
async def test_a_simulated_session_cannot_be_resumed(
    make_app: MakeApp, keys: tuple[str, ...]
) -> None:
    app = make_app()
    app.demo = True
    feed_of(app).pages[SessionAsk] = session_pages.page()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        assert [notice.message for notice in app._notifications] == [
            "This session is simulated: there is nothing to resume."
        ]
        assert app.clipboard == ""


async def test_no_session_that_needs_a_look_is_said(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        feed_of(app).publish(replace(BUSY, sessions=BUSY.sessions[1:2], version=2))
        await pilot.press("!")
        await pilot.pause()
        assert "no session needs a look" in text_of(app)
