"""A page that comes in parts is asked for until it is whole, and never in a loop."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.literal import BUSY
from tests.ui.session_pages import app_with, opened, page
from tokwatch.model.snapshot import Page
from tokwatch.ui.screens import growing
from tokwatch.ui.screens.session import SessionScreen

pytestmark = pytest.mark.anyio


async def test_each_new_part_is_followed_by_one_question(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[float] = []
    monkeypatch.setattr(
        SessionScreen, "set_timer", lambda screen, delay, callback: timers.append(delay)
    )
    app = app_with(make_app)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        asked = len(feed_of(app).asked)
        part = replace(page(), is_whole=False)
        feed_of(app).pages.clear()
        for version in range(2, 6):  # pictures that have nothing new of it
            shown = Page(screen.ask, part)
            feed_of(app).publish(replace(BUSY, version=version, page=shown))
            await settle(pilot)
        assert feed_of(app).asked[asked:] == [screen.ask]
        assert set(timers) == {growing.AGAIN_S}

        screen._ask_again()
        whole = Page(screen.ask, replace(part, is_whole=True))
        feed_of(app).publish(replace(BUSY, version=9, page=whole))
        await settle(pilot)
        screen._ask_again()
        assert feed_of(app).asked[asked:] == [screen.ask, screen.ask]
