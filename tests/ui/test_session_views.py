"""What stands beneath a session's timeline: agents, carried cost, truncation, facts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.session_pages import EXPLORE, MAIN, PLAN, app_with, opened, page
from tokwatch.analysis.carried import SERVER
from tokwatch.audit.raw import RawRecord
from tokwatch.model.usage import Usage
from tokwatch.pages.block import BlockAsk, BlockPage
from tokwatch.pages.carried_day import CarriedDay
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.session_agents import SessionAgents
from tokwatch.ui.widgets.session_carried import CarriedBlocks, CarriedSums
from tokwatch.ui.widgets.session_truncation import SessionLoss

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def test_v_goes_through_the_views(make_app: MakeApp) -> None:
    app = app_with(make_app)
    told = ("agents · 5", "carried by part", "truncation, simulated", "in calls of no transcript")
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        seen = []
        for _ in range(5):
            await pilot.press("v")
            await settle(pilot)
            seen.append(screen.view)
        assert seen == ["agents", "carried", "truncation", "facts", "requests"]
        await pilot.press("V")
        await settle(pilot)
        assert screen.view == "facts"
        for view, words in zip(seen[:3], told, strict=False):
            screen.action_show_view(view)
            await settle(pilot)
            assert words in text_of(app)


async def test_the_facts_tell_exact_figures(make_app: MakeApp) -> None:
    shown = page()
    assert shown.row is not None
    hidden = Usage(requests=3, auto_nano=1_250_000_000)
    app = app_with(make_app, replace(shown, row=replace(shown.row, hidden=hidden)))
    async with app.run_test(size=(120, 46)) as pilot:
        await opened(pilot, "V")
        text = text_of(app)
        for fact in (
            f"{shown.row.context.tokens:,} of 200,000",  # type: ignore[union-attr]
            "as the log tells it",
            "3 calls that no transcript shows",
            "$1.2500",
        ):
            assert fact in text


async def test_enter_on_an_agent_shows_its_context(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "v", "down", "enter")
        assert screen.asked == SessionAsk(*EXPLORE)
        kept = screen.asked.kept
        await pilot.press("down", "enter")
        await settle(pilot)
        assert screen.asked == SessionAsk(*PLAN)
        assert screen.asked.kept is kept
        row = screen.query_one(SessionAgents).rows[3]
        assert not row.is_known
        await pilot.press("down", "enter")
        await settle(pilot)
        assert screen.asked == SessionAsk(*PLAN)


async def test_carried_blocks_can_be_narrowed_to_a_sum(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "v", "v")
        blocks, sums = screen.query_one(CarriedBlocks), screen.query_one(CarriedSums)
        everything = len(blocks.rows)
        sums.focus()
        await pilot.press("right", "right")
        await settle(pilot)
        assert sums.way == SERVER
        await pilot.press("enter")
        await settle(pilot)
        assert 0 < len(blocks.rows) < everything
        assert {one.block.tool for one in blocks.rows} == {"mcp__db__query"}
        await pilot.press("enter")
        await settle(pilot)
        assert len(blocks.rows) == everything
        await pilot.press("left", "left", "left")
        assert sums.way == SERVER


async def test_enter_on_a_block_shows_its_record(make_app: MakeApp) -> None:
    app = app_with(make_app)
    record = BlockPage("/logs/7f3a.jsonl", 5002, RawRecord('{\n  "text": "one\\u001b[31m two"\n}'))
    feed_of(app).pages[BlockAsk] = record
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "v", "v")
        await pilot.press("enter")
        await settle(pilot)
        shown = text_of(app)
        assert '"text": "one\\u001b[31m two"' in shown
        assert "/logs/7f3a.jsonl:5002" in shown
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, SessionScreen)
    assert any(isinstance(ask, BlockAsk) for ask in feed_of(app).asked)


async def test_d_takes_the_day_and_enter_goes_to_the_session_of_a_block(
    make_app: MakeApp,
) -> None:
    shown = page()
    assert shown.inside is not None
    assert shown.inside.carried is not None
    other = shown.inside.carried.blocks[0]._replace(chain=MAIN._replace(session="other"))
    part = replace(shown.inside.carried, blocks=(other,))
    app = app_with(make_app, replace(shown, day=CarriedDay(20_000, part, 17, 17, 12)))
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "v", "v", "d")
        assert screen.asked == SessionAsk(*MAIN, day=True)
        assert "12 of 17 sessions are read in detail" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        there = app.screen
        assert isinstance(there, SessionScreen)
        assert there is not screen
        assert there.asked == SessionAsk(MAIN.source, "other")
        assert there.cursor == other.entered
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        await pilot.press("v")
        await settle(pilot)
        assert screen.asked == SessionAsk(*MAIN)


async def test_another_strategy_leaves_out_something_else(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "v", "v", "v")
        loss = screen.query_one(SessionLoss)
        assert "by sliding window" in loss.plain
        await pilot.press("down", "down")
        await settle(pilot)
        assert "by summary" in loss.plain
        shown = loss.plain
        await pilot.press(*["left"] * 20)
        await settle(pilot)
        assert loss.plain != shown
