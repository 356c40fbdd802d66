"""Suggestions on screen 6 and on the overview: ranked, explained, answered, followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.suggestion_pages import ALL, CHEAPER, DONE, PAGE, PREFIX, SHOWN, TRIGGERS
from tests.ui.test_alerts_screen import open_alerts
from tests.ui.test_pictures import Compare, keys
from tokwatch.config import load
from tokwatch.model.suggestion import NO_SAVINGS, SuggestionState
from tokwatch.pages.alerts import AlertsAsk, AlertsPage
from tokwatch.pages.suggestions import listed
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.ui import acting
from tokwatch.ui.screens.alerts import AlertsScreen
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.suggestion_facts import SuggestionFacts
from tokwatch.ui.widgets.suggestions_list import SuggestionsList

SIZE = (120, 36)


async def open_suggestions(pilot: Pilot[int], page: AlertsPage = PAGE) -> AlertsScreen:
    """Go to the screen of this page, and to its list of suggestions."""
    screen = await open_alerts(pilot, page)
    screen.query_one(SuggestionsList).focus()
    await settle(pilot)
    return screen


def test_those_that_ask_for_something_stand_first() -> None:
    dismissed = replace(PREFIX, state=SuggestionState.DISMISSED)

    assert listed([dismissed, DONE, CHEAPER]) == (CHEAPER, DONE, dismissed)


@pytest.mark.anyio
async def test_the_list_and_the_chosen_one(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_suggestions(pilot)
        found = screen.query_one(SuggestionsList)
        assert list(found.rows) == list(ALL)
        text = text_of(app)
        assert "est. $277.00/month" in text
        assert "≈$183.00 a month, 31%" in text
        assert "; first found " in screen.query_one(SuggestionFacts).plain

        await pilot.press("down", "down")
        await settle(pilot)
        assert "cut to 50%" in screen.query_one(SuggestionFacts).plain
        await pilot.press("down", "down")
        await settle(pilot)
        told = screen.query_one(SuggestionFacts).plain
        assert "worked, 412 requests since" in told
        assert "$15.00 of $18.00 a month" in told


@pytest.mark.anyio
async def test_answers_are_written_and_steps_are_copied(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_suggestions(pilot)
        await pilot.press("A", "D", "d")
        await settle(pilot)
        await app.workers.wait_for_complete()
        assert sorted(feed_of(app).done) == [("accepted", 1), ("dismissed", 1), ("done", 1)]

        await pilot.press("c")
        assert app.clipboard == "\n".join(PREFIX.steps)
        assert screen.query_one(SuggestionsList).row == PREFIX


@pytest.mark.anyio
async def test_the_prompt_goes_to_the_workbench(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    template = replace(PREFIX, kind="long-template", subject="text 0badcafe")
    async with app.run_test(size=SIZE) as pilot:
        await open_suggestions(pilot, replace(PAGE, suggestions=(template,)))
        await pilot.press("w")
        await settle(pilot)

        assert app.current_mode == "workbench"
        asked = [one for one in feed_of(app).asked if isinstance(one, LoggedAsk)]
        assert asked[-1] == LoggedAsk(*("claude-code", "7f3a-0000", "", 91), text="text 0badcafe")


@pytest.mark.anyio
async def test_enter_lands_on_the_dearest_request(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_suggestions(pilot)
        await pilot.press("enter")
        await settle(pilot)

        assert isinstance(app.screen, SessionScreen)


@pytest.mark.anyio
async def test_a_setting_is_written_and_taken_back(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    app = make_app(SHOWN, config="# mine\n[ui]\ntitles = false\n")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        acting.write_setting(app, CHEAPER)

        assert load(file, tmp_path, environ={}).suggestions.pins["docs"].project == "/code/docs"
        assert file.read_text("utf-8").startswith("# mine\n")
        acting.undo_setting(app)
        assert file.read_text("utf-8") == "# mine\n[ui]\ntitles = false\n"
        acting.write_setting(app, DONE)
        assert file.read_text("utf-8") == "# mine\n[ui]\ntitles = false\n"


@pytest.mark.anyio
async def test_an_empty_list_says_why(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, savings=NO_SAVINGS))
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_suggestions(pilot, replace(PAGE, suggestions=(), triggers=()))
        found = screen.query_one(SuggestionsList)
        assert "not looked yet" in text_of(app)

        quiet = replace(PAGE, suggestions=(), triggers=TRIGGERS[1:])
        assert "no reason to look" in found.why_empty(quiet)
        assert "high cost" in found.why_empty(replace(quiet, triggers=TRIGGERS))


@pytest.mark.anyio
async def test_the_overview_has_the_best_ones(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)

        assert "1  $183.00  the prompt of checkout-svc" in text_of(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 30)], ids=["wide", "narrow", "thin"])
def test_pictures(snap_compare: Compare, make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(SHOWN)
    feed_of(app).pages[AlertsAsk] = PAGE

    assert snap_compare(app, terminal_size=size, run_before=keys("6", "tab", "tab"))
