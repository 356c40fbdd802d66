"""Budgets and limits on the screen: standings, limits and goals; made and changed in a form."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.ui.budget_pages import (
    CLAUDE,
    CODEX,
    DAILY,
    DEAR,
    FULL,
    HITS,
    MONTH,
    NOW_MS,
    PAGE,
    PART,
    SESSION,
    SHOP,
)
from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.costs_pages import line as feed_line
from tests.ui.literal import BUSY, FIRST_RUN, NOW
from tests.ui.test_pictures import Compare, keys
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.standing import Held, Standing
from tokwatch.pages.budgets import EMPTY, BudgetsAsk, BudgetsPage
from tokwatch.pages.costs import CostsAsk
from tokwatch.pages.feed import FeedAsk, FeedPage, LeftOf
from tokwatch.ui import budget_words as words
from tokwatch.ui.acting import DEMO_WRITES
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.budget_form import BudgetForm
from tokwatch.ui.screens.budgets import BudgetsScreen
from tokwatch.ui.widgets.budget_facts import BudgetFacts
from tokwatch.ui.widgets.budget_list import BudgetList

SIZE = (120, 36)
SETTINGS = "# mine\n[budget.daily]\nusd = 80  # dollars\n"


async def open_budgets(pilot: Pilot[int], page: BudgetsPage = PAGE) -> BudgetsScreen:
    """Go to the screen of this page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[BudgetsAsk] = page
    await settle(pilot)
    await pilot.press("7")
    await settle(pilot)
    assert isinstance(app.screen, BudgetsScreen)
    return app.screen


@pytest.mark.anyio
async def test_each_budget_says_what_is_left_and_when_it_runs_out(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_budgets(pilot)
        text = text_of(app)
        await pilot.press("down", "down")
        await settle(pilot)
        facts = " ".join(screen.query_one(BudgetFacts).plain.replace("│", " ").split())

    assert "budgets · 5 · 1 over" in text
    assert "≈18:02 (17:02–23:02)" in text
    assert "$38.73" in text
    assert "≥5,600,000 tokens of 5,000,000 tokens" in facts
    assert "none: 600,000 tokens over" in facts


@pytest.mark.anyio
async def test_enter_shows_where_it_went(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_budgets(pilot)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        asked = feed_of(app).asked[-1]

    assert isinstance(asked, CostsAsk)
    assert asked.picks == (Pick(Facet.PROJECT, "/home/ana/checkout-svc"),)


@pytest.mark.anyio
async def test_a_new_budget_is_written_and_can_be_taken_back(make_app: MakeApp) -> None:
    app = make_app(config=SETTINGS)
    async with app.run_test(size=SIZE) as pilot:
        await open_budgets(pilot)
        await pilot.press("N")
        await settle(pilot)
        assert isinstance(app.screen, BudgetForm)
        await enter_text(pilot, "weekly")
        await pilot.press("enter")
        await enter_text(pilot, "5x tokens")
        await pilot.press("enter", "enter", "enter")
        problem = app.screen.query_one("#budget-problem", Static)
        assert "amount: write $80" in str(problem.render())
        app.screen.query_one("#budget-amount", Input).value = "5M tokens"
        app.screen.query_one("#budget-of", Input).value = "each project"
        await pilot.press("ctrl+s")
        await settle(pilot)
        written = app.config.file.read_text("utf-8")
        assert app.config.budget["weekly"].tokens == 5_000_000
        assert app.config.budget["weekly"].each == "project"
        await pilot.press("U")
        await settle(pilot)

    assert written.startswith(SETTINGS)
    assert app.config.file.read_text("utf-8") == SETTINGS


@pytest.mark.anyio
async def test_the_demo_writes_no_budget_into_the_users_settings(make_app: MakeApp) -> None:
    app = make_app(config=SETTINGS)
    app.demo = True
    async with app.run_test(size=SIZE) as pilot:
        await open_budgets(pilot)
        await pilot.press("E")
        await settle(pilot)
        app.screen.query_one("#budget-amount", Input).value = "$90"
        await pilot.press("ctrl+s")
        await settle(pilot)
        problem = app.screen.query_one("#budget-problem", Static)
        assert DEMO_WRITES in str(problem.render())
        await pilot.press("escape", "U")
        await settle(pilot)

    assert app.config.file.read_text("utf-8") == SETTINGS


@pytest.mark.anyio
async def test_a_budget_is_changed_renamed_and_deleted(make_app: MakeApp) -> None:
    app = make_app(config=SETTINGS)
    async with app.run_test(size=SIZE) as pilot:
        await open_budgets(pilot)
        await pilot.press("E")
        await settle(pilot)
        assert app.screen.query_one("#budget-amount", Input).value == "$80"
        app.screen.query_one("#budget-amount", Input).value = "$90"
        await pilot.press("ctrl+s")
        await settle(pilot)
        changed = app.config.file.read_text("utf-8")
        await pilot.press("E")
        await settle(pilot)
        app.screen.query_one("#budget-amount", Input).value = ""
        await pilot.press("ctrl+s")
        await settle(pilot)

    assert "usd = 90  # dollars" in changed
    assert app.config.budget == {}


@pytest.mark.anyio
async def test_a_part_of_a_split_is_changed_in_the_file(make_app: MakeApp) -> None:
    app = make_app(config=SETTINGS)
    async with app.run_test(size=SIZE) as pilot:
        await open_budgets(pilot)
        await pilot.press("end", "E")
        await settle(pilot)
        told = [str(one.message) for one in app._notifications]

    assert any("[split.pipeline]" in message for message in told)


@pytest.mark.anyio
async def test_the_feed_tells_what_was_left_after_each_request(make_app: MakeApp) -> None:
    left = {"30": LeftOf("daily", "usd", 38_730_000_000), "31": LeftOf("n", "requests", -2)}
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        feed_of(app).pages[FeedAsk] = FeedPage((feed_line(key=30), feed_line(key=31)), NOW_MS, left)
        await settle(pilot)
        await pilot.press("0")
        await settle(pilot)
        text = text_of(app)

    assert "budget left" in text
    assert "$38.73" in text
    assert "-2 req" in text


def test_states_are_told_in_words() -> None:
    assert words.state(DAILY) == ("warning", "▲ runs out")
    assert words.state(SHOP) == ("error", "! over")
    assert words.state(MONTH) == ("good", "· fine")
    assert words.state(SESSION) == ("good", "· unused")
    assert words.state(PART) == ("warning", "▲ 90%")


def test_an_end_is_an_estimate_with_its_band() -> None:
    assert words.ends(DAILY, NOW, "UTC") == "≈18:02 (17:02–23:02)"
    assert words.ends(PART, NOW, "UTC") == "≈14:32 (14:22 or later)"
    assert words.ends(SHOP, NOW, "UTC") == "is spent"
    assert words.ends(MONTH, NOW, "UTC") == "lasts"
    assert words.ends(SESSION, NOW, "UTC") == "–"
    at_worst = replace(MONTH, earliest_ms=NOW_MS + 3_600_000)
    assert words.ends(at_worst, NOW, "UTC") == "lasts; ≈15:02 at worst"


def test_goals_and_quotas_say_where_they_stand() -> None:
    assert words.goal_state(HITS)[1] == "· 50% there"
    assert words.goal_state(DEAR)[1] == "▼ further off"
    assert words.goal_state(replace(HITS, is_met=True))[1] == "✓ reached"
    assert words.goal_state(replace(HITS, value=None))[1] == "nothing used"
    assert words.quota_state(CODEX)[1] == "▲ full before it resets"
    assert words.quota_state(CLAUDE)[1] == "has reset since"


@pytest.mark.parametrize(
    ("first", "after", "told"),
    [
        ((2025, 10, 3), (2025, 10, 31), "3 to 30 Oct"),
        ((2025, 10, 20), (2025, 11, 17), "20 Oct to 16 Nov"),
        ((2024, 12, 15), (2025, 1, 12), "15 Dec to 11 Jan"),
        ((2024, 1, 1), (2024, 2, 1), "1 to 31 Jan 2024"),
        ((2024, 1, 1), (2025, 2, 1), "1 Jan 2024 to 31 Jan"),
        ((2025, 11, 17), (2025, 11, 18), "17 Nov"),
    ],
)
def test_a_goals_baseline_is_told_by_its_days(
    first: tuple[int, int, int], after: tuple[int, int, int], told: str
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = (datetime(*day, tzinfo=berlin).timestamp() for day in (first, after))

    assert words.days(int(begin * 1000), int(end * 1000), NOW, "Europe/Berlin") == told


def test_what_was_held_back_is_told_with_its_time() -> None:
    assert words.held(FULL.held) == "9 of 212 held back 1m 35s in all, at most 21 s"
    assert words.held(Held(7, 0, 0, 0)) == "none of 7 held back"


def test_an_empty_table_says_what_to_do() -> None:
    table = BudgetList()

    assert table.why_empty(EMPTY) == "no budget is set; N makes one"
    assert "counts anything" in table.why_empty(replace(EMPTY, has_budgets=True))


@pytest.mark.parametrize(
    ("size", "shown", "page", "pressed"),
    [
        pytest.param((120, 36), BUSY, PAGE, (), id="120x36"),
        pytest.param((80, 24), BUSY, PAGE, ("down",), id="80x24"),
        pytest.param((60, 40), BUSY, PAGE, ("down",), id="60x40"),
        pytest.param((120, 36), FIRST_RUN, EMPTY, (), id="first-run"),
        pytest.param((120, 36), BUSY, PAGE, ("N",), id="form"),
    ],
)
def test_picture(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    shown: Snapshot,
    page: BudgetsPage,
    pressed: tuple[str, ...],
) -> None:
    app = make_app(shown)
    feed_of(app).pages[BudgetsAsk] = page
    assert snap_compare(app, terminal_size=size, run_before=keys("7", *pressed))


@pytest.mark.parametrize(
    ("size", "budget"),
    [pytest.param((120, 36), DAILY, id="of-the-day"), pytest.param((80, 24), SHOP, id="over")],
)
def test_picture_of_the_overviews_budget(
    make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], budget: Standing
) -> None:
    app = make_app(replace(BUSY, budget=budget))
    assert snap_compare(app, terminal_size=size, run_before=keys())
