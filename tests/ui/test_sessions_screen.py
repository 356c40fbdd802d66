"""The list of every session: what the page holds, under the keys of the overview's table."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.literal import BUSY, row
from tokwatch.model.snapshot import SessionRow
from tokwatch.pages.sessions import SessionsAsk, SessionsPage
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.session import SessionScreen

pytestmark = pytest.mark.anyio
MANY = tuple(row(f"s{number}", f"old-{number}", "archive", "haiku", number) for number in range(50))


async def open_list(pilot: Pilot[int], rows: tuple[SessionRow, ...], count: int) -> str:
    """Go to the list and return what it shows."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[SessionsAsk] = SessionsPage(rows, count)
    await settle(pilot)
    await pilot.press("2")
    await settle(pilot)
    return text_of(app)


async def test_it_lists_what_the_overview_has_no_room_for(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        text = await open_list(pilot, MANY, 50)
        assert "sessions · 50 in range" in text
        assert "old-49" in text
        assert "are listed" not in text
    assert feed_of(app).asked[0] == SessionsAsk()


async def test_it_says_when_not_all_are_listed(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        assert "7,000 in range · 50 live · the newest 50 are listed" in await open_list(
            pilot, tuple(replace(each, session=each.key) for each in MANY), 7_000
        )


async def test_until_its_page_comes_it_shows_what_is_known(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        assert BUSY.sessions[0].label in text_of(pilot.app)  # type: ignore[arg-type]


async def test_the_keys_of_the_table_hold(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await open_list(pilot, MANY, 50)
        await pilot.press("/")
        await enter_text(pilot, "old-7")
        await pilot.press("enter")
        await settle(pilot)
        assert "old-49" not in text_of(pilot.app)  # type: ignore[arg-type]
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SessionScreen)
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert "old-49" in text_of(pilot.app)  # type: ignore[arg-type]
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.current_mode == "overview"
